// APIXO's failure words in canonical ones. The set is open: what is not listed is `unknown`, with the word kept.
import type { Refusal, VendorCode } from "@vidtask/core/adapter";
import { codeOfStatus } from "@vidtask/core/adapter";

const FAIL_CODES: { readonly [failCode: string]: VendorCode } = {
  // The model pages.
  CONTENT_VIOLATION: "content_rejected",
  INVALID_IMAGE_URL: "invalid_media",
  // /docs/api-reference/error-codes
  NSFW_DETECTED: "content_rejected",
  PROMPT_TOO_LONG: "invalid_request",
  INVALID_PROMPT: "invalid_request",
  IMAGE_TOO_LARGE: "invalid_media",
  UNSUPPORTED_FORMAT: "invalid_media",
  IMAGE_DOWNLOAD_FAILED: "invalid_media",
  PROCESSING_TIMEOUT: "timeout",
  MODEL_UNAVAILABLE: "upstream",
  GENERATION_FAILED: "internal",
  INSUFFICIENT_CREDITS: "insufficient_credits",
  // /docs/api-reference/errors, the newer page
  SensitiveContent: "content_rejected",
  SensitiveContentDetected: "content_rejected",
  InputImageSensitiveContentDetected: "content_rejected",
  InputOutputSensitiveContentDetected: "content_rejected",
  NSFW: "content_rejected",
  ProhibitedContentDetected: "content_rejected",
  PromptLengthExceeded: "invalid_request",
};

export const failureCode = (failCode: string | undefined): VendorCode =>
  (failCode !== undefined && Object.hasOwn(FAIL_CODES, failCode) && FAIL_CODES[failCode]) || "unknown";

/** A refusal by the envelope's `code`; "Insufficient credits" comes as a 400 like any bad request. */
export function refusalOf(code: number, message: string, detail: string | undefined): Refusal {
  const isMoney = code === 402 || /insufficient (credits|balance)/i.test(message);
  return {
    code: isMoney ? "insufficient_credits" : codeOfStatus(code),
    message: detail ? `${message}: ${detail}` : message,
  };
}
