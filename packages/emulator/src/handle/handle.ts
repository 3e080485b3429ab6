// One request from its arrival to what leaves: which fault hits it, what the vendor answers, what is written down.
import type { Callbacks } from "../callbacks/callbacks.ts";
import { kindOf } from "../faults/kinds.ts";
import type { FaultOptions } from "../faults/options.ts";
import { play, playUnread, type Scene } from "../faults/play.ts";
import { promptWordsOf } from "../faults/prompt-words.ts";
import { applies, type Faults, type Moment } from "../faults/schedule.ts";
import { taskFaultOf, applyTaskFault, endNow } from "../faults/task-faults.ts";
import { change, type Results } from "../files/results.ts";
import { notFound } from "../files/serve.ts";
import { whenThere } from "../network/at-once.ts";
import { NO_BODY, readBody } from "../network/body.ts";
import { isText, responseOf, type Handle, type Reply, type TextAnswer } from "../network/reply.ts";
import { logBody, type RequestEntry, type RequestLog } from "../state/request-log.ts";
import { show, type WireEntry, type WireLog } from "../state/wire-log.ts";
import type { OwnClock } from "../time/clock.ts";
import type { Call } from "../vendors/context.ts";
import { isObject, type Fields } from "../vendors/rules.ts";
import type { Part } from "../vendors/vendor.ts";
import { visitOf, type Visit } from "./visit.ts";

interface Inside {
  parts: readonly Part[];
  requests: RequestLog;
  wire: WireLog;
  clock: Pick<OwnClock, "now" | "dateOf">;
  results: Results;
  faults: Faults;
  callbacks: Callbacks;
  /** Settles what ended since the last look. */
  settle(): void;
}

/** How much of the last time a lagging list does not show, in milliseconds. */
const LAG = 60_000;

type Answer = Response | TextAnswer;
type Answered = Answer | PromiseLike<Answer>;
type Replied = Reply | PromiseLike<Reply>;

export function createHandle({ parts, requests, wire, clock, results, faults, callbacks, settle }: Inside): Handle {
  return (request, connection) => {
    const visit = visitOf(parts, request, connection);
    const { method, address, part, moment } = visit;
    const entry = requests.push<RequestEntry>({ vendor: part?.name ?? "", method, path: address.path });
    const seen = wire.begin(entry, connection.rawHeaders ?? request.headers, clock.now());
    if (moment?.taskId !== undefined) seen.taskId = moment.taskId;
    const began = performance.now();
    const replied = whenThere(replyTo(visit, entry, seen), (reply) => {
      if ("response" in reply) {
        entry.status = reply.response.status;
        stamp(reply.response, clock.dateOf(clock.now()));
      }
      seen.ms = Math.round(performance.now() - began);
      return show(reply, seen);
    });
    return whenThere(replied, (reply) => {
      wire.touch(seen);
      return reply;
    });
  };

  function replyTo(visit: Visit, entry: RequestEntry, seen: WireEntry): Replied {
    const { request, method, moment, part } = visit;
    const fault = moment && faults.next(moment);
    if (fault) entry.fault = fault.kind;
    if (fault && kindOf(fault.kind)?.unread) return playUnread(fault.kind);
    // Of a GET no body is even looked for: a server would make a stream of it.
    const body = method === "GET" || method === "HEAD" ? NO_BODY : readBody(request, part?.vendor.maxBody);
    return whenThere(body, (read) => {
      logBody(entry, read);
      settle();
      if (!part || read.kind === "cut") return whole(ownAnswer(part ? 400 : 404));
      if (!moment) return whenThere(answer(visit, part, { body: read, entry, base: visit.base }), whole);
      return replyOf(visit, part, moment, fault, { body: read, entry, base: visit.base }, seen);
    });
  }

  /** Of a vendor's call or file, which a fault may spoil. */
  function replyOf(
    visit: Visit,
    part: Part,
    moment: Moment,
    drawn: FaultOptions | undefined,
    { body, entry, base }: Pick<Call, "body" | "entry" | "base">,
    seen: WireEntry,
  ): Replied {
    const { vendor, context } = part;
    const { on, taskId } = moment;
    const submitted = on === "submit" && body.kind === "json" && isObject(body.value) ? body.value : undefined;
    const spell = submitted && promptWordsOf((vendor.submit.promptOf ?? promptIn)(submitted));
    const fault = drawn ?? (spell?.submit && applies(spell.submit, moment) ? spell.submit : undefined);
    const ofTask = spell?.task && applies(spell.task, moment) ? spell.task : undefined;
    const taskFault = taskFaultOf(vendor, fault) ?? taskFaultOf(vendor, ofTask);
    if (fault) entry.fault = fault.kind;

    const lagMs = fault?.kind === "lagging" ? (fault.delay ?? LAG) : undefined;
    const call: Call = { body, entry, base, taskId, taskFault, lagMs };
    if (fault?.kind === "too-late" && taskId !== undefined) {
      endNow(context, taskId);
      callbacks.moved(taskId);
    }
    if (on === "poll" && taskId !== undefined && taskFault) {
      applyTaskFault(taskFault, context, taskId);
      callbacks.moved(taskId);
    }
    const played = fault
      ? play(fault, sceneOf(visit, part, moment, call))
      : whenThere(answer(visit, part, call), whole);
    return whenThere(played, (reply) => {
      if (call.hasEnded && taskId !== undefined) callbacks.moved(taskId);
      if (on !== "submit" || call.taskId === undefined) return reply;
      if (taskFault && ofTask) entry.fault ??= ofTask.kind;
      seen.taskId = call.taskId;
      faults.bind(call.taskId, spell?.later ?? []);
      return callbacks.expect(part, call.taskId, submitted ?? {}, base).then(() => reply);
    });
  }

  /** What the vendor, or its file host, says. */
  function answer({ request, method, target, result }: Visit, part: Part, call: Call): Answered {
    if (target) return part.answer(request, call, target);
    const { vendor, context } = part;
    if (!result) return vendor.fileHost?.(request, call.body, context) ?? ownAnswer(404);
    if (method !== "GET" && method !== "HEAD") return ownAnswer(405);
    const { resultLifeMs } = context.settings as { resultLifeMs?: number };
    return results.answer(vendor, context.store, result, request, resultLifeMs);
  }

  /** The exchange, as a fault may use it. */
  function sceneOf(visit: Visit, part: Part, { on, taskId }: Moment, call: Call): Scene {
    const { context, vendor } = part;
    return {
      on,
      url: visit.base + visit.address.path,
      answer: async () => responseOf(await answer(visit, part, call)),
      refuse: async (refusal) =>
        visit.target ? responseOf(await answer(visit, part, { ...call, refusal })) : plain(Number(refusal)),
      taskId: () => (on === "submit" ? call.taskId : undefined),
      stateKey: vendor.stateKey,
      now: () => context.clock.dateOf(context.clock.now()),
      change: (what) => change(context.store, taskId, what),
    };
  }
}

const promptIn = (body: Fields): unknown => body["prompt"];

/** As every server says when it answered. */
function stamp(answer: Answer, at: number): void {
  if (isText(answer)) answer.headers = [...answer.headers, "date", dateLine(at)];
  else if (!answer.headers.has("date")) answer.headers.set("date", dateLine(at));
}

let last = { second: Number.NaN, line: "" };

/** The same for a second. */
function dateLine(at: number): string {
  const second = Math.floor(at / 1000);
  if (second !== last.second) last = { second, line: new Date(at).toUTCString() };
  return last.line;
}

const whole = (response: Answer): Reply => ({ how: "whole", response });

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
