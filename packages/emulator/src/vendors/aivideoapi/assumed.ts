// Everything here is ASSUMED: AIVideoAPI documents the case (or the case cannot be avoided), but not what is answered.
// Nothing a client relies on may come from this file alone. The codes are documented, their messages are not: they
// are the descriptions of /docs/getting-started/authentication and of the page's own table, in English.
import type { Quantiles } from "../../state/random.ts";
import { error, failCodes } from "./bodies.ts";

/**
 * assumed: no duration is documented. (The completed example's two times are 1 h 45 min apart; its failed one has no end.)
 * Milliseconds.
 */
export const TIME: Quantiles = [
  [0, 60_000],
  [1, 180_000],
];

/** assumed: that a receiver's time is limited at all. Milliseconds. */
export const CALLBACK_TIMEOUT = 30_000;

/** assumed: a limit of requests is documented without its number; one that no reasonable test meets. */
export const REQUESTS_PER_MINUTE = 10_000;

/** assumed: a field outside the model's own table; the shape of the sentence is that of a wrong duration. */
export const invalidTop = (path: string, rule: string) => error("invalid_request", `'${path}' ${rule}.`);

/** assumed: that JSON is sent is in every example, the refusal of anything else is not. */
export const notJson = () => error("invalid_request", "The request body must be a JSON object.");

/** assumed: no limit of the body's size is documented; the emulator's own is 1 MiB. */
export const tooLarge = () => error("invalid_request", "The request body is too large.");

export const badKey = () => error("invalid_api_key", "Key is invalid, disabled, or deleted.");
export const addressNotAllowed = () => error("ip_not_allowed", "Request IP not in allowlist.");
export const unknownModel = (name: string) => error("model_not_found", `Model '${name}' not found.`);
export const unknownTask = (id: string) => error("task_not_found", `Task '${id}' not found.`);
export const rateLimited = () => error("rate_limit_exceeded", "Too many requests. Please slow down.");
export const spendLimited = () => error("spend_limit_exceeded", "Key spend limit reached.");
export const outage = (status: 500 | 503) =>
  status === 500
    ? error("internal_error", "Internal server error.")
    : error("upstream_error", "The upstream AI service returned an error.");

/** assumed: a path that no page names. */
export const unknownPath = () => ({
  status: 404,
  body: { error: { code: "not_found", message: "Not found.", type: "invalid_request_error" } },
});

/** assumed: an image that cannot be fetched fails the task, in the words of the one printed failure (D). */
export const failure = { code: "upstream_error", message: failCodes.upstream_error };
