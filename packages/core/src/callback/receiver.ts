import type { ClientContext } from "../context/context.ts";
import { remedyOf } from "../context/credentials.ts";
import { taskOf } from "../poll/read.ts";
import { callQuietly } from "../task/call-quietly.ts";
import { emitter } from "../task/events.ts";
import { isTerminal, type EndedTask, type JsonObject, type TaskRef } from "../task/task.ts";
import { track } from "../time/abort.ts";
import { safeDelay } from "../time/clock.ts";
import { traced } from "../trace.ts";
import type { Unverified } from "../vendor-spec/readings.ts";
import { taskIdOf, type Adapter } from "../vendor-spec/spec.ts";
import { readBody } from "./body.ts";
import { shown, type OnTask } from "./deliver.ts";
import { createProcessor, type Status } from "./process.ts";
import type { Notice } from "./reconcile.ts";
import type { Ticket } from "./token.ts";
import { ticketOf } from "./url.ts";

export { contextOf } from "../context/context.ts";

/** Answers the callbacks of vendors. Any server that uses `Request` and `Response` can mount it. */
export interface Receiver {
  /**
   * Answers one callback within about 8 s. The content type of its body does not matter.
   *
   * @throws TypeError when the body was read before and `platform.body` does not have it
   */
  fetch(request: Request, platform?: CallbackPlatform): Promise<Response>;
}

/** What the platform gives beside the request of a callback. */
export type CallbackPlatform = {
  /** Called with the work that goes on after the answer, on platforms that would otherwise stop it. */
  waitUntil?(work: Promise<unknown>): void;
  /** The body, if a framework has already read it: as text, as bytes, or parsed. It is not signed, so any form will do. */
  body?: unknown;
};

/** In real time, because an exchange is open. The shortest wait that a vendor documents is 10 s. */
const ANSWER_WITHIN = 8_000;

type Job = { done: Promise<Status>; inLine: Promise<Status> };
/** What a callback says: of which task, and what no status says. */
type Said = Omit<Notice, "ticket">;
type Addressee = { context: ClientContext; ticket: Ticket };

/** The receiver behind `createReceiver`, for the clients it was given. */
export function receiverOf(contexts: readonly ClientContext[], onTask: OnTask): Receiver {
  const work = createProcessor(onTask);
  const jobs = new Map<string, Job>();

  function start({ context, ticket }: Addressee, said: Said): Job {
    const { id } = said;
    const notice = { ticket, ...said };
    let inLine = () => {};
    const waiting = new Promise<Status>((resolve) => (inLine = () => resolve(503)));
    const running = traced(
      "callback",
      () => ({
        vendor: ticket.vendor,
        idempotencyKey: ticket.key,
        task: { vendor: ticket.vendor, model: ticket.model, id },
      }),
      (trace) => work.run(context, notice, inLine, trace),
    );
    const done = track(context, `a callback of key ${ticket.key}`, running).catch((error: unknown): Status => {
      const { key, vendor, model } = ticket;
      const ref = { vendor, model, id };
      emitter(context.onEvent)({
        type: "fault",
        phase: "callback",
        idempotencyKey: key,
        ref,
        error: shown(context, error),
      });
      return 503;
    });
    return { done, inLine: waiting };
  }

  /**
   * The work on a callback. Several at once for one key and task share the first one's; another id under the key is work of its
   * own, since the id is not proven and must not keep the true one away.
   */
  function jobOf(addressee: Addressee, said: Said): Job {
    const name = JSON.stringify([addressee.ticket.vendor, addressee.ticket.key, said.id]);
    const running = jobs.get(name);
    if (running) return running;
    const job = start(addressee, said);
    jobs.set(name, job);
    void job.done.then(() => jobs.delete(name));
    return job;
  }

  async function answer(request: Request, late: Promise<Status>, platform: CallbackPlatform) {
    const found = await addresseesOf(contexts, request.url);
    const [first] = found;
    if (!first) return 404;
    const body = await readBody(request, platform.body);
    if ("status" in body) return body.status;
    const challenge = challengeOf(first.context.adapter, body.json); // before the task is read: it need not name one
    if (challenge) return challenge;
    const said = readNotice(first.context.adapter, body.json);
    if (said === undefined) return 400;
    const addressee = found.length === 1 ? first : await byAccount(found, first);
    const { context } = addressee;
    const isSigned = await verified(addressee, request, body.text);
    if (isSigned === false) return 401;
    if (context.closing.aborted) return 503;
    const end = isSigned ? (ref: TaskRef) => endIn(context, ref, body.json) : undefined;
    const job = jobOf(addressee, { ...said, end });
    const afterwards = job.done.then(() => work.following({ ticket: addressee.ticket, id: said.id }));
    // Where a platform will not wait, the work goes on for as long as the process does.
    callQuietly(() => platform.waitUntil?.(afterwards));
    return Promise.race([job.done, job.inLine, late]);
  }

  return {
    async fetch(request, platform) {
      if (request.method !== "POST") return new Response(null, { status: 405, headers: { allow: "POST" } });
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<Status>((resolve) => {
        timer = setTimeout(() => resolve(503), safeDelay(ANSWER_WITHIN));
      });
      try {
        const said = await Promise.race([answer(request, late, platform ?? {}), late]);
        return typeof said === "number" ? new Response(null, { status: said }) : Response.json(said);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function challengeOf({ callback }: Adapter, body: unknown): JsonObject | undefined {
  try {
    return callback?.challenge?.(body);
  } catch {
    return undefined;
  }
}

/**
 * Whether the account has signed it; nothing where that is not to be known. Of one that it has not, an event tells: with a wrong
 * secret none is taken, and the vendor's own tries end unseen.
 */
async function verified(
  { context, ticket }: Addressee,
  { headers }: Request,
  body?: string,
): Promise<boolean | undefined> {
  const { adapter, credentials, clock } = context;
  if (!adapter.callback?.verify || body === undefined) return undefined;
  let why = "";
  try {
    const isSigned = await adapter.callback.verify({ body, headers }, await credentials.secrets(), clock.now());
    if (isSigned !== false) return isSigned;
  } catch (error) {
    why = ` (${String(shown(context, error)["message"])})`;
  }
  const message = `a callback with a URL of this client is not signed by the account, or not lately${why}: it was forged, or a secret is wrong; ${remedyOf(adapter)}`;
  const { key } = ticket;
  emitter(context.onEvent)({ type: "fault", phase: "callback", idempotencyKey: key, error: { message } });
  return false;
}

/** The end that a body says of its task; nothing for a body that says none, or says it in no documented way. */
function endIn(context: ClientContext, ref: TaskRef, body: unknown): EndedTask | undefined {
  try {
    const found = context.adapter.callback?.status?.(body, ref);
    const task = found && taskOf(context, ref, found, { emit: emitter(context.onEvent) });
    return task && isTerminal(task) ? task : undefined;
  } catch {
    return undefined;
  }
}

/** The clients whose token this is: several only where clients of one vendor share a secret. */
async function addresseesOf(contexts: readonly ClientContext[], url: string): Promise<Addressee[]> {
  const tickets = await Promise.all(
    contexts.map(async (context) => ({ context, ticket: await ticketOf(context, url) })),
  );
  return tickets.flatMap(({ context, ticket }) => (ticket ? [{ context, ticket }] : []));
}

async function byAccount(found: readonly Addressee[], first: Addressee): Promise<Addressee> {
  for (const one of found) {
    const row = await one.context.journal.get(one.ticket.key).catch(() => undefined);
    if (row?.account === one.context.account()) return one;
  }
  return first;
}

function readNotice(adapter: Adapter, body: unknown): Said | undefined {
  try {
    const { id: given, unverified } = adapter.callback?.read(body) ?? {};
    const id = taskIdOf(adapter, given);
    if (id === undefined) return undefined;
    const details = asDocumented(unverified);
    return details ? { id, unverified: details } : { id };
  } catch {
    return undefined;
  }
}

const DETAILS = {
  videoDuration: "number",
  videoSize: "string",
  thumbnailUrl: "string",
  failCode: "string",
  costTime: "number",
} as const satisfies { [detail in keyof Unverified]-?: "number" | "string" };
const MAX_DETAIL = 2_000;

// The adapter's reading is checked like the body it came from.
function asDocumented(details: Unverified | undefined): Unverified | undefined {
  const kept = Object.entries(DETAILS).flatMap(([name, kind]) => {
    const value: unknown = details?.[name as keyof Unverified];
    const isNumber = kind === "number" && Number.isFinite(value);
    const isText = kind === "string" && typeof value === "string" && value.length <= MAX_DETAIL;
    return isNumber || isText ? [[name, value] as const] : [];
  });
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}
