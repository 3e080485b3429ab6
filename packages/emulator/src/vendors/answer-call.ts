// One call of a vendor's API from the key to the answer: what the calls of all vendors do alike. Every word of an answer is
// the vendor's own.
import { createHash } from "node:crypto";
import { resultUrl } from "../files/results.ts";
import { isPromise, whenThere } from "../network/at-once.ts";
import type { TextAnswer } from "../network/reply.ts";
import { logUndocumented } from "../state/request-log.ts";
import { dated, isRunning, type State, type Store, type StoredTask } from "../state/tasks.ts";
import type { Call, Context, Refusal } from "./context.ts";
import type { Answer, ApiRequest, Refusals, Seen, TaskRoute } from "./dialect-parts.ts";
import { isObject } from "./rules.ts";
import { startTask } from "./start-task.ts";
import type { Matched, Target, Vendor } from "./vendor.ts";

export function answerCall(
  vendor: Vendor,
  context: Context,
  request: Request,
  call: Call,
  target: Target,
): Response | TextAnswer | PromiseLike<Response | TextAnswer> {
  const sent = (answer: Answer) => send(vendor.finish?.(answer, context) ?? answer, request.method);
  const thrown = (error: unknown): Response => {
    const where = target.matched?.route ?? `${request.method} ${target.pathname}`;
    return new Response(`the dialect of ${vendor.name} threw at ${where}: ${String(error)}`, { status: 500 });
  };
  try {
    const answer = answerOf(vendor, context, call, askedBy(request, call, target), target.matched);
    return isPromise(answer) ? answer.then(sent).then(undefined, thrown) : sent(answer);
  } catch (error) {
    return thrown(error);
  }
}

const takesText = (status: number): boolean =>
  Number.isInteger(status) && status >= 200 && status <= 599 && status !== 205 && status !== 304;

const JSON_TYPE = ["content-type", "application/json"];

function send({ status = 200, body, headers }: Answer, method: string): Response | TextAnswer {
  if (method === "HEAD" || status === 204) return new Response(null, { status, headers: headers ?? {} });
  // What a dialect may have wrong `Response` refuses.
  if (headers || !takesText(status) || !isObject(body)) return Response.json(body, { status, headers: headers ?? {} });
  return { status, headers: JSON_TYPE, text: JSON.stringify(body) };
}

function askedBy(request: Request, call: Call, { query, matched }: Target): ApiRequest {
  const { body: raw, base } = call;
  return {
    params: matched?.params ?? {},
    query,
    headers: request.headers,
    body: raw.kind === "json" && isObject(raw.value) && isJson(request.headers) ? raw.value : {},
    raw,
    base,
    undocumented: (names) => logUndocumented(call.entry, names),
  };
}

const isJson = (headers: Headers) => /^application\/json\s*(;|$)/i.test(headers.get("content-type") ?? "");

/** The refusal of a request that has to carry a JSON object as `application/json`. */
export function wrongJson({ headers, raw }: ApiRequest, words: Pick<Refusals, "tooLarge" | "notJson">) {
  if (raw.kind === "too-large") return words.tooLarge();
  return isJson(headers) && raw.kind === "json" && isObject(raw.value) ? undefined : words.notJson();
}

/** The vendor's words for a fault. @param taskId of the task that is asked for, if any */
function refusalOf(refusal: Refusal, taskId: string | undefined, words: Refusals): Answer {
  switch (refusal) {
    case "402":
      return words.noCredits();
    case "404":
      return taskId === undefined ? words.unknownPath() : words.unknownTask(taskId);
    case "409":
    case "422":
      return (refusal === "409" ? words.conflict : words.unprocessable)?.() ?? words.unknownPath();
    case "429":
      return words.rateLimited();
    case "500":
    case "503":
      return words.outage(refusal === "500" ? 500 : 503);
  }
}

function answerOf(
  vendor: Vendor,
  context: Context,
  call: Call,
  asked: ApiRequest,
  matched: Matched | undefined,
): Answer | PromiseLike<Answer> {
  const { refusals } = vendor;
  if (call.refusal) return refusalOf(call.refusal, call.taskId, refusals);
  if (context.outage) return refusals.outage(context.outage);
  return whenThere((vendor.auth ?? bearer(vendor))(asked, context), (key) => {
    if (key === false) return refusals.badKey();
    const refused = vendor.caller?.(asked, context);
    if (refused) return refused;
    if (!context.requests.take()) return refusals.rateLimited();
    switch (matched?.kind) {
      case undefined:
        return refusals.unknownPath();
      case "submit":
        return submit(vendor, context, call, asked, String(key));
      case "poll":
        return ofTask(vendor, context, call, asked, matched, vendor.status);
      case "result":
        return ofTask(vendor, context, call, asked, matched, vendor.result ?? vendor.status);
      case "find":
        return list(vendor, context, call, asked);
      case "cancel":
        return cancel(vendor, context, call, asked, matched);
      case "other":
        return whenThere(
          vendor.routes?.[matched.route]?.(asked, context),
          (answer) => answer ?? refusals.unknownPath(),
        );
    }
  });
}

/** The key as a Bearer token. */
const bearer =
  ({ secrets: { apiKey }, printed }: Vendor) =>
  ({ headers }: ApiRequest) => {
    const [scheme, key] = (headers.get("authorization") ?? "").split(" ");
    if (scheme?.toLowerCase() !== "bearer" || key === undefined) return false;
    return key === apiKey || key === printed?.apiKey ? key : false;
  };

async function submit(vendor: Vendor, context: Context, call: Call, asked: ApiRequest, owner: string): Promise<Answer> {
  const { submit: rules, idempotency, refusals } = vendor;
  const refused = rules.before?.(asked, context) ?? wrongJson(asked, refusals);
  if (refused) return refused;
  const token = idempotency ? (asked.headers.get(idempotency.header) ?? undefined) : undefined;
  const hash = createHash("sha256").update(JSON.stringify(asked.body)).digest("hex");
  const again = () => {
    const taken = token === undefined ? undefined : context.tokens.get(owner, token);
    if (!idempotency || !taken || context.clock.now() >= taken.at + idempotency.windowMs) return undefined;
    if (taken.hash !== hash) return idempotency.reused?.() ?? refusals.conflict?.() ?? refusals.notJson();
    const task = context.store.get(taken.taskId);
    return task ? rules.accepted(dated(task, context.clock)) : refusals.unknownTask(taken.taskId);
  };
  const known = again();
  if (known) return known;
  const wanted = await rules.task(asked, context);
  if ("refused" in wanted) return wanted.refused;
  const meanwhile = again();
  if (meanwhile) return meanwhile;
  const task = startTask(vendor, context, call, wanted);
  if (!task) return refusals.noCredits();
  if (token !== undefined) context.tokens.put(owner, token, { hash, taskId: task.id, at: context.clock.now() });
  return rules.accepted(dated(task, context.clock));
}

const datedTasks = new WeakMap<StoredTask, StoredTask>();

/** A list of ten thousand tasks is asked for often. */
function datedOnce(task: StoredTask, clock: Context["clock"]): StoredTask {
  const found = datedTasks.get(task);
  if (found) return found;
  const made = dated(task, clock);
  datedTasks.set(task, made);
  return made;
}

/** A task as it is now. */
class SeenTask implements Seen {
  readonly task: StoredTask;
  readonly state: State;
  readonly url: string;
  readonly #store: Store;
  readonly #createdAt: number;

  constructor(task: StoredTask, { clock, store }: Context, url: string) {
    this.task = datedOnce(task, clock);
    this.state = store.state(task);
    this.url = url;
    this.#store = store;
    this.#createdAt = task.createdAt;
  }

  /** Counted for those vendors only who tell it. */
  get queuePosition(): number {
    if (this.state !== "pending") return 0;
    const isBefore = (other: StoredTask) => other.createdAt < this.#createdAt && this.#store.state(other) === "pending";
    return this.#store.running().filter(isBefore).length;
  }
}

export const seenOf = ({ name }: Pick<Vendor, "name">, context: Context, base: string, task: StoredTask): Seen =>
  new SeenTask(task, context, resultUrl(base, name, task));

function ofTask(
  vendor: Vendor,
  context: Context,
  call: Call,
  asked: ApiRequest,
  { taskId }: Matched,
  { before, query = [], answer }: Pick<TaskRoute, "before" | "query" | "answer">,
): Answer {
  asked.undocumented(unknownQuery(asked, query));
  const refused = before?.(asked, context);
  if (refused) return refused;
  const task = taskId === undefined ? undefined : context.store.get(taskId);
  if (!task) return vendor.refusals.unknownTask(taskId ?? "");
  return answer(seenOf(vendor, context, call.base, task), asked, context);
}

function list(vendor: Vendor, context: Context, { base, lagMs = 0 }: Call, asked: ApiRequest): Answer {
  const until = context.clock.now() - Math.max(lagMs, vendor.list?.lagMs ?? 0);
  const tasks = [...context.store.all()].filter(({ createdAt }) => createdAt <= until).toReversed();
  function* seen() {
    for (const task of tasks) yield seenOf(vendor, context, base, task);
  }
  return vendor.list?.answer(seen(), asked, context) ?? vendor.refusals.unknownPath();
}

function cancel(vendor: Vendor, context: Context, call: Call, asked: ApiRequest, matched: Matched): Answer {
  const { cancel: rules, refusals } = vendor;
  if (!rules) return refusals.unknownPath();
  const { account, clock, store } = context;
  return ofTask(vendor, context, call, asked, matched, {
    ...rules,
    answer(seen) {
      const task = store.get(seen.task.id);
      if (!task) return refusals.unknownTask(seen.task.id);
      const isStopped = isRunning(seen.state);
      if (isStopped) {
        const now = clock.now();
        store.put({ ...task, startsAt: Math.min(task.startsAt, now), endsAt: now, failure: rules.failure });
        call.hasEnded = true;
      }
      const after = isStopped ? seenOf(vendor, context, call.base, store.get(task.id) ?? task) : seen;
      if (rules.destroys) {
        store.remove(task.id);
        if (isStopped && vendor.refunds) account.refund(task.id, task.usd);
      }
      return isStopped || rules.destroys
        ? rules.answer(after, asked, context)
        : (rules.tooLate?.(after) ?? refusals.conflict?.() ?? refusals.unknownPath());
    },
  });
}

/** Parameters of the query beside the known ones, as the log names them. */
function unknownQuery({ query }: ApiRequest, known: readonly string[]): string[] {
  const unknown: string[] = [];
  for (const name of query.keys()) if (!known.includes(name)) unknown.push(`?${name}`);
  return unknown;
}
