// What the author of a vendor package uses.
export { defineVendor } from "../define-vendor.ts";
export { codeOfStatus } from "../failure.ts";
export { media, type Media, type ModelRow, type ModelTable, type RequestOf } from "../request.ts";
export type { VendorCode } from "../failure.ts";
export type { Balance, Call, Price, Read, Refusal, VendorSpec } from "../vendor.ts";
