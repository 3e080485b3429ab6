// What the author of a vendor package uses.
export { defineVendor } from "../define-vendor.ts";
export { codeOfStatus } from "../task/failure.ts";
export { emitter } from "../events.ts";
export { experimental, media, type Media, type ModelRow, type ModelTable, type RequestOf } from "../request/request.ts";
export type { VendorCode } from "../task/failure.ts";
export type { Balance, Call, CheckedOf, Price, Read, Refusal, VendorSpec } from "../vendor.ts";
export { detail, failedTask, jsonText, lookUp, maybe, rule, timesOf, unixTime, worstStatus } from "./wire.ts";
// What the author of a router or of a helper over clients uses.
export { merge } from "../wait/merge.ts";
export { MEMBERS, membersOf, type Member } from "../internals.ts";
