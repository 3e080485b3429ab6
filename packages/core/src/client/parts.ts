// The parts of a client that are loaded when they are first needed. What a bundler is to leave out where nobody asks for it
// is marked as pure.
import { part } from "../context/part.ts";

/** A submit, a question, a wait. */
export const calls = /* @__PURE__ */ part(() => import("./calls.ts"));
/** A cancel, a resume, the search for a lost submit. */
export const rareCalls = /* @__PURE__ */ part(() => import("./rare-calls.ts"));
/** What `settleSubmit` does. */
export const settling = /* @__PURE__ */ part(() => import("./settle-row.ts"));
/** What `step` does. */
export const stepping = /* @__PURE__ */ part(() => import("./take-step.ts"));
/** Tasks as they were last seen. */
export const holding = /* @__PURE__ */ part(() => import("./held-tasks.ts"));
/** The answers to callbacks. */
export const receiving = /* @__PURE__ */ part(() => import("../callback/receiver.ts"));
/** Downloads. */
export const downloading = /* @__PURE__ */ part(() => import("../download/stream.ts"));
