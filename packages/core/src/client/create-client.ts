import { planCallback } from "../callback/url.ts";
import { createContext, type ClientContext } from "../context/context.ts";
import type { ClientOptions } from "../context/options.ts";
import { abortedError, callVendor } from "../http/call.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { readTask, recall } from "../poll/read.ts";
import { resumeAll } from "../poll/resume.ts";
import { endOf, waitForTask, watchTask, type WaitOptions } from "../poll/wait.ts";
import { planRequest } from "../request/plan.ts";
import type { VideoRequest } from "../request/request.ts";
import { canUpload } from "../submit/prepare.ts";
import { submitTask, type SubmitOptions } from "../submit/submit.ts";
import { AbortedError, InvalidRequestError } from "../task/errors.ts";
import { emitter } from "../task/events.ts";
import { issue } from "../task/issue.ts";
import { isTerminal, type SucceededTask, type Task, type TaskRef } from "../task/task.ts";
import { untilAborted } from "../time/abort.ts";
import { safeDelay, systemClock } from "../time/clock.ts";
import type { RequestOf, ModelSpecs } from "../vendor-spec/models.ts";
import type { VendorSpec, Adapter } from "../vendor-spec/spec.ts";
import type { VideoClient } from "./client.ts";
import { MEMBERS, type InnerMember } from "./members.ts";

/** The client of an adapter. */
export function createClient(adapter: Adapter, options: ClientOptions): VideoClient {
  const closing = new AbortController();
  const { clock = systemClock, journal = memoryJournal() } = options;
  const context = createContext({ adapter, options, clock, journal, closing: closing.signal });
  const { balance } = adapter;
  let isOwnJournal = options.journal !== undefined;

  async function generate(request: VideoRequest, given: SubmitOptions & WaitOptions = {}): Promise<SucceededTask> {
    const key = given.idempotencyKey ?? crypto.randomUUID();
    const task = await submitTask(context, request, given, key);
    const mayRepeat = given.idempotencyKey !== undefined && context.journal.durable === true;
    return member.endOf(task, given, { key, mayRepeat, duration: request.duration });
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
      balance: () => callVendor(context, balance.call, { phase: "poll", emit: emitter(context.onEvent) }, balance.read),
    }),
    resume: (given) => resumeAll(context, given),
    drain,
    [Symbol.asyncDispose]: () => drain(),
  };
  const member: InnerMember = {
    client,
    context,
    spec: adapter,
    journal: options.journal,
    onEvent: options.onEvent,
    submitAs: (request, given, key, identity) => submitTask(context, request, given, key, identity),
    // A key that was used before may have its end in the journal, also when the vendor has forgotten the task.
    async endOf(task, given, about) {
      return isTerminal(task) ? endOf(context, task, about) : waitForTask(context, task, given, about);
    },
    adopt(shared) {
      if (isOwnJournal && shared !== context.journal) throw otherJournal(adapter.vendor);
      isOwnJournal = true;
      context.journal = shared;
    },
  };
  return Object.assign(client, { [MEMBERS]: () => [member] });
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

/**
 * Makes the factory of a vendor's client from its description. Everything that can lose money or tasks is core's; what
 * is given here is data and pure functions.
 */
export const defineVendor =
  <const M extends ModelSpecs>(spec: VendorSpec<M>): ((options?: ClientOptions) => VideoClient<RequestOf<M>, M>) =>
  (options = {}) =>
    createClient(spec as unknown as Adapter, options) as unknown as VideoClient<RequestOf<M>, M>;
