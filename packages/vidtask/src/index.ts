export * from "@vidtask/core";
export { createApixo, type ApixoRequest } from "@vidtask/apixo";
