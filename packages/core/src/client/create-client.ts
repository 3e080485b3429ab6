import { checkClientOptions } from "../context/client-options.ts";
import { createContext } from "../context/context.ts";
import type { ClientOptions } from "../context/options.ts";
import { abortedError } from "../http/aborted.ts";
import { checkedJournal } from "../journal/checked-journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { stopped, type WaitContext } from "../poll/wait-context.ts";
import { CANCEL_RULES, GET_RULES, WAIT_RULES, checkAsking, type WaitOptions } from "../poll/wait-options.ts";
import { canonicalRequest } from "../request/canonical.ts";
import type { VideoRequest } from "../request/request.ts";
import { planSubmit } from "../submit/plan-submit.ts";
import { submitAborted } from "../submit/submission.ts";
import { SUBMIT_RULES, readSubmitOptions, type CheckedSubmit, type SubmitOptions } from "../submit/submit-options.ts";
import { checkSubmit, type Name } from "../submit/submit.ts";
import { InvalidRequestError } from "../task/errors.ts";
import { emitter } from "../task/events.ts";
import { issue } from "../task/issue.ts";
import { isTerminal, type SucceededTask, type Task, type TaskRef } from "../task/task.ts";
import { untilAborted } from "../time/abort.ts";
import { systemClock } from "../time/clock.ts";
import { steadyClock } from "../time/steady-clock.ts";
import { traced } from "../trace.ts";
import type { SecretNames } from "../vendor-spec/call.ts";
import type { RequestOf, ModelSpecs } from "../vendor-spec/models.ts";
import type { VendorSpec, Adapter } from "../vendor-spec/spec.ts";
import { checkSpec } from "./check-spec.ts";
import type { VideoClient } from "./client.ts";
import { drainClient } from "./drain.ts";
import { MEMBERS, STEP, type InnerMember, type SubmitStep } from "./members.ts";
import { calls, rareCalls } from "./parts.ts";

const GENERATE_RULES = { ...SUBMIT_RULES, ...WAIT_RULES };

/** The client of an adapter. */
export function createClient(adapter: Adapter, given?: ClientOptions | null): VideoClient {
  const options = checkClientOptions(given, adapter);
  const closing = new AbortController();
  const { journal = memoryJournal() } = options;
  const clock = steadyClock(options.clock ?? systemClock);
  const context = createContext({ adapter, options, clock, journal, closing: closing.signal });
  const { balance, cancel } = adapter;
  let isOwnJournal = options.journal !== undefined;
  const { vendor } = adapter;
  const asking = { vendor, phase: "poll" } as const;
  const paying = { vendor, phase: "submit" } as const;

  const submit = (
    given: VideoRequest,
    checked: CheckedSubmit,
    { key = checked.options.idempotencyKey ?? crypto.randomUUID(), ...name }: Name = {},
  ): Promise<Task> =>
    traced(
      "submit",
      () => ({ vendor, idempotencyKey: key, prompt: given?.prompt }),
      async (trace) => {
        const call = checkSubmit(context, given, checked, { ...name, key, trace });
        const aborted = () => submitAborted({ context, key, mayBeAccepted: false, mayRepeat: true });
        const { runSubmit } = await untilAborted(calls({ ...paying, key }), call.options.signal, aborted);
        return runSubmit(context, call);
      },
    );

  async function generate(request: VideoRequest, given?: SubmitOptions & WaitOptions): Promise<SucceededTask> {
    const checked = readSubmitOptions(given, GENERATE_RULES, "generate");
    const { options } = checked;
    const key = options.idempotencyKey ?? crypto.randomUUID();
    const { duration } = request ?? {}; // now: the object is the caller's, who may change it
    const task = await submit(request, checked, { key });
    const mayRepeat = options.idempotencyKey !== undefined && context.journal.durable === true;
    return member.endOf(task, options, { key, mayRepeat, duration });
  }

  async function get(anyRef: TaskRef, given?: { signal?: AbortSignal | undefined }): Promise<Task> {
    const { ref, options } = checkAsking(context, anyRef, { given, rules: GET_RULES, of: "get" });
    const { signal } = options;
    const aborted = () => abortedError(context, { phase: "poll", ref });
    const { getTask } = await untilAborted(calls({ ...asking, ref }), signal, aborted);
    return getTask(context, ref, signal);
  }

  async function* watch(anyRef: TaskRef, given?: WaitOptions): AsyncGenerator<Task, void, undefined> {
    const { ref, options } = checkAsking(context, anyRef, { given, rules: WAIT_RULES, of: "watch" });
    const { watchTask } = await waiting(ref, options);
    yield* watchTask(context, ref, options);
  }

  async function wait(anyRef: TaskRef, given?: WaitOptions): Promise<SucceededTask> {
    const { ref, options } = checkAsking(context, anyRef, { given, rules: WAIT_RULES, of: "wait" });
    const { waitForTask } = await waiting(ref, options);
    return waitForTask(context, ref, options);
  }

  const waiting = (ref: TaskRef, { signal }: WaitOptions, about: WaitContext = { mayRepeat: true }) =>
    untilAborted(calls({ ...asking, ref, key: about.key }), signal, () => stopped(context, ref, about));

  const client: VideoClient = {
    vendor: adapter.vendor,
    models: adapter.models,
    plan: (request) => planSubmit(context, canonicalRequest(request, adapter.models)),
    submit: async (request, given) => submit(request, readSubmitOptions(given, SUBMIT_RULES, "submit")),
    get,
    watch,
    wait,
    generate,
    ...(cancel && {
      async cancel(anyRef, given) {
        const { ref, options } = checkAsking(context, anyRef, { given, rules: CANCEL_RULES, of: "cancel" });
        const aborted = () => abortedError(context, { phase: "poll", ref });
        const { cancelTask } = await untilAborted(rareCalls({ ...asking, ref }), options.signal, aborted);
        return cancelTask(context, ref, cancel, options);
      },
    }),
    ...(balance && {
      async balance() {
        const { callVendor } = await calls(asking);
        const emit = emitter(context.onEvent);
        return callVendor(context, balance.call, { phase: "poll", asked: "balance", emit }, balance.read);
      },
    }),
    resume: (given) =>
      laterIterator(async () => {
        const { resumeAll, findLost } = await rareCalls(asking);
        return resumeAll(context, findLost, given);
      }),
    drain: (given) => drainClient(context, () => closing.abort(), given),
    [Symbol.asyncDispose]: () => client.drain(),
  };
  const member: InnerMember = {
    client,
    context,
    spec: adapter,
    journal: options.journal,
    onEvent: options.onEvent,
    submitAs: async (request, given, key, identity, step) =>
      submit(request, readSubmitOptions(given, GENERATE_RULES, "submit"), { key, identity, step }),
    // A key that was used before may have its end in the journal, also when the vendor has forgotten the task.
    async endOf(task, given, about) {
      const { endOf, waitForTask } = await waiting(task, given, about);
      return isTerminal(task) ? endOf(context, task, about) : waitForTask(context, task, given, about);
    },
    adopt(shared) {
      const checked = checkedJournal(shared);
      if (isOwnJournal && checked !== context.journal) throw otherJournal(adapter.vendor);
      isOwnJournal = true;
      context.journal = checked;
    },
  };
  const step: SubmitStep = (request, given, key, notes) => member.submitAs(request, given, key, request, notes);
  return Object.assign(client, { [MEMBERS]: () => [member], [STEP]: step });
}

/** What `open` gives, opened when the first item is asked for. */
function laterIterator<T>(open: () => Promise<AsyncIterableIterator<T, void>>): AsyncIterableIterator<T, void> {
  let opening: Promise<AsyncIterableIterator<T, void>> | undefined;
  let isLeft = false;
  const done = { done: true, value: undefined } as const;
  const iterator: AsyncIterableIterator<T, void> = {
    async next() {
      if (isLeft) return done;
      opening ??= open();
      return (await opening.catch((error: unknown) => ((opening = undefined), Promise.reject(error as Error)))).next();
    },
    async return() {
      isLeft = true;
      await (await opening?.catch(() => undefined))?.return?.();
      return done;
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}

const otherJournal = (vendor: string): InvalidRequestError =>
  new InvalidRequestError({
    vendor,
    phase: "plan",
    issues: [issue("journal", "the same for all vendors of a router: with two, one key could pay twice")],
  });

/**
 * Makes the factory of a vendor's client from its description. Everything that can lose money or tasks is core's; what
 * is given here is data and pure functions.
 *
 * @throws TypeError that names the member of the description that is wrong
 */
export const defineVendor = <const M extends ModelSpecs, const S extends SecretNames>(
  spec: VendorSpec<M, S>,
): ((options?: ClientOptions<S>) => VideoClient<RequestOf<M>, M>) => {
  const adapter = checkSpec(spec as unknown as Adapter);
  return (options) =>
    createClient(adapter, options as ClientOptions | undefined) as unknown as VideoClient<RequestOf<M>, M>;
};
