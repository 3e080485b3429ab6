export * from "@vidtask/core";
export { createApixo } from "./apixo.ts";
export type { ApixoKling25TurboProRequest, ApixoKling26Request, ApixoRequest } from "./models.ts";
