export * from "@vidtask/core";
export { createAIVideoAPI } from "./aivideoapi.ts";
export type { AIVideoAPIKling26Request, AIVideoAPIRequest } from "./models.ts";
