import { findLost } from "../callback/find.ts";
import { checkClientOptions } from "../context/client-options.ts";
import { createContext } from "../context/context.ts";
import type { ClientOptions } from "../context/options.ts";
import { abortedError, callVendor } from "../http/call.ts";
import { checkedJournal } from "../journal/checked-journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { cancelTask } from "../poll/cancel.ts";
import { readTask, recall } from "../poll/read.ts";
import { resumeAll } from "../poll/resume.ts";
import { CANCEL_RULES, GET_RULES, WAIT_RULES, checkAsking, type WaitOptions } from "../poll/wait-options.ts";
import { endOf, waitForTask, watchTask } from "../poll/wait.ts";
import { canonicalRequest } from "../request/canonical.ts";
import type { VideoRequest } from "../request/request.ts";
import { planSubmit } from "../submit/plan-submit.ts";
import { SUBMIT_RULES, readSubmitOptions, type SubmitOptions } from "../submit/submit-options.ts";
import { submitTask } from "../submit/submit.ts";
import { InvalidRequestError } from "../task/errors.ts";
import { emitter } from "../task/events.ts";
import { issue } from "../task/issue.ts";
import { isTerminal, type SucceededTask, type Task, type TaskRef } from "../task/task.ts";
import { untilAborted } from "../time/abort.ts";
import { systemClock } from "../time/clock.ts";
import { steadyClock } from "../time/steady-clock.ts";
import type { SecretNames } from "../vendor-spec/call.ts";
import type { RequestOf, ModelSpecs } from "../vendor-spec/models.ts";
import type { VendorSpec, Adapter } from "../vendor-spec/spec.ts";
import { checkSpec } from "./check-spec.ts";
import type { VideoClient } from "./client.ts";
import { drainClient } from "./drain.ts";
import { MEMBERS, STEP, type InnerMember, type SubmitStep } from "./members.ts";

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
  const waiting = (ref: TaskRef, given: WaitOptions | undefined, of: string): WaitOptions =>
    checkAsking(context, ref, { given, rules: WAIT_RULES, of });

  async function generate(request: VideoRequest, given?: SubmitOptions & WaitOptions): Promise<SucceededTask> {
    const checked = readSubmitOptions(given, GENERATE_RULES, "generate");
    const { options } = checked;
    const key = options.idempotencyKey ?? crypto.randomUUID();
    const { duration } = request ?? {}; // now: the object is the caller's, who may change it
    const task = await submitTask(context, request, checked, { key });
    const mayRepeat = options.idempotencyKey !== undefined && context.journal.durable === true;
    return member.endOf(task, options, { key, mayRepeat, duration });
  }

  async function get(anyRef: TaskRef, given?: { signal?: AbortSignal | undefined }): Promise<Task> {
    const { signal } = checkAsking(context, anyRef, { given, rules: GET_RULES, of: "get" });
    const about = { signal, emit: emitter(context.onEvent) };
    const aborted = () => abortedError(context, { phase: "poll", asked: "status", ref: anyRef, emit: about.emit });
    const { ref, duration } = await untilAborted(recall(context, anyRef), signal, aborted);
    return readTask(context, ref, { ...about, duration });
  }

  const client: VideoClient = {
    vendor: adapter.vendor,
    models: adapter.models,
    plan: (request) => planSubmit(context, canonicalRequest(request, adapter.models)),
    submit: async (request, given) => submitTask(context, request, readSubmitOptions(given, SUBMIT_RULES, "submit")),
    get,
    async *watch(ref, given) {
      yield* watchTask(context, ref, waiting(ref, given, "watch"));
    },
    wait: async (ref, given) => waitForTask(context, ref, waiting(ref, given, "wait")),
    generate,
    ...(cancel && {
      cancel: async (ref, given) =>
        cancelTask(context, ref, cancel, checkAsking(context, ref, { given, rules: CANCEL_RULES, of: "cancel" })),
    }),
    ...(balance && {
      balance: () =>
        callVendor(
          context,
          balance.call,
          { phase: "poll", asked: "balance", emit: emitter(context.onEvent) },
          balance.read,
        ),
    }),
    resume: (given) => resumeAll(context, findLost, given),
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
      submitTask(context, request, readSubmitOptions(given, GENERATE_RULES, "submit"), { key, identity, step }),
    // A key that was used before may have its end in the journal, also when the vendor has forgotten the task.
    async endOf(task, given, about) {
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
