// Everything here is ASSUMED: APIModels documents the case (or the case cannot be avoided), but not what is answered.
// Nothing a client relies on may come from this file alone. The codes 400, 401, 402, 404 and 500 are documented
// without any body; the envelope is taken from the answers that are printed.
import type { Quantiles } from "../../state/random.ts";
import { envelope } from "./bodies.ts";
import type { Order } from "./models.ts";

/**
 * C: half of a week's videos took up to 142 s, nine of ten up to 486 s. assumed: the fastest, the slowest, and straight
 * lines between. Milliseconds, for all models alike.
 */
export const TIME: Quantiles = [
  [0, 40_000],
  [0.5, 142_000],
  [0.9, 486_000],
  [1, 900_000],
];

/** assumed: no default is documented; these are the upstream API's (U), and silence is the cheaper one. */
export const DEFAULTS = { mode: "std", duration: "5", aspect_ratio: "16:9", sound: "off" } as const;

/** assumed: how often a callback is sent again in the background; that it is, for up to 30 minutes, is documented (D). Milliseconds. */
export const REDELIVER_EVERY = 120_000;

/** assumed: the result is as long as the motion video; the length of one that was not uploaded here is unknown. Seconds. */
export const MOTION_SECONDS = 5;

/** assumed: no limit of a body's or a file's size is printed; base64 pictures and uploads have to fit. Bytes. */
export const MAX_BYTES = 2 ** 26;

export const missingField = (name: string) => envelope(400, `Missing required parameter: ${name}`, null);
export const invalidField = (name: string, rule: string) => envelope(400, `Invalid parameter: ${name} ${rule}`, null);
export const notJson = () => envelope(400, "Request body must be a JSON object sent as application/json", null);
export const tooLarge = () => envelope(413, "Request body too large", null);

/** assumed: what the price table (D) has no row for is not sold: sound in std of kling-v2-6, voices without sound. */
export const notSold = ({ mode, sound, voices }: Order) =>
  envelope(
    400,
    `Invalid parameter: this model has no mode ${mode} ${sound ? "with" : "without"} sound${voices ? " and with voices" : ""}`,
    null,
  );

export const badKey = () => envelope(401, "Invalid API key", null);
export const noCredits = () => envelope(402, "Insufficient balance", null);
export const unknownTask = () => envelope(404, "Task not found", null);
export const unknownPath = () => envelope(404, "Not found", null);
/** assumed: neither a limit nor its answer is documented. */
export const rateLimited = () => envelope(429, "Too many requests", null);
/** assumed: 500 is documented, 503 is not. */
export const outage = (status: 500 | 503) =>
  envelope(status, status === 500 ? "Internal server error" : "Service unavailable", null);

/** assumed: a picture or video that cannot be fetched fails the task, without a code as in the printed failure (D). */
export const failure = { message: "Failed to fetch the input file" };

/** C: codes that the vendor's own client has seen; no page prints one. assumed: their messages. */
export const failCodes = {
  CONTENT_MODERATION: "Content policy violation",
  UPSTREAM_BUSY: "The upstream service is busy",
  TIMEOUT: "Generation timed out",
} as const;

/** assumed: the bucket is R2 (P), which speaks as S3 does: 403 for a wrong type, a wrong signature and a late PUT. */
export const refusedUpload = (status: 403 | 413, code: string) =>
  new Response(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`, {
    status,
    headers: { "content-type": "application/xml" },
  });
