// What of vidtask's errors the AI SDK has to know: whether to try again. The rest stays on the error.
import { APICallError } from "@ai-sdk/provider";
import { AbortedError, InvalidRequestError, VendorError, VidtaskError, type Issue, type Phase } from "@vidtask/core";

/**
 * An error of a vendor, a network or a journal, as the AI SDK takes it: an `APICallError` whose `isRetryable` is vidtask's
 * `retryable`. The SDK tries again only where the same call with the same key cannot pay twice. `cause` is the error itself,
 * `data` its `toJSON()`: `ref`, `code`, `billed`, `idempotencyKey` and `docs`, without a secret.
 */
export class VidtaskCallError extends APICallError {
  declare readonly cause: VidtaskError;
  /** vidtask's code of it, as `submit_unknown`; `@vidtask/core/ERRORS.md` has a section for each. */
  readonly code: VidtaskError["code"];
  /** Whether the submit behind it was paid for. */
  readonly billed: VidtaskError["billed"];
  /** The task, where one is known: `getVideoStatus` takes it as `operation`, and any vidtask client in `get` and `wait`. */
  readonly ref: VidtaskError["ref"];
  /** The name of the submit: the same call with the header `idempotency-key` of this value cannot pay twice. */
  readonly idempotencyKey: string | undefined;

  constructor(error: VidtaskError) {
    const { status, retryAfterMs } = VendorError.isInstance(error) ? error : {};
    super({
      message: error.message,
      url: `vidtask:${error.vendor}/${error.phase}`,
      requestBodyValues: {},
      ...(status === undefined ? {} : { statusCode: status }),
      ...(retryAfterMs === undefined ? {} : { responseHeaders: { "retry-after-ms": String(retryAfterMs) } }),
      isRetryable: error.retryable,
      data: error.toJSON(),
      cause: error,
    });
    this.code = error.code;
    this.billed = error.billed;
    this.ref = error.ref;
    this.idempotencyKey = error.idempotencyKey;
  }
}

/**
 * What the model throws for an error: a `VidtaskCallError`. An abort stays vidtask's `AbortedError`, whose name the SDK
 * knows, and a wrong call its `InvalidRequestError`; neither is tried again.
 */
export const toSdkError = (error: unknown): unknown =>
  VidtaskError.isInstance(error) && !AbortedError.isInstance(error) && !InvalidRequestError.isInstance(error)
    ? new VidtaskCallError(error)
    : error;

/**
 * The vidtask error inside what `generateVideo`, `startVideo` or `getVideoStatus` threw, also after their retries; nothing
 * where there is none. It has `ref`, `code`, `billed` and `idempotencyKey`.
 */
export function vidtaskErrorOf(error: unknown): VidtaskError | undefined {
  const seen = new Set<unknown>();
  for (let inner = error; typeof inner === "object" && inner !== null && !seen.has(inner);) {
    if (VidtaskError.isInstance(inner)) return inner;
    seen.add(inner);
    const { cause, lastError } = inner as { cause?: unknown; lastError?: unknown }; // `lastError`: of the SDK's RetryError
    inner = lastError ?? cause;
  }
  return undefined;
}

/** What is wrong with a call, before anything is sent. */
export const invalid = (vendor: string, issues: Issue[], phase: Phase = "plan"): InvalidRequestError =>
  new InvalidRequestError({ vendor, phase, issues, billed: phase === "plan" ? "no" : "unknown" });
