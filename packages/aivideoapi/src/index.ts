export * from "@vidtask/core";
export { createAIVideoAPI } from "./aivideoapi.ts";
export type { AIVideoAPIRequest } from "./map.ts";
