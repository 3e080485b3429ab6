// vidtask's errors for the AI SDK, which only needs to know whether to try again. The rest stays on the error.
import { APICallError } from "@ai-sdk/provider";
import { AbortedError, InvalidRequestError, VendorError, VidtaskError, type Issue, type Phase } from "@vidtask/core";

/**
 * An error of a vendor, a network or a journal, in the AI SDK's form: an `APICallError` whose `isRetryable` is vidtask's
 * `retryable`. The SDK tries again only if the same call with the same key cannot pay twice. `cause` is the error itself,
 * `data` its `toJSON()`: `ref`, `code`, `billed`, `idempotencyKey` and `docs`, without secrets.
 */
export class VidtaskCallError extends APICallError {
  declare readonly cause: VidtaskError;
  /** vidtask's error code, such as `submit_unknown`; `@vidtask/core/ERRORS.md` has a section for each. */
  readonly code: VidtaskError["code"];
  /** Whether the submit behind it was paid for. */
  readonly billed: VidtaskError["billed"];
  /** The task, if one is known: pass it to `getVideoStatus` as `operation`, or to `get` and `wait` of any vidtask client. */
  readonly ref: VidtaskError["ref"];
  /** The key of the submit: the same call with this value in the header `idempotency-key` cannot pay twice. */
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
 * Converts an error to what the model throws: a `VidtaskCallError`. An abort stays vidtask's `AbortedError`, whose name the SDK
 * knows, and a wrong call its `InvalidRequestError`; neither is tried again.
 */
export const toSdkError = (error: unknown): unknown =>
  VidtaskError.isInstance(error) && !AbortedError.isInstance(error) && !InvalidRequestError.isInstance(error)
    ? new VidtaskCallError(error)
    : error;

/**
 * Finds the vidtask error inside an error that `generateVideo`, `startVideo` or `getVideoStatus` threw, also after retries. It
 * has `ref`, `code`, `billed` and `idempotencyKey`. Returns `undefined` if there is none.
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

/** The error for a wrong call, before anything is sent. */
export const invalid = (vendor: string, issues: Issue[], phase: Phase = "plan"): InvalidRequestError =>
  new InvalidRequestError({ vendor, phase, issues, billed: phase === "plan" ? "no" : "unknown" });
