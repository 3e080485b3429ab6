export * from "@vidtask/core";
export { createAPIModels } from "./apimodels.ts";
export type { APIModelsRequest } from "./map.ts";
