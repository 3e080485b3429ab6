// Everything here is ASSUMED: APIXO documents the case (or the case cannot be avoided), but not what is answered.
// Nothing a client relies on may come from this file alone.
import type { Quantiles } from "../../state/random.ts";
import { envelope } from "./bodies.ts";

/** assumed: no price of the Kling models is printed on any page at hand; a flat one keeps sums easy to check. US dollars. */
export const PRICE = 0.1;

/** assumed: of the models whose times no page at hand shows, roughly those that the others print. Milliseconds. */
export const TIME: Quantiles = [
  [0, 60_000],
  [1, 180_000],
];

/**
 * assumed: "Invalid request" with `data.error` is documented for a missing field only; a field that breaks its
 * documented rule is refused in the same shape, so that the rule can be read.
 */
export const invalidField = (path: string, rule: string) =>
  envelope(400, "Invalid request", { error: `Invalid value for field: ${path} (${rule})` });

/** assumed: JSON is documented as the request's type, the refusal of anything else is not. */
export const notJson = () =>
  envelope(400, "Invalid request", { error: "Request body must be a JSON object sent as application/json" });

/** assumed: 404 is documented for an unknown model or task, its body is not. A task under another model is unknown there. */
export const unknownModel = () => envelope(404, "Model not found", null);
export const unknownTask = () => envelope(404, "Task not found", null);

/** assumed: a path that no page names. */
export const unknownPath = () => envelope(404, "Not found", null);

/** assumed: both limits are documented to answer 429; the words are the page's description of the code. No rate headers are documented. */
export const rateLimited = () => envelope(429, "Rate limit exceeded", null);

/** assumed: no limit of the body's size is documented; the emulator's own is 1 MiB. */
export const tooLarge = () => envelope(413, "Request body too large", null);

/** assumed: both are documented as codes, in no body. */
export const outage = (status: 500 | 503) =>
  envelope(status, status === 500 ? "Server error" : "Model temporarily unavailable", null);

/** assumed: the messages. The codes are documented, on /docs/api-reference/error-codes and, newer, /docs/api-reference/errors. */
export const failCodes: Readonly<Record<string, string>> = {
  NSFW_DETECTED: "NSFW content detected",
  PROMPT_TOO_LONG: "Prompt is too long",
  INVALID_PROMPT: "Prompt is invalid",
  IMAGE_TOO_LARGE: "Image is too large",
  UNSUPPORTED_FORMAT: "Unsupported format",
  IMAGE_DOWNLOAD_FAILED: "Image download failed",
  PROCESSING_TIMEOUT: "Processing timed out",
  MODEL_UNAVAILABLE: "Model is unavailable",
  GENERATION_FAILED: "Generation failed",
  INSUFFICIENT_CREDITS: "Insufficient credits",
  SensitiveContent: "Sensitive content",
  SensitiveContentDetected: "Sensitive content detected",
  InputImageSensitiveContentDetected: "Sensitive content detected in the input image",
  InputOutputSensitiveContentDetected: "Sensitive content detected in the input or output",
  NSFW: "NSFW content",
  ProhibitedContentDetected: "Prohibited content detected",
  PromptLengthExceeded: "Prompt length exceeded",
};
