import { part } from "../context/part.ts";

/** For a vendor that lists its tasks, or takes a request twice: loaded before anything is sent, as all parts are. */
export const recoveryPart = part(() => import("./recovery.ts"));
