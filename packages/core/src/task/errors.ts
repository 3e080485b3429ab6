// One file: every error there is, so that they can be compared.
import type { Billed, ErrorCode, VendorCode } from "./failure.ts";
import type { Issue } from "./issue.ts";
import { formatRef, refOf, type FailedTask, type JsonObject, type Task, type TaskRef } from "./task.ts";

/** Which part of a task's life an error comes from. */
export type Phase = "plan" | "submit" | "poll" | "callback" | "download";

type Info<Extra = unknown> = {
  vendor: string;
  phase: Phase;
  ref?: TaskRef | undefined;
  idempotencyKey?: string | undefined;
  retryable?: boolean;
  billed?: Billed;
  cause?: unknown;
} & Extra;

// Symbol.for: an error made by one installed copy of core is recognised by another.
const KIND = Symbol.for("vidtask.error");
function isKind(error: unknown, kind?: string): boolean {
  try {
    const found = (error as { [KIND]?: unknown } | null | undefined)?.[KIND];
    return kind === undefined ? typeof found === "string" : found === kind;
  } catch {
    return false; // anything can be thrown, also what throws when it is read
  }
}

/**
 * The base of every error that vidtask throws on purpose. Its message says what to do next; it never contains an API key.
 */
export abstract class VidtaskError extends Error {
  /** What is wrong; the same codes for all vendors. */
  abstract readonly code: ErrorCode;
  /** The vendor; `"vidtask"` for a router, empty if none is known. */
  readonly vendor: string;
  /** Which part of a task's life it comes from. */
  readonly phase: Phase;
  /** The task, when one is known: pass it to `get` or `wait` to go on. */
  declare readonly ref?: TaskRef;
  /** The name of the submit, yours or the one vidtask chose. */
  declare readonly idempotencyKey?: string;
  /** True when the same call with the same key may succeed and cannot pay twice. */
  readonly retryable: boolean;
  /** Whether the submit behind this error was paid for. */
  readonly billed: Billed;

  constructor(kind: string, message: string, info: Info) {
    super(message, info.cause === undefined ? undefined : { cause: info.cause });
    this.name = kind;
    this.vendor = info.vendor;
    this.phase = info.phase;
    this.retryable = info.retryable ?? false;
    this.billed = info.billed ?? "unknown";
    if (info.ref) this.ref = refOf(info.ref);
    if (info.idempotencyKey !== undefined) this.idempotencyKey = info.idempotencyKey;
    Object.defineProperty(this, KIND, { value: kind });
  }

  /** The section about its code in ERRORS.md, in this package: what happened, whether it was paid for, what to do. */
  get docs(): string {
    return `@vidtask/core/ERRORS.md#${this.code}`;
  }

  /** True for an error of this class, even from another installed copy of core, where `instanceof` is false. */
  static isInstance(error: unknown): error is VidtaskError {
    return isKind(error);
  }

  /** Everything except the stack and the cause. Safe to log: it contains no secrets. */
  toJSON(): JsonObject {
    const { name, message, code, docs, ...own } = this as VidtaskError;
    const fields = Object.entries(own).filter(([field]) => field !== "cause" && field !== "stack");
    return { name, code, message, docs, ...(JSON.parse(JSON.stringify(Object.fromEntries(fields))) as JsonObject) };
  }
}

/** A request breaks a documented rule, or an option, a key or a ref cannot be used. This call has sent nothing. */
export class InvalidRequestError extends VidtaskError {
  readonly code = "invalid_request";
  /** Everything that is wrong, not only the first thing. */
  readonly issues: Issue[];
  constructor(info: Info<{ issues: Issue[] }>) {
    const list = info.issues.map((issue) => `${issue.path}: ${issue.message}`).join("; ");
    super("InvalidRequestError", list, { billed: "no", ...info });
    this.issues = info.issues;
  }
  static override isInstance(error: unknown): error is InvalidRequestError {
    return isKind(error, "InvalidRequestError");
  }
}

/** The vendor answered with a refusal. */
export class VendorError extends VidtaskError {
  readonly code: VendorCode;
  /** The HTTP status. */
  readonly status: number;
  /** The vendor's own code, if it has one. */
  declare readonly vendorCode?: string;
  /** How long the vendor asks to wait, in milliseconds. */
  declare readonly retryAfterMs?: number;
  constructor(
    message: string,
    info: Info<{
      code: VendorCode;
      status: number;
      vendorCode?: string | undefined;
      retryAfterMs?: number | undefined;
    }>,
  ) {
    super("VendorError", message, info);
    this.code = info.code;
    this.status = info.status;
    if (info.vendorCode !== undefined) this.vendorCode = info.vendorCode;
    if (info.retryAfterMs !== undefined) this.retryAfterMs = info.retryAfterMs;
  }
  static override isInstance(error: unknown): error is VendorError {
    return isKind(error, "VendorError");
  }
}

/**
 * The paid request left, and it is not known whether the vendor accepted it. vidtask never sends it again by itself; the
 * message says whether to wait for the callback, or to check the vendor's dashboard and then call `settleSubmit`.
 */
export class SubmitUnknownError extends VidtaskError {
  readonly code = "submit_unknown";
  declare readonly idempotencyKey: string;
  /** A task id from a damaged answer that could not be confirmed, or one that does not fit into a URL. */
  declare readonly unconfirmedTaskId?: string;
  constructor(why: string, info: Info<{ idempotencyKey: string; unconfirmedTaskId?: string | undefined }>) {
    const next = info.ref
      ? `The answer named ${formatRef(info.ref)}: ask for it with get()`
      : info.retryable
        ? "Submit again later under this key: what settles it by then, the other call or a callback, decides"
        : "Look into the vendor's dashboard, then settleSubmit() the key with the task's ref or as lost";
    super(
      "SubmitUnknownError",
      `${why}; the task may exist and be paid for. ${next} (key ${info.idempotencyKey})`,
      info,
    );
    if (info.unconfirmedTaskId !== undefined) this.unconfirmedTaskId = info.unconfirmedTaskId;
  }
  static override isInstance(error: unknown): error is SubmitUnknownError {
    return isKind(error, "SubmitUnknownError");
  }
}

/** The task ended without a video; `code` and `billed` are those of its failure. */
export class TaskFailedError extends VidtaskError {
  readonly code: VendorCode;
  /** With its `failure`, in canonical and in the vendor's words. */
  readonly task: FailedTask;
  constructor(info: Info<{ task: FailedTask }>) {
    const { failure } = info.task;
    super("TaskFailedError", `${formatRef(info.task)} failed: ${failure.message}`, {
      ...info,
      ref: info.task,
      billed: failure.billed,
    });
    this.code = failure.code;
    this.task = info.task;
  }
  static override isInstance(error: unknown): error is TaskFailedError {
    return isKind(error, "TaskFailedError");
  }
}

/** The wait's time is up; the task runs on, and you can `wait` for it again. Its `cause` is the last fault, if there was one. */
export class WaitTimeoutError extends VidtaskError {
  readonly code = "wait_timeout";
  /** What was last seen of it, if anything was. */
  declare readonly task?: Task;
  constructor(message: string, info: Info<{ task?: Task | undefined }>) {
    super("WaitTimeoutError", message, info);
    if (info.task) this.task = info.task;
  }
  static override isInstance(error: unknown): error is WaitTimeoutError {
    return isKind(error, "WaitTimeoutError");
  }
}

/** You aborted the call. `billed` says whether a paid request may have left before that; a task that exists runs on. */
export class AbortedError extends VidtaskError {
  readonly code = "aborted";
  /** `"AbortError"`, what frameworks test for; the other errors have the name of their class. */
  declare name: "AbortError";
  constructor(message: string, info: Info) {
    super("AbortedError", message, info);
    this.name = "AbortError";
  }
  static override isInstance(error: unknown): error is AbortedError {
    return isKind(error, "AbortedError");
  }
}

/** No answer came. From a submit this always means that nothing was sent (`billed: "no"`). */
export class ConnectionError extends VidtaskError {
  readonly code = "connection";
  constructor(message: string, info: Info) {
    super("ConnectionError", message, info);
  }
  static override isInstance(error: unknown): error is ConnectionError {
    return isKind(error, "ConnectionError");
  }
}

/** The journal could not be written, so nothing was sent. */
export class JournalError extends VidtaskError {
  readonly code = "journal";
  constructor(message: string, info: Info) {
    super("JournalError", message, { billed: "no", retryable: true, ...info });
  }
  static override isInstance(error: unknown): error is JournalError {
    return isKind(error, "JournalError");
  }
}

/** The vendor's answer is not what its pages document: where, what was expected, and a redacted excerpt. */
export class ProtocolError extends VidtaskError {
  readonly code = "protocol";
  /** Where in the body, such as `data.state`; absent if the whole body is wrong. */
  declare readonly path?: string;
  /** What the vendor's pages document there. */
  readonly expected: string;
  /** At most 500 characters of the body, secrets removed. */
  readonly excerpt: string;
  constructor(info: Info<{ path?: string | undefined; expected: string; excerpt: string }>) {
    const where = info.path ? ` at ${info.path}` : "";
    super(
      "ProtocolError",
      `unexpected answer${where}: expected ${info.expected}; got ${info.excerpt || "nothing"}`,
      info,
    );
    if (info.path) this.path = info.path;
    this.expected = info.expected;
    this.excerpt = info.excerpt;
  }
  static override isInstance(error: unknown): error is ProtocolError {
    return isKind(error, "ProtocolError");
  }
}

/** The video could not be downloaded completely; the target file is absent, or as it was before. */
export class DownloadError extends VidtaskError {
  readonly code = "download";
  constructor(message: string, info: Info) {
    super("DownloadError", message, info);
  }
  static override isInstance(error: unknown): error is DownloadError {
    return isKind(error, "DownloadError");
  }
}
