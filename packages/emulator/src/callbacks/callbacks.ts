// Which receiver is told when a task ends, and how often: each vendor's schedule, and the faults that spoil it.
import type { FaultOptions } from "../faults/options.ts";
import type { Faults } from "../faults/schedule.ts";
import { resultUrl } from "../files/results.ts";
import { dated, type StoredTask } from "../state/tasks.ts";
import type { OwnClock } from "../time/clock.ts";
import { idleFor } from "../time/idle.ts";
import { PATIENCE, type Exchanges } from "../time/open-exchanges.ts";
import type { Told } from "../vendors/dialect-parts.ts";
import type { Fields } from "../vendors/rules.ts";
import type { Part } from "../vendors/vendor.ts";
import { createHeldBack } from "./held-back.ts";
import { createCallbackLog, shortened, type CallbackEntry } from "./log.ts";
import { addressOf, callingOf, forgedMessage, messageOf, tamperedMessage } from "./message.ts";
import { createPost, undeliverable, type Deliver, type Message } from "./post.ts";
import { createSend } from "./send.ts";

export interface Callbacks {
  /** The last ones, oldest first; always the same array. */
  readonly log: CallbackEntry[];
  /** A submit with this body, which came to `origin`, started the task: the receiver it names is told of the end. */
  expect(part: Part, taskId: string, request: Fields, origin: string): Promise<void>;
  /** The task ends at another time than planned. */
  moved(taskId: string): void;
  /** No more callbacks of tasks that came to `origin`; without it, of none at all. */
  stop(origin?: string): void;
  /** One more attempt now, of the true callback or of a forged one; nothing when its submit named no receiver. */
  again(taskId: string, what: "true" | "forged" | "forged-failure"): Promise<CallbackEntry | undefined>;
  /** Whether its submit named a receiver. */
  hasReceiver(taskId: string): boolean;
}

/** Receivers that are remembered for `again`; the oldest go. */
const MAX_RECEIVERS = 20_000;

/** A receiver that waits for a task's end. */
interface Waiting {
  part: Part;
  taskId: string;
  url: string;
  request: Fields;
  origin: string;
  stop: AbortController;
  /** Ends the sleep until the task's former end. */
  moved: AbortController;
}

/** How long a callback is held back. Milliseconds. */
const HELD_BACK = 60_000;
/** How much later a callback is replayed: no time near it any more. Milliseconds. */
const REPLAYED_AFTER = 600_000;

export function createCallbacks(
  clock: OwnClock,
  exchanges: Exchanges,
  faults: Faults,
  deliver: Deliver | undefined,
): Callbacks {
  const log = createCallbackLog();
  const send = createSend(clock, exchanges, createPost(deliver), log);
  const heldBack = createHeldBack(clock);
  const all = new Set<Waiting>();
  const receivers = new Map<string, Waiting>();

  /** @param first called when the first attempt is over. */
  async function follow(waiting: Waiting, early: FaultOptions | undefined, first: () => void): Promise<void> {
    const { part, taskId, url, stop } = waiting;
    const { vendor } = part;
    const task = await ended(waiting);
    if (!task) return;
    const fault = faults.next({ on: "callback", vendor, taskId }) ?? early;
    const hit = fault && { fault: fault.kind };
    const shown = { vendor: vendor.name, taskId, url: shortened(url), attempt: 1, at: clock.now(), ...hit };
    const error = undeliverable(url, deliver);
    if (error !== undefined) return void log.push({ ...shown, error });
    if (fault?.kind === "lost") return void log.push(shown);
    const { delay = HELD_BACK } = fault ?? {};
    if (fault?.kind === "late") await clock.sleep(delay, stop.signal, true);
    if (fault?.kind === "reordered") await heldBack.wait(vendor.name, delay, stop.signal);

    if (fault?.kind === "tampered") {
      const message = tamperedMessage(vendor, url, toldOf(waiting, task));
      await send({ ...addressed(waiting, 0, fault), message }, stop.signal);
    }
    const { delays, within, isDelivered } = callingOf(vendor);
    const began = clock.elapsed();
    for (const [index, delay] of delays.entries()) {
      if (clock.elapsed() + delay - began > within) return;
      if (delay > 0) await clock.sleep(delay, stop.signal, true);
      const { status, message: last } = await attempt(waiting, task, index + 1, fault);
      first();
      if (status === undefined || !isDelivered(status)) continue;
      if (fault?.kind === "duplicate") await attempt(waiting, task, index + 2, fault);
      if (fault?.kind === "replayed" && last) {
        await clock.sleep(fault.delay ?? REPLAYED_AFTER, stop.signal, true);
        await send({ ...addressed(waiting, 0, fault), message: last }, stop.signal);
      }
      return;
    }
  }

  async function attempt(
    waiting: Waiting,
    task: StoredTask,
    number: number,
    fault: FaultOptions | undefined,
  ): Promise<{ status: number | undefined; message: Message }> {
    const { part, url, stop } = waiting;
    stop.signal.throwIfAborted();
    const message = messageOf(part.vendor, url, toldOf(waiting, task));
    const status = await send({ ...addressed(waiting, number, fault), message }, stop.signal);
    heldBack.go(part.name);
    return { status, message };
  }

  const toldOf = ({ part: { vendor }, request, origin }: Waiting, task: StoredTask): Told => ({
    task: dated(task, clock),
    state: task.failure ? "failed" : "succeeded",
    url: resultUrl(origin, vendor.name, task),
    request,
    now: clock.dateOf(clock.now()),
  });

  const addressed = ({ part: { vendor }, taskId }: Waiting, attempt: number, fault: FaultOptions | undefined) => ({
    vendor: vendor.name,
    taskId,
    attempt,
    timeout: callingOf(vendor).timeout,
    fault: fault?.kind,
  });

  /** A forger does not wait for the end, and tries once. */
  async function lie({ part, taskId, url, request, stop: { signal } }: Waiting, kind: string): Promise<void> {
    const { vendor, context } = part;
    const task = context.store.get(taskId);
    if (!task || undeliverable(url, deliver) !== undefined) return;
    await clock.sleep(Math.min(task.endsAt - clock.now(), HELD_BACK) / 2, signal, true);
    const told = { task: dated(task, clock), request, now: clock.dateOf(clock.now()) };
    const message = forgedMessage(vendor, url, kind, told);
    const { timeout } = callingOf(vendor);
    await send({ vendor: vendor.name, taskId, attempt: 0, message, timeout, fault: kind }, signal);
  }

  /** The task when it has ended; nothing when it is gone. */
  async function ended(waiting: Waiting): Promise<StoredTask | undefined> {
    for (;;) {
      const task = waiting.part.context.store.get(waiting.taskId);
      const left = (task?.endsAt ?? 0) - clock.now();
      if (left <= 0) return task;
      waiting.moved = new AbortController();
      const signal = AbortSignal.any([waiting.stop.signal, waiting.moved.signal]);
      const sleep = left === Infinity ? aborted(signal) : clock.sleep(left, signal, true);
      await sleep.catch(() => waiting.stop.signal.throwIfAborted());
    }
  }

  return {
    get log() {
      return log.read();
    },
    async expect(part, taskId, request, origin) {
      const url = addressOf(part.vendor, request);
      const task = part.context.store.get(taskId);
      if (url === undefined || !task) return;
      const waiting = { part, taskId, url, request, origin, stop: new AbortController(), moved: new AbortController() };
      const { signal } = waiting.stop;
      const run = (promise: Promise<void>) =>
        promise.catch((error: unknown) => {
          if (!signal.aborted) throw error;
        });
      all.add(waiting);
      receivers.set(taskId, waiting);
      for (const oldest of receivers.keys()) {
        if (receivers.size <= MAX_RECEIVERS) break;
        receivers.delete(oldest);
      }
      const early = faults.next({ on: "callback", vendor: part.vendor, taskId, early: true });
      const before = early?.kind === "before-answer";
      if (before) part.context.store.put({ ...task, startsAt: task.createdAt, endsAt: task.createdAt });
      else if (early) void run(lie(waiting, early.kind));
      let isOver = !before;
      const first = () => void (isOver = true);
      void run(follow(waiting, before ? early : undefined, first)).finally(() => {
        all.delete(waiting);
        first();
      });
      await idleFor(PATIENCE, () => isOver); // the receiver may wait for the answer that waits for it
    },
    moved(taskId) {
      for (const waiting of all) if (waiting.taskId === taskId) waiting.moved.abort();
    },
    stop(origin) {
      for (const [taskId, { origin: came }] of receivers) if (isBelow(came, origin)) receivers.delete(taskId);
      for (const waiting of all) if (isBelow(waiting.origin, origin)) waiting.stop.abort(new Error("stopped"));
    },
    hasReceiver: (taskId) => receivers.has(taskId),
    async again(taskId, what) {
      const waiting = receivers.get(taskId);
      const task = waiting?.part.context.store.get(taskId);
      if (!waiting || !task) return undefined;
      const { part, url, request } = waiting;
      const { vendor } = part;
      const of = log.read().filter((entry) => entry.taskId === taskId);
      const number = what === "true" ? Math.max(0, ...of.map(({ attempt }) => attempt)) + 1 : 0;
      const fault = what === "true" ? {} : { fault: what };
      const error = undeliverable(url, deliver);
      if (error !== undefined) {
        const shown = { vendor: vendor.name, taskId, url: shortened(url), attempt: number, at: clock.now() };
        return log.push<CallbackEntry>({ ...shown, ...fault, error });
      }
      if (what === "true") await attempt({ ...waiting, stop: new AbortController() }, task, number, undefined);
      else {
        const told = { task: dated(task, clock), request, now: clock.dateOf(clock.now()) };
        const message = forgedMessage(vendor, url, what, told);
        const { timeout } = callingOf(vendor);
        const to = { vendor: vendor.name, taskId, attempt: 0, message, timeout, fault: what };
        await send(to, new AbortController().signal);
      }
      return log.read().findLast((entry) => entry.taskId === taskId && entry.attempt === number);
    },
  };
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });

const isBelow = (base: string, origin: string | undefined): boolean =>
  origin === undefined || base === origin || base.startsWith(`${origin}/`);
