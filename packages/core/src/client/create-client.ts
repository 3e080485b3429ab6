import { checkClientOptions } from "../context/client-options.ts";
import type { ClientOptions } from "../context/options.ts";
import { createSettings } from "../context/settings.ts";
import type { WaitContext } from "../poll/wait-context.ts";
import { CANCEL_RULES, GET_RULES, WAIT_RULES, checkAsking, type WaitOptions } from "../poll/wait-options.ts";
import { canonicalRequest } from "../request/canonical.ts";
import type { VideoRequest } from "../request/request.ts";
import { planSubmit } from "../submit/plan-submit.ts";
import { SUBMIT_RULES, readSubmitOptions, type CheckedSubmit, type SubmitOptions } from "../submit/submit-options.ts";
import type { Name } from "../submit/submit.ts";
import { checkOptions } from "../task/check-options.ts";
import { InvalidRequestError } from "../task/errors.ts";
import { issue } from "../task/issue.ts";
import type { SucceededTask, Task, TaskRef } from "../task/task.ts";
import type { SecretNames } from "../vendor-spec/call.ts";
import type { RequestOf, ModelSpecs } from "../vendor-spec/models.ts";
import type { VendorSpec, Adapter } from "../vendor-spec/spec.ts";
import { checkSpec } from "./check-spec.ts";
import type { VideoClient } from "./client.ts";
import { DRAIN_RULES } from "./drain.ts";
import { MEMBERS, STEP, type InnerMember, type SubmitStep } from "./members.ts";
import { calls, rareCalls } from "./parts.ts";

const GENERATE_RULES = { ...SUBMIT_RULES, ...WAIT_RULES };

/** The client of an adapter. */
export function createClient(adapter: Adapter, given?: ClientOptions | null): VideoClient {
  const closing = new AbortController();
  const settings = createSettings(adapter, checkClientOptions(given, adapter), closing.signal);
  const { vendor, models, balance, cancel } = adapter;
  const { later } = settings;
  const ownJournal = later.journal;
  const asking = { vendor, phase: "poll" } as const;
  const paying = { vendor, phase: "submit" } as const;

  async function submit(
    given: VideoRequest,
    { options, issues }: CheckedSubmit,
    { key = options.idempotencyKey ?? crypto.randomUUID(), identity: for_ = given, step }: Name = {},
  ): Promise<Task> {
    // Now: the objects are the caller's, who may change them.
    const request = canonicalRequest(given, models);
    const identity = for_ === given ? request : canonicalRequest(for_, models);
    const { contextOf, submitTask } = await calls({ ...paying, key, signal: options.signal });
    return submitTask(contextOf(settings), { request, identity, options, issues, key, step });
  }

  async function generate(request: VideoRequest, given?: SubmitOptions & WaitOptions): Promise<SucceededTask> {
    const checked = readSubmitOptions(given, GENERATE_RULES, "generate");
    const { options } = checked;
    const key = options.idempotencyKey ?? crypto.randomUUID();
    const task = await submit(request, checked, { key });
    const mayRepeat = options.idempotencyKey !== undefined && later.journal?.durable === true;
    return endOf(task, options, { key, mayRepeat });
  }

  // A key that was used before may have its end in the journal, also when the vendor has forgotten the task.
  async function endOf(task: Task, options: WaitOptions, about: WaitContext): Promise<SucceededTask> {
    const { key, mayRepeat } = about;
    const { contextOf, endOfTask } = await calls({ ...asking, ref: task, key, mayRepeat, signal: options.signal });
    return endOfTask(contextOf(settings), task, options, about);
  }

  async function get(anyRef: TaskRef, given?: { signal?: AbortSignal | undefined }): Promise<Task> {
    const { ref, options } = checkAsking(settings, anyRef, { given, rules: GET_RULES, of: "get" });
    const { contextOf, getTask } = await calls({ ...asking, ref, signal: options.signal });
    return getTask(contextOf(settings), ref, options.signal);
  }

  async function* watch(anyRef: TaskRef, given?: WaitOptions): AsyncGenerator<Task, void, undefined> {
    const { ref, options } = checkAsking(settings, anyRef, { given, rules: WAIT_RULES, of: "watch" });
    const { contextOf, watchTask } = await calls({ ...asking, ref, signal: options.signal });
    yield* watchTask(contextOf(settings), ref, options);
  }

  async function wait(anyRef: TaskRef, given?: WaitOptions): Promise<SucceededTask> {
    const { ref, options } = checkAsking(settings, anyRef, { given, rules: WAIT_RULES, of: "wait" });
    const { contextOf, waitForTask } = await calls({ ...asking, ref, signal: options.signal });
    return waitForTask(contextOf(settings), ref, options);
  }

  const client: VideoClient = {
    vendor,
    models,
    plan: (request) => planSubmit(settings, canonicalRequest(request, models)),
    submit: async (request, given) => submit(request, readSubmitOptions(given, SUBMIT_RULES, "submit")),
    get,
    watch,
    wait,
    generate,
    ...(cancel && {
      async cancel(anyRef, given) {
        const { ref, options } = checkAsking(settings, anyRef, { given, rules: CANCEL_RULES, of: "cancel" });
        const { contextOf, cancelTask } = await rareCalls({ ...asking, ref, signal: options.signal });
        return cancelTask(contextOf(settings), ref, cancel, options);
      },
    }),
    ...(balance && {
      async balance() {
        const { contextOf, readBalance } = await calls(asking);
        return readBalance(contextOf(settings), balance);
      },
    }),
    resume: (given) =>
      laterIterator(async () => {
        const { contextOf, resumeAll, findLost } = await rareCalls(asking);
        return resumeAll(contextOf(settings), findLost, given);
      }),
    async drain(given) {
      const { timeout } = checkOptions(given, DRAIN_RULES, { of: "drain", ...paying });
      closing.abort();
      await later.context?.settled(timeout); // before the first call there is nothing to wait for
    },
    [Symbol.asyncDispose]: () => client.drain(),
  };
  const member: InnerMember = {
    client,
    settings,
    spec: adapter,
    journal: ownJournal,
    onEvent: settings.onEvent,
    submitAs: async (request, given, key, identity, step) =>
      submit(request, readSubmitOptions(given, GENERATE_RULES, "submit"), { key, identity, step }),
    endOf,
    adopt(shared) {
      if (later.journal !== undefined && later.journal !== shared) throw otherJournal(vendor);
      later.journal = shared;
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

type Factory<M extends ModelSpecs, S extends SecretNames> = (
  options?: ClientOptions<S>,
) => VideoClient<RequestOf<M>, M>;

/**
 * Makes the factory of a vendor's client from its description. Everything that can lose money or tasks is core's; what
 * is given here is data and pure functions.
 *
 * @throws TypeError that names the member of the description that is wrong
 */
export const defineVendor = <const M extends ModelSpecs, const S extends SecretNames>(
  spec: VendorSpec<M, S>,
): Factory<M, S> => {
  checkSpec(spec as unknown as Adapter);
  return defineTestedVendor(spec);
};

/**
 * As `defineVendor`, for a package whose own tests look at its description, with `describeVendor`: its users' programs do not
 * load what looks at it, and start with less.
 */
export const defineTestedVendor =
  <const M extends ModelSpecs, const S extends SecretNames>(spec: VendorSpec<M, S>): Factory<M, S> =>
  (options) =>
    createClient(spec as unknown as Adapter, options as ClientOptions | undefined) as unknown as VideoClient<
      RequestOf<M>,
      M
    >;
