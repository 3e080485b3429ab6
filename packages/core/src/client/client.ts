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
  /** Its name, as in every ref and error; `vidtask` of a router. */
  readonly vendor: string;
  /** The models as data: family, page, times, and the request's schema. */
  readonly models: M;
  /**
   * What a submit would do. Pure and synchronous, needs no key. Of a client with `callback` the body shows where the
   * signed part of the URL goes.
   * @throws InvalidRequestError exactly where `submit` would
   */
  plan(request: R): Plan<R>;
  /**
   * Submits a task and returns it as soon as the vendor has accepted it. The paid request leaves at most once per key.
   * @throws VendorError, SubmitUnknownError, ConnectionError, JournalError, AbortedError, InvalidRequestError
   */
  submit(request: R, options?: SubmitOptions): Promise<Task>;
  /**
   * What the vendor says of a task now. A failed task is a value here.
   * @throws VendorError, ProtocolError, ConnectionError, AbortedError, InvalidRequestError
   */
  get(ref: TaskRef, options?: { signal?: AbortSignal | undefined }): Promise<Task>;
  /**
   * The task at every change, until it ends. A failed task is the last value.
   * @throws WaitTimeoutError, AbortedError, VendorError, ProtocolError, InvalidRequestError
   */
  watch(ref: TaskRef, options?: WaitOptions): AsyncIterable<Task>;
  /**
   * Waits for a task to succeed. Passing faults do not end it.
   * @throws TaskFailedError, WaitTimeoutError, AbortedError, VendorError, ProtocolError, InvalidRequestError
   */
  wait(ref: TaskRef, options?: WaitOptions): Promise<SucceededTask>;
  /** `submit` and `wait` in one. @throws what either throws */
  generate(request: R, options?: SubmitOptions & WaitOptions): Promise<SucceededTask>;
  /**
   * Stops a task, and returns what the vendor then says of it; one that has ended is left alone. Present where the vendor
   * documents it. Its idempotency key stays used.
   * @throws VendorError, ConnectionError, ProtocolError, AbortedError, InvalidRequestError at `destroy`
   */
  cancel?(ref: TaskRef, options?: CancelOptions): Promise<Task>;
  /**
   * What the account holds; present where the vendor documents it.
   * @throws VendorError, ProtocolError, ConnectionError, InvalidRequestError
   */
  balance?(): Promise<Balance>;
  /**
   * Every open submit of the journal as each comes to its end: waits for what was accepted, names what is unknown. Sends
   * no paid request; running it twice, or in two processes, is harmless. One submit's error never ends it.
   * @throws JournalError when the journal cannot be read
   */
  resume(options?: WaitOptions): AsyncIterable<ResumeResult>;
  /**
   * Stops new paid requests (waiting submits reject, `billed: "no"`) and resolves when none is in flight and none waits
   * to be journaled. For SIGTERM handlers and `await using`.
   * @throws AbortedError when `timeout` passes first (milliseconds; 0 does not wait, `Infinity`, like nothing, has no
   * limit); it names what is still under way, as the submit or the `onTask` of a key
   */
  drain(options?: { timeout?: number | undefined }): Promise<void>;
}
