export * from "@vidtask/core";
export { createApixo } from "./apixo.ts";
export type { ApixoRequest } from "./map.ts";
