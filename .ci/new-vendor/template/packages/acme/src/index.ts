export * from "@vidtask/core";
export { createAcme } from "./acme.ts";
export type { AcmeRequest } from "./models.ts";
