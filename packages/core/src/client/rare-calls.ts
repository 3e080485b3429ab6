// What few programs call: loaded by the first call.
export { contextOf } from "../context/context.ts";
export { findLost } from "../callback/find.ts";
export { cancelTask } from "../poll/cancel.ts";
export { resumeAll } from "../poll/resume.ts";
