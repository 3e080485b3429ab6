// What the author of a vendor package uses.
export { defineTestedVendor, defineVendor } from "./client/create-client.ts";
export { codeOfStatus } from "./task/failure.ts";
export { requestSchema, undocumented, type ModelSpec, type ModelSpecs, type RequestOf } from "./vendor-spec/models.ts";
export { base64Of } from "./vendor-spec/data-url.ts";
export { file, media, type Media, type MediaLimits } from "./vendor-spec/media.ts";
export type { VendorCode } from "./task/failure.ts";
export type { Json, JsonObject, TaskRef } from "./task/task.ts";
export type { Asked, AuthHeaders, HttpCall, SecretNames, SecretsOf } from "./vendor-spec/call.ts";
export type {
  Balance,
  Found,
  Next,
  Price,
  RawCallback,
  Refusal,
  Sought,
  TaskStatus,
  Unverified,
} from "./vendor-spec/readings.ts";
export type { CheckedOf, SubmitAbout, VendorSpec } from "./vendor-spec/spec.ts";
export {
  lenient,
  failedTask,
  hmacSha256,
  isOk,
  jsonString,
  lookUp,
  nullish,
  crossFieldRule,
  timesOf,
  unixTime,
  url,
  effectiveStatus,
  amount,
  taskId,
  urls,
  wordOf,
} from "./vendor-spec/wire.ts";
