// What a user holds: a client of one vendor.
import type { CancelOptions } from "../poll/cancel.ts";
import type { ResumeResult } from "../poll/resume.ts";
import type { WaitOptions } from "../poll/wait-options.ts";
import type { Plan } from "../request/plan.ts";
import type { VideoRequest } from "../request/request.ts";
import type { SubmitOptions } from "../submit/submit-options.ts";
import type { Task, TaskRef, SucceededTask } from "../task/task.ts";
import type { ModelSpecs } from "../vendor-spec/models.ts";
import type { Balance } from "../vendor-spec/readings.ts";

/** For `await using`: `drain()` without a limit. Present where the program's `lib` knows `Symbol.asyncDispose`: older ones compile too. */
export type AsyncDisposal = SymbolConstructor extends { readonly asyncDispose: infer S extends symbol }
  ? { [K in S]: () => Promise<void> }
  : object;

/** A client of one vendor. Without type parameters it is the wide client: any model, checked at run time. */
export interface VideoClient<
  R extends VideoRequest = VideoRequest,
  M extends ModelSpecs = ModelSpecs,
> extends AsyncDisposal {
  /** The vendor's name, as in every ref and error; `"vidtask"` for a router. */
  readonly vendor: string;
  /** The models as data: family, page, times, and the request's schema. */
  readonly models: M;
  /**
   * Returns what a submit would do. Pure and synchronous; needs no API key. If the client has a `callback`, the body shows where
   * the signed part of its URL goes.
   * @throws InvalidRequestError exactly when `submit` would
   */
  plan(request: R): Plan<R>;
  /**
   * Submits a task and returns it as soon as the vendor has accepted it. The paid request leaves at most once per key.
   * @throws VendorError, SubmitUnknownError, ConnectionError, JournalError, AbortedError, InvalidRequestError
   */
  submit(request: R, options?: SubmitOptions): Promise<Task>;
  /**
   * Asks the vendor for a task once. A failed task is a value here.
   * @throws VendorError, ProtocolError, ConnectionError, AbortedError, InvalidRequestError
   */
  get(ref: TaskRef, options?: { signal?: AbortSignal | undefined }): Promise<Task>;
  /**
   * Yields the task at every change, until it ends. A failed task is the last value.
   * @throws WaitTimeoutError, AbortedError, VendorError, ProtocolError, InvalidRequestError
   */
  watch(ref: TaskRef, options?: WaitOptions): AsyncIterable<Task>;
  /**
   * Waits until a task has succeeded. Temporary faults do not end the wait.
   * @throws TaskFailedError, WaitTimeoutError, AbortedError, VendorError, ProtocolError, InvalidRequestError
   */
  wait(ref: TaskRef, options?: WaitOptions): Promise<SucceededTask>;
  /** `submit` and `wait` in one. @throws what either throws */
  generate(request: R, options?: SubmitOptions & WaitOptions): Promise<SucceededTask>;
  /**
   * Stops a task, and returns it as the vendor then reports it; a task that has ended is left alone. Present if the vendor
   * documents a cancel. The idempotency key stays used.
   * @throws VendorError, ConnectionError, ProtocolError, AbortedError, InvalidRequestError at `destroy`
   */
  cancel?(ref: TaskRef, options?: CancelOptions): Promise<Task>;
  /**
   * Returns the balance of the account; present if the vendor documents it.
   * @throws VendorError, ProtocolError, ConnectionError, InvalidRequestError
   */
  balance?(): Promise<Balance>;
  /**
   * Yields every open submit of the journal: accepted ones when their tasks end, others with the reason why they are open. It sends
   * no paid request, and you may run it twice or in two processes. The error of one submit never ends it.
   * @throws JournalError when the journal cannot be read
   */
  resume(options?: WaitOptions): AsyncIterable<ResumeResult>;
  /**
   * Starts no more paid requests (waiting submits reject with `billed: "no"`), and resolves when no paid request is in flight and
   * every answer is in the journal. For SIGTERM handlers and `await using`.
   * @throws AbortedError if `timeout` passes first (milliseconds; 0 does not wait; the default, `Infinity`, has no
   * limit); it names what is still under way, such as the submit or the `onTask` of a key
   */
  drain(options?: { timeout?: number | undefined }): Promise<void>;
}
