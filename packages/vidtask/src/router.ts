import {
  InvalidRequestError,
  JournalError,
  memoryJournal,
  parseRef,
  type Journal,
  type ModelSpecs,
  type ResumeResult,
  type SubmitOptions,
  type SucceededTask,
  type Task,
  type TaskRef,
  type VideoClient,
  type VideoRequest,
  type WaitOptions,
} from "@vidtask/core";
import {
  emitter,
  issue,
  liveRow,
  MEMBERS,
  membersOf,
  STEP,
  SUBMIT_RULES,
  WAIT_RULES,
  type Member,
  type SubmitStep,
} from "@vidtask/core/router";
import { candidates, type Candidate } from "./compare.ts";
import { familyOf, invalid, mayTryNext, noneOf, otherRequest, possible, readRequest, ROUTER } from "./fallback.ts";
import type { RouteOptions, FamilyRequest, Offer } from "./family.ts";
import { merge } from "./merge.ts";
import { checkCall, checkRouter, routeRules } from "./route-options.ts";

/** A client over several vendors: a request names a family of models, and a ref finds its vendor. */
export interface Vidtask<R extends VideoRequest> extends VideoClient<R> {
  /** Returns what each vendor and model would do for a request, best first, impossible ones last. Pure; needs no API key. */
  compare(request: R, choice?: RouteOptions): Offer[];
  /**
   * Submits to the first vendor that can do it. The next one is tried only if the one before is proven not to have
   * accepted (`billed: "no"`), never after an unknown outcome or rejected content.
   */
  submit(request: R, options?: SubmitOptions & RouteOptions): Promise<Task>;
  /** `submit` and `wait` in one. @throws what either throws */
  generate(request: R, options?: SubmitOptions & WaitOptions & RouteOptions): Promise<SucceededTask>;
}

/**
 * A router over clients of different vendors. They share one journal, because with one each, a key could pay twice. Clients
 * that were given no journal use the router's.
 *
 * @throws InvalidRequestError when two clients have different journals, or the same vendor
 */
export function createVidtask<const V extends readonly VideoClient[]>(options: {
  /** One client per vendor. */
  vendors: V;
  /** Where the submits of all clients are remembered. @default the journal that the clients were given, else one in memory */
  journal?: Journal | undefined;
}): Vidtask<FamilyRequest<V>> {
  const checked = checkRouter(options);
  const members = checked.vendors.flatMap((client) => membersOf(client));
  const names = members.map(({ client }) => client.vendor);
  if (new Set(names).size < names.length)
    throw invalid(issue("vendors", `clients of different vendors, not of ${names.join(", ")}`));
  const given = members.find((member) => member.journal)?.journal;
  const journal = checked.journal ?? given ?? memoryJournal();
  for (const member of members) member.adopt(journal);
  return createRouter(members, journal) as unknown as Vidtask<FamilyRequest<V>>;
}

type StepNotes = Parameters<SubmitStep>[3];

function createRouter(members: readonly Member[], journal: Journal): Vidtask<VideoRequest> {
  const of = (anyRef: TaskRef): Member => {
    const { vendor } = parseRef(anyRef);
    const member = members.find(({ client }) => client.vendor === vendor);
    const names = members.map(({ client }) => client.vendor).join(", ");
    if (!member) throw invalid(issue("ref.vendor", `one of ${names}, which this router has`, vendor));
    return member;
  };
  const found = (request: VideoRequest, family: string, choice?: RouteOptions): Candidate[] => {
    const all = candidates(members, request, choice);
    if (all.length === 0) throw noneOf(members, family);
    return all;
  };

  async function submit(
    request: VideoRequest,
    given: SubmitOptions & RouteOptions,
    key: string,
    step?: StepNotes,
  ): Promise<Task> {
    const family = familyOf(members, request);
    const { prefer, dropFields, ...options } = given;
    for (;;) {
      const row = await liveRow(journal, key, ROUTER);
      if (!row) {
        const among = possible(found(request, family, { prefer, dropFields }), options.maxPrice);
        const task = await submitToFirst(among, request, options, key, step);
        if (task) return task; // else another call took the key for another vendor meanwhile: look again
        continue;
      }
      // Its vendor and its model are what the key stands for; it has its task, or may have, and costs nothing more.
      const { vendor, model } = row;
      const all = candidates(members, request, { prefer: [vendor], dropFields });
      const among = all.filter((one) => one.row.model === model);
      if (among.length === 0) throw otherRequest(row);
      const task = await submitToFirst(possible(among), request, options, key, step);
      if (task) return task;
    }
  }

  /** The task of the first vendor that accepts; nothing when the key turns out to be another vendor's. */
  async function submitToFirst(
    among: readonly Candidate[],
    identity: VideoRequest,
    options: SubmitOptions,
    key: string,
    step: StepNotes | undefined,
  ): Promise<Task | undefined> {
    let reason = "first choice";
    for (const [index, { row, member, request }] of among.entries()) {
      const { vendor, model } = row;
      emitter(member.onEvent, options.onEvent)({ type: "route", vendor, model, reason, idempotencyKey: key });
      try {
        return await member.submitAs(request, options, key, identity, step);
      } catch (error) {
        const owner = isKeyIssue(error) ? await liveRow(journal, key, ROUTER) : undefined;
        if (owner && owner.vendor !== vendor) return undefined;
        if (!mayTryNext(error) || index === among.length - 1) throw error;
        reason = `${vendor} did not accept: ${error.code}`;
      }
    }
    return undefined;
  }

  const router: Vidtask<VideoRequest> = {
    vendor: ROUTER,
    models: familiesOf(members),
    compare(given, choice) {
      const request = readRequest(given);
      const checked = checkCall(choice, routeRules(members, request), "compare");
      return candidates(members, request, checked).map(({ row }) => row);
    },
    plan(given) {
      const request = readRequest(given);
      const [first] = possible(found(request, familyOf(members, request)));
      if (!first?.row.ok) throw invalid(issue("model", "a family that one of the vendors has"));
      return { ...first.row.plan, request, warnings: first.row.warnings };
    },
    async submit(anyRequest, given) {
      const request = readRequest(anyRequest);
      const options = checkCall(given, { ...SUBMIT_RULES, ...routeRules(members, request) }, "submit");
      return submit(request, options, options.idempotencyKey ?? crypto.randomUUID());
    },
    async generate(anyRequest, given) {
      const request = readRequest(anyRequest);
      const rules = { ...SUBMIT_RULES, ...WAIT_RULES, ...routeRules(members, request) };
      const options = checkCall(given, rules, "generate");
      const key = options.idempotencyKey ?? crypto.randomUUID();
      const task = await submit(request, options, key);
      const mayRepeat = options.idempotencyKey !== undefined && journal.durable === true;
      return of(task).endOf(task, options, { key, mayRepeat });
    },
    get: async (ref, options) => of(ref).client.get(ref, options),
    async *watch(ref, options) {
      yield* of(ref).client.watch(ref, options);
    },
    wait: async (ref, options) => of(ref).client.wait(ref, options),
    ...(members.some(({ client }) => client.cancel) && {
      cancel: async (ref, options) => {
        const { client } = of(ref);
        if (client.cancel) return client.cancel(ref, options);
        throw invalid(issue("ref.vendor", "a vendor that can cancel tasks", client.vendor));
      },
    }),
    resume: (options) => eachRowOnce(merge(members.map(({ client }) => client.resume(options)))),
    async drain(options) {
      await Promise.all(members.map(({ client }) => client.drain(options)));
    },
    [Symbol.asyncDispose]: () => router.drain(),
  };
  const step: SubmitStep = async (given, options, key, notes) => submit(readRequest(given), options, key, notes);
  return Object.assign(router, { [MEMBERS]: () => members, [STEP]: step });
}

// Of a row that cannot be read nothing says whose it is, so every vendor's client tells it.
async function* eachRowOnce(items: AsyncIterable<ResumeResult>): AsyncGenerator<ResumeResult, void> {
  const told = new Set<string>();
  for await (const item of items) {
    const isUnusable = "error" in item && JournalError.isInstance(item.error);
    if (isUnusable && told.has(item.idempotencyKey)) continue;
    if (isUnusable) told.add(item.idempotencyKey);
    yield item;
  }
}

const isKeyIssue = (error: unknown): boolean =>
  InvalidRequestError.isInstance(error) && error.issues.some(({ path }) => path === "idempotencyKey");

/** One row per family, from the first vendor that has it. */
const familiesOf = (members: readonly Member[]): ModelSpecs =>
  Object.fromEntries(
    members
      .flatMap(({ client }) => Object.values(client.models))
      .flatMap((row) => (row.family === undefined ? [] : [[row.family, row] as const]))
      .toReversed(),
  );
