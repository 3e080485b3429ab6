import { isoTime } from "./clock.ts";
import { expectedTime } from "./plan.ts";
import type { TaskRef } from "./task.ts";
import type { Adapter } from "./vendor.ts";

/** When to ask again, in ms: `first` after the submit, then every `interval`. */
export type Poll = { first?: number; interval?: number };

/** Between two polls, where the caller says nothing. APIXO's pages advise it; the others give no advice. */
const INTERVAL = 5_000;

/** The first wait of a model for which no page gives a time: one interval. */
const FALLBACK_FIRST = INTERVAL;

/**
 * How long to wait before asking about a task, seen at `now`: until the model's documented shortest time has passed
 * since the submit, then the interval.
 */
export function pollDelay(adapter: Adapter, ref: TaskRef, now: number, poll: Poll = {}, duration?: unknown): number {
  const interval = poll.interval ?? INTERVAL;
  if (ref.submittedAt === undefined) return interval;
  const first = poll.first ?? expectedTime(adapter.models[ref.model], duration)?.minMs ?? FALLBACK_FIRST;
  const untilFirst = Date.parse(ref.submittedAt) + first - now;
  return untilFirst > 0 ? untilFirst : interval;
}

/** The polling schedule as data, for queues and cron. */
export const nextPollAt = (adapter: Adapter, ref: TaskRef, now: number, duration?: unknown): string =>
  isoTime(now + pollDelay(adapter, ref, now, {}, duration));

/** Full jitter below 1 s, 2 s, 4 s … 30 s, so that clients that failed together do not come back together. */
export const backoff = (faults: number, random: () => number = Math.random): number =>
  random() * Math.min(30_000, 1_000 * 2 ** Math.min(faults - 1, 10));
