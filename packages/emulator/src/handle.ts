// One request from its arrival to what leaves: whose path it is, which fault hits it, what the vendor answers.
import type { Callbacks } from "./callbacks/callbacks.ts";
import { kindOf } from "./faults/kinds.ts";
import { play, playUnread, type Scene } from "./faults/play.ts";
import { promptWordsOf } from "./faults/prompt-words.ts";
import { applies, type Faults, type Moment } from "./faults/schedule.ts";
import { taskFaultOf, applyTaskFault, endNow } from "./faults/task-faults.ts";
import { change, resultOf, type Results } from "./files/results.ts";
import { notFound } from "./files/serve.ts";
import { readBody } from "./network/body.ts";
import type { Handle, Reply } from "./network/reply.ts";
import { logBody, logRequest, type RequestEntry } from "./state/request-log.ts";
import { show, type WireLog } from "./state/wire-log.ts";
import type { OwnClock } from "./time/clock.ts";
import type { Call } from "./vendors/context.ts";
import { plantPrinted } from "./vendors/printed.ts";
import { isObject, type Fields } from "./vendors/rules.ts";
import type { Part, Vendor } from "./vendors/vendor.ts";

interface Inside {
  parts: readonly Part[];
  requests: RequestEntry[];
  wire: WireLog;
  clock: Pick<OwnClock, "now" | "dateOf">;
  results: Results;
  faults: Faults;
  callbacks: Callbacks;
  /** Settles what ended since the last look. */
  settle(): void;
}

export function createHandle({ parts, requests, wire, clock, results, faults, callbacks, settle }: Inside): Handle {
  return async (request, { reused, base }) => {
    const url = new URL(request.url);
    const result = resultOf(url.pathname);
    const host = result?.vendor ?? FILES_PATH.exec(url.pathname)?.[1];
    const part = parts.find(({ vendor }) => (host ? vendor.name === host : owns(vendor, url.pathname)));
    const moment = part && momentOf(part, request, url, result?.taskId, reused);
    const entry = logRequest(requests, part?.vendor.name ?? "", request);
    const seen = wire.begin(entry, request.headers, clock.now());
    if (moment?.taskId !== undefined) seen.taskId = moment.taskId;
    const began = performance.now();
    const reply = await replyTo();
    if ("response" in reply) {
      entry.status = reply.response.status;
      stamp(reply.response, clock.dateOf(clock.now()));
    }
    seen.ms = Math.round(performance.now() - began);
    const shown = await show(reply, seen);
    wire.touch(seen);
    return shown;

    async function replyTo(): Promise<Reply> {
      let fault = moment && faults.next(moment);
      if (fault) entry.fault = fault.kind;
      if (fault && kindOf(fault.kind)?.unread) return playUnread(fault.kind);

      const body = await readBody(request, part?.vendor.maxBody);
      logBody(entry, body);
      settle();
      if (!part || body.kind === "cut") return whole(ownAnswer(part ? 400 : 404));
      const { vendor, context } = part;
      const answer = (call: Call): Response | Promise<Response> => {
        if (!host) return part.answer(request, call);
        if (!result) return vendor.fileHost?.(request, body, context) ?? ownAnswer(404);
        if (request.method !== "GET" && request.method !== "HEAD") return ownAnswer(405);
        const { resultLifeMs } = context.settings as { resultLifeMs?: number };
        return results.answer(vendor, context.store, result, request, resultLifeMs);
      };
      if (!moment) return whole(await answer({ body, entry, base }));

      const submitted = moment.on === "submit" && body.kind === "json" && isObject(body.value) ? body.value : {};
      const spell = promptWordsOf((vendor.submit.promptOf ?? promptIn)(submitted));
      if (!fault && spell.submit && applies(spell.submit, moment)) fault = spell.submit;
      const taskFault =
        taskFaultOf(vendor, fault) ?? (spell.task && applies(spell.task, moment) && taskFaultOf(vendor, spell.task));
      if (fault) entry.fault = fault.kind;

      const call: Call = {
        body,
        entry,
        base,
        taskId: moment.taskId,
        taskFault: taskFault || undefined,
        lagMs: fault?.kind === "lagging" ? (fault.delay ?? LAG) : undefined,
      };
      if (fault?.kind === "too-late" && moment.taskId !== undefined) {
        endNow(context, moment.taskId);
        callbacks.moved(moment.taskId);
      }
      if (moment.on === "poll" && moment.taskId !== undefined && taskFault) {
        applyTaskFault(taskFault, context, moment.taskId);
        callbacks.moved(moment.taskId);
      }
      const scene: Scene = {
        on: moment.on,
        url: base + url.pathname + url.search,
        answer: async () => await answer(call),
        refuse: async (refusal) => (host ? plain(Number(refusal)) : await part.answer(request, { ...call, refusal })),
        taskId: () => (moment.on === "submit" ? call.taskId : undefined),
        stateKey: vendor.stateKey,
        now: () => context.clock.dateOf(context.clock.now()),
        change: (what) => change(context.store, moment.taskId, what),
      };
      const reply = fault ? await play(fault, scene) : whole(await scene.answer());
      if (call.hasEnded && moment.taskId !== undefined) callbacks.moved(moment.taskId);
      if (moment.on === "submit" && call.taskId !== undefined) {
        if (taskFault && spell.task) entry.fault ??= spell.task.kind;
        seen.taskId = call.taskId;
        faults.bind(call.taskId, spell.later);
        await callbacks.expect(part, call.taskId, submitted, base);
      }
      return reply;
    }
  };
}

/** How much of the last time a lagging list does not show, in milliseconds. */
const LAG = 60_000;

const promptIn = (body: Fields): unknown => body["prompt"];

/** As every server says when it answered. */
function stamp({ headers }: Response, at: number): void {
  if (!headers.has("date")) headers.set("date", new Date(at).toUTCString());
}

const whole = (response: Response): Reply => ({ how: "whole", response });

function momentOf(
  part: Part,
  { method, headers }: Request,
  { pathname, searchParams }: URL,
  resultId: string | undefined,
  reused: boolean,
): Moment | undefined {
  const { vendor, context } = part;
  if (resultId !== undefined)
    return method === "GET" ? { on: "download", vendor, taskId: resultId, reused } : undefined;
  if (!pathname.startsWith(`${vendor.path}/`)) return undefined;
  const call = vendor.match(method, pathname.slice(vendor.path.length), searchParams);
  if (!call || call.kind === "other") return undefined;
  const { kind: on, taskId } = call;
  const token = on === "submit" && vendor.idempotency ? headers.get(vendor.idempotency.header) : null;
  if (on === "submit") return { on, vendor, reused, resent: token !== null && context.tokens.hasCome(token) };
  if (taskId !== undefined) plantPrinted(part, taskId);
  const task = taskId === undefined ? undefined : context.store.get(taskId);
  const running = task !== undefined && ["pending", "processing"].includes(context.store.state(task));
  return { on, vendor, taskId, running, reused };
}

function owns(vendor: Vendor, pathname: string): boolean {
  return vendor.roots.some(
    (root) => pathname === `${vendor.path}/${root}` || pathname.startsWith(`${vendor.path}/${root}/`),
  );
}

const FILES_PATH = /^\/files\/([^/]+)\//;

const plain = (status: number): Response =>
  status === 404 ? notFound() : new Response("", { status, headers: { "content-type": "text/plain" } });

/** The emulator's own words, where no vendor has any: an unknown path, a method that a file does not take. */
function ownAnswer(status: 400 | 404 | 405): Response {
  const words = { 400: "bad request", 404: "the emulator has nothing at this path", 405: "method not allowed" };
  return new Response(words[status], {
    status,
    headers: { "content-type": "text/plain", ...(status === 405 && { allow: "GET, HEAD" }) },
  });
}
