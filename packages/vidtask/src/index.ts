export * from "@vidtask/core";
export { createAIVideoAPI, type AIVideoAPIRequest } from "@vidtask/aivideoapi";
export { createAPIModels, type APIModelsRequest } from "@vidtask/apimodels";
export { createApixo, type ApixoRequest } from "@vidtask/apixo";
export type { RouteOptions, FamilyRequest, Offer } from "./family.ts";
export { createVidtask, type Vidtask } from "./router.ts";
export { pricesFrom, readPriceTable, type PriceTable } from "./price-table.ts";
