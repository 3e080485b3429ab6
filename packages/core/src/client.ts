import { untilAborted } from "./abort.ts";
import { planCallback } from "./callback/callback.ts";
import { createContext, type ClientContext, type ClientOptions } from "./client-context.ts";
import { safeDelay, systemClock } from "./clock.ts";
import { AbortedError, InvalidRequestError } from "./errors.ts";
import { emitter } from "./events.ts";
import { abortedError, ask } from "./http.ts";
import { MEMBERS, type Member } from "./internals.ts";
import { memoryJournal } from "./journal/journal.ts";
import { planRequest, type Plan } from "./request/plan.ts";
import { issue, type ModelTable, type VideoRequest } from "./request/request.ts";
import { canUpload } from "./request/upload.ts";
import { submitTask, type SubmitOptions } from "./submit/submit.ts";
import { isTerminal, type SucceededTask, type Task, type TaskRef } from "./task/task.ts";
import type { Adapter, Balance } from "./vendor.ts";
import { readTask, recall } from "./wait/read.ts";
import { resumeAll, type Resumed } from "./wait/resume.ts";
import { endOf, waitForTask, watchTask, type WaitOptions } from "./wait/wait.ts";

/** A client of one vendor. Without type parameters it is the wide client: any model, checked at run time. */
export interface VideoClient<R extends VideoRequest = VideoRequest, M extends ModelTable = ModelTable> {
  /** Its name, as in every ref and error: `apixo`, `aivideoapi`, `apimodels`; `vidtask` of a router. */
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
   * @throws WaitTimeoutError, AbortedError, VendorError, InvalidRequestError
   */
  watch(ref: TaskRef, options?: WaitOptions): AsyncIterable<Task>;
  /**
   * Waits for a task to succeed. Passing faults do not end it.
   * @throws TaskFailedError, WaitTimeoutError, AbortedError, VendorError, InvalidRequestError
   */
  wait(ref: TaskRef, options?: WaitOptions): Promise<SucceededTask>;
  /** `submit` and `wait` in one. `timeout` is the wait's. @throws what either throws */
  generate(request: R, options?: SubmitOptions & WaitOptions): Promise<SucceededTask>;
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
  resume(options?: WaitOptions): AsyncIterable<Resumed>;
  /**
   * Stops new paid requests (waiting submits reject, `billed: "no"`) and resolves when none is in flight and none waits
   * to be journaled. For SIGTERM handlers and `await using`.
   * @throws AbortedError when `timeout` (ms) passes first
   */
  drain(options?: { timeout?: number }): Promise<void>;
  /** `drain()` without a limit, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The client of an adapter. */
export function createClient(adapter: Adapter, options: ClientOptions): VideoClient {
  const closing = new AbortController();
  const { clock = systemClock, journal = memoryJournal() } = options;
  const context = createContext({ adapter, options, clock, journal, closing: closing.signal });
  const { balance } = adapter;
  let isOwnJournal = options.journal !== undefined;

  async function generate(request: VideoRequest, given: SubmitOptions & WaitOptions = {}): Promise<SucceededTask> {
    const { timeout, ...submitOptions } = given;
    const key = given.key ?? crypto.randomUUID();
    const task = await submitTask(context, request, submitOptions, key);
    const mayRepeat = given.key !== undefined && context.journal.durable === true;
    return member.endOf(task, { ...given, timeout }, { key, mayRepeat, duration: request.duration });
  }

  async function get(anyRef: TaskRef, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<Task> {
    const about = { signal, emit: emitter(context.onEvent) };
    const aborted = () => abortedError(context, { phase: "poll", ref: anyRef, emit: about.emit });
    const { ref, duration } = await untilAborted(recall(context, anyRef), signal, aborted);
    return readTask(context, ref, { ...about, duration });
  }

  async function drain({ timeout }: { timeout?: number } = {}): Promise<void> {
    closing.abort();
    const late = timeout === undefined ? undefined : AbortSignal.timeout(safeDelay(timeout));
    while (context.inFlight.size > 0)
      await untilAborted(Promise.all(context.inFlight), late, () => drainLate(context, timeout));
  }

  const client: VideoClient = {
    vendor: adapter.vendor,
    models: adapter.models,
    plan: (request) => planRequest(adapter, request, { canUpload: canUpload(context), ...planCallback(context, {}) }),
    submit: (request, given) => submitTask(context, request, given),
    get,
    watch: (ref, given) => watchTask(context, ref, given),
    wait: (ref, given) => waitForTask(context, ref, given),
    generate,
    ...(balance && {
      balance: () => ask(context, balance.call, { phase: "poll", emit: emitter(context.onEvent) }, balance.read),
    }),
    resume: (given) => resumeAll(context, given),
    drain,
    [Symbol.asyncDispose]: () => drain(),
  };
  const member: Member = {
    client,
    context,
    submitAs: (request, given, key, identity) => submitTask(context, request, given, key, identity),
    // A key that was used before may have its end in the journal: the vendor need not know the task any more.
    async endOf(task, given, about) {
      return isTerminal(task) ? endOf(context, task, about) : waitForTask(context, task, given, about);
    },
    adopt(shared) {
      if (isOwnJournal && shared !== context.journal) throw otherJournal(adapter.vendor);
      isOwnJournal = true;
      context.journal = shared;
    },
  };
  return Object.assign(client, { [MEMBERS]: [member] });
}

const otherJournal = (vendor: string): InvalidRequestError =>
  new InvalidRequestError({
    vendor,
    phase: "plan",
    issues: [issue("journal", "the same for all vendors of a router: with two, one key could pay twice")],
  });

const drainLate = ({ adapter, inFlight }: ClientContext, timeout: number | undefined): AbortedError =>
  new AbortedError(`${inFlight.size} paid request(s) still in flight after ${timeout} ms`, {
    vendor: adapter.vendor,
    phase: "submit",
  });
