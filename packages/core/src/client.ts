import { untilAborted } from "./abort.ts";
import { createContext, type ClientContext, type ClientOptions } from "./client-context.ts";
import { systemClock } from "./clock.ts";
import { AbortedError } from "./errors.ts";
import { emitter } from "./events.ts";
import { ask } from "./http.ts";
import { memoryJournal } from "./journal.ts";
import { planRequest, type Plan } from "./plan.ts";
import { readTask } from "./read.ts";
import type { ModelTable, VideoRequest } from "./request.ts";
import { submitTask, type SubmitOptions } from "./submit.ts";
import type { SucceededTask, Task, TaskRef } from "./task.ts";
import type { Adapter, Balance } from "./vendor.ts";
import { waitForTask, watchTask, type WaitContext, type WaitOptions } from "./wait.ts";

/** A client of one vendor. Without type parameters it is the wide client: any model, checked at run time. */
export interface VideoClient<R extends VideoRequest = VideoRequest, M extends ModelTable = ModelTable> {
  readonly vendor: string;
  readonly models: M;
  /**
   * What a submit would do. Pure and synchronous, needs no key.
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
  /** The task at every change, until it ends. A failed task is the last value. */
  watch(ref: TaskRef, options?: WaitOptions): AsyncIterable<Task>;
  /**
   * Waits for a task to succeed. Passing faults do not end it.
   * @throws TaskFailedError, WaitTimeoutError, AbortedError, VendorError
   */
  wait(ref: TaskRef, options?: WaitOptions): Promise<SucceededTask>;
  /** `submit` and `wait` in one. `timeout` is the wait's. @throws what either throws */
  generate(request: R, options?: SubmitOptions & WaitOptions): Promise<SucceededTask>;
  /** What the account holds; present where the vendor documents it. */
  balance?(): Promise<Balance>;
  /**
   * Stops new paid requests (waiting submits reject, `billed: "no"`) and resolves when none is in flight and none waits
   * to be journaled. For SIGTERM handlers and `await using`.
   * @throws AbortedError when `timeout` (ms) passes first
   */
  drain(options?: { timeout?: number }): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Where a client carries its internals: that is how `saveVideo` and others reach its fetch, base URL and clock. */
export const CLIENT = Symbol.for("vidtask.client");

/** The internals of any vidtask client, made by this copy of core or another. */
export function contextOf(client: object): ClientContext {
  const context = (client as { [CLIENT]?: ClientContext })[CLIENT];
  if (!context) throw new TypeError("not a vidtask client: pass what createApixo() or another factory returned");
  return context;
}

/** The client of an adapter. */
export function createClient(adapter: Adapter, options: ClientOptions): VideoClient {
  const closing = new AbortController();
  const { clock = systemClock, journal = memoryJournal() } = options;
  const context = createContext({ adapter, options, clock, journal, closing: closing.signal });
  const { balance } = adapter;

  async function generate(request: VideoRequest, given: SubmitOptions & WaitOptions = {}): Promise<SucceededTask> {
    const { timeout, ...submitOptions } = given;
    const key = given.key ?? crypto.randomUUID();
    const mayRepeat = given.key !== undefined && journal.durable === true;
    const task = await submitTask(context, request, submitOptions, key);
    const about: WaitContext = { key, mayRepeat, duration: request.duration };
    return waitForTask(context, task, { ...given, timeout }, about);
  }

  async function drain({ timeout }: { timeout?: number } = {}): Promise<void> {
    closing.abort();
    const late = timeout === undefined ? undefined : AbortSignal.timeout(timeout);
    while (context.inFlight.size > 0)
      await untilAborted(Promise.all(context.inFlight), late, () => drainLate(context, timeout));
  }

  return {
    vendor: adapter.vendor,
    models: adapter.models,
    plan: (request) => planRequest(adapter, request, { canUpload: options.upload !== undefined }),
    submit: (request, given) => submitTask(context, request, given),
    get: (ref, { signal } = {}) => readTask(context, ref, { signal, emit: emitter(context.onEvent) }),
    watch: (ref, given) => watchTask(context, ref, given),
    wait: (ref, given) => waitForTask(context, ref, given),
    generate,
    ...(balance && {
      balance: () => ask(context, balance.call, { phase: "poll", emit: emitter(context.onEvent) }, balance.read),
    }),
    drain,
    [Symbol.asyncDispose]: () => drain(),
    [CLIENT]: context,
  } as VideoClient;
}

const drainLate = ({ adapter, inFlight }: ClientContext, timeout: number | undefined): AbortedError =>
  new AbortedError(`${inFlight.size} paid request(s) still in flight after ${timeout} ms`, {
    vendor: adapter.vendor,
    phase: "submit",
  });
