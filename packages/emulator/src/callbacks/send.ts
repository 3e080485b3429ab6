// One attempt to call back: what is sent, how long it may take, what is written down.
import type { OwnClock } from "../time/clock.ts";
import type { Exchanges } from "../time/open-exchanges.ts";
import { shortened, type CallbackEntry, type CallbackLog } from "./log.ts";
import type { Message, Post } from "./post.ts";

export interface Attempt {
  vendor: string;
  taskId: string;
  attempt: number;
  message: Message;
  timeout: number;
  fault?: string | undefined;
}

/** The receiver's status; nothing when there was no answer. */
export type Send = (attempt: Attempt, signal: AbortSignal) => Promise<number | undefined>;

export function createSend(clock: OwnClock, exchanges: Exchanges, post: Post, log: CallbackLog): Send {
  return async ({ vendor, taskId, attempt, message, timeout, fault }, signal) => {
    const url = shortened(message.url);
    const at = clock.now();
    const entry = log.push<CallbackEntry>({ vendor, taskId, url, attempt, at, ...(fault !== undefined && { fault }) });
    const exchange = exchanges.open(`callback to ${url}`);
    exchange.release(); // a receiver may well sleep on the clock that waits for it
    const timer = new AbortController();
    const given = new AbortController();
    try {
      entry.status = await Promise.race([
        post(message, AbortSignal.any([given.signal, signal])),
        tooLate(clock, timeout, AbortSignal.any([timer.signal, signal])),
      ]);
    } catch (error) {
      const { code, message: words } = error as Error & { code?: unknown };
      given.abort();
      entry.error = typeof code === "string" ? code : words;
    } finally {
      exchange.end();
      timer.abort();
    }
    return entry.status;
  };
}

/** Rejects when `timeout` is over, and at once when the signal says so. */
async function tooLate(clock: OwnClock, timeout: number, signal: AbortSignal): Promise<never> {
  const real = new Promise((resolve) => setTimeout(resolve, clock.patience).unref());
  await Promise.all([clock.sleep(timeout, signal, true), real]);
  throw new Error(`no answer within ${timeout / 1000} s`);
}
