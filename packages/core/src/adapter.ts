// What the author of a vendor package uses.
export { defineVendor } from "./client/create-client.ts";
export { codeOfStatus } from "./task/failure.ts";
export { emitter } from "./task/events.ts";
export { experimental, type ModelRow, type ModelTable, type RequestOf } from "./vendor-spec/models.ts";
export { media, type Media } from "./vendor-spec/media.ts";
export type { VendorCode } from "./task/failure.ts";
export type { Balance, Call, CheckedOf, Price, Read, Refusal, VendorSpec } from "./vendor-spec/spec.ts";
export {
  detail,
  failedTask,
  jsonText,
  lookUp,
  maybe,
  rule,
  timesOf,
  unixTime,
  worstStatus,
} from "./vendor-spec/wire.ts";
// What the author of a router or of a helper over clients uses.
export { merge } from "./client/members.ts";
export { MEMBERS, membersOf, type Member } from "./client/members.ts";
