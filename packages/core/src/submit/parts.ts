// What few submits need, loaded before anything is sent: once a paid request may be on its way, no part may be missing.
import { part } from "../context/part.ts";

/** For files among the media. */
export const filesPart = part(() => import("./files.ts"));
/** For a client with a callback. */
export const signingPart = part(() => import("../callback/url.ts"));
