export * from "@vidtask/core";
export { createAPIModels } from "./apimodels.ts";
export type {
  APIModelsKlingMotionControlRequest,
  APIModelsKlingV26Request,
  APIModelsKlingV3Request,
  APIModelsRequest,
} from "./models.ts";
