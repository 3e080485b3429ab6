import type { ClientContext } from "../context/context.ts";
import type { Redact } from "../redact.ts";
import type { Plan } from "../request/plan.ts";
import type { VideoRequest } from "../request/request.ts";
import { AbortedError, ConnectionError, VendorError, type InvalidRequestError } from "../task/errors.ts";
import type { OnEvent } from "../task/events.ts";
import type { JsonObject } from "../task/task.ts";
import type { Trace } from "../trace.ts";

/** One submit under way, from the claim of its key to the task or the error it ends with. */
export type Submission = {
  readonly context: ClientContext;
  readonly plan: Plan<VideoRequest>;
  readonly key: string;
  /** The kind of task, where the vendor has kinds. */
  readonly variant: { variant?: string };
  /** Whether the key was drawn, so that no caller will come with it again. */
  readonly generatedKey: boolean;
  /** Whether the same call may be made again without paying twice, once a POST has left. */
  readonly mayRepeat: boolean;
  /** The refusal of anything that would be paid for. */
  readonly tooDear: InvalidRequestError | undefined;
  readonly kept: JsonObject;
  readonly hash: string;
  /** The URL for the vendor's callback to the key's n-th POST, as it is signed at that time in ms. */
  readonly callbackUrl: (attempt: number, at: number) => Promise<string | undefined>;
  /** Whether such a callback, and so the same call again, may still settle an unknown outcome. */
  readonly mayRecover: boolean;
  /** The client's, which here also removes the caller's own callback URL. */
  readonly redact: Redact;
  readonly emit: OnEvent;
  /** Aborts when the caller aborts or the client drains: no POST may start any more. */
  readonly stop: AbortSignal;
  /** Milliseconds in which a POST may still start. */
  readonly remaining: () => number;
  /** Milliseconds in which what it needs, files and credentials, has to be there. */
  readonly preparing: () => number;
  /**
   * True from the moment a POST leaves, ours or that of another call under the key, until its outcome is known to be
   * anything but acceptance.
   */
  mayBeAccepted: boolean;
  /** The shared limits have given it a slot and a request, which it has not used yet. */
  hasRoom?: boolean;
  /** Present in a step, which waits for nothing. */
  readonly step?: StepNotes | undefined;
  /** Present where somebody listens. */
  readonly trace: Trace;
};

/** What a step has to know of the submit that it is. */
export type StepNotes = {
  /** The limits left no room; it may be worth asking again after this time, in ms. */
  lacksRoom(waitMs: number): void;
  /** Another call is sending under the key. */
  isInFlight(): void;
  /** The limits keep the question for the key's task back; it may be worth asking again after this time, in ms. */
  holdsBack(waitMs: number): void;
};

/** The error of a submit that its caller, or a draining client, stopped. */
export function submitAborted({
  context,
  key,
  mayBeAccepted,
  mayRepeat,
}: Pick<Submission, "context" | "key" | "mayBeAccepted" | "mayRepeat">): AbortedError {
  const message = mayBeAccepted
    ? `stopped waiting for the answer; the request had left, and its task goes to the journal under key ${key}`
    : "stopped before anything was sent";
  return new AbortedError(message, {
    vendor: context.adapter.vendor,
    phase: "submit",
    idempotencyKey: key,
    billed: mayBeAccepted ? "unknown" : "no",
    retryable: !mayBeAccepted || mayRepeat,
  });
}

/** The error of a submit whose paid request never left: the same may be made again. */
export function notSubmitted({ context, key }: Submission, message: string, cause?: Error): ConnectionError {
  const { vendor } = context.adapter;
  const about = { vendor, phase: "submit", idempotencyKey: key, billed: "no", retryable: true } as const;
  return new ConnectionError(message, { ...about, cause });
}

/** The error of a submit that a 429, its own or another request's, has held back for as long as it may take. */
export function rateLimited({ context, key, step }: Submission): VendorError | undefined {
  const limit = context.limiter.limitedBy();
  if (!limit) return undefined;
  step?.lacksRoom(context.limiter.opensIn());
  const { vendor } = context.adapter;
  const message = `${vendor} limits how often it is asked, and left no room for a submit in time; nothing was sent: submit again`;
  const { code, status, vendorCode, retryAfterMs } = limit;
  const about = { vendor, phase: "submit", idempotencyKey: key, billed: "no", retryable: true } as const;
  return new VendorError(message, { ...about, code, status, vendorCode, retryAfterMs });
}
