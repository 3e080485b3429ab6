import type { PollOptions } from "../context/options.ts";
import type { TaskRef } from "../task/task.ts";
import { isoTime, safeDelay } from "../time/clock.ts";
import { timingOf, type Timing } from "../vendor-spec/models.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import { nextCheck } from "./optimal-schedule.ts";

/** In ms, between two polls of a task of unknown age, and the least after a fault. APIXO's pages advise it. */
export const INTERVAL = 5_000;

/** For a model without a documented time: roughly what the other vendors publish of the same models. */
const FALLBACK: Timing = { p50Ms: 120_000, p90Ms: 400_000 };

type When = { ref: TaskRef; now: number; poll?: PollOptions | undefined; duration?: unknown };

/**
 * How long until the first poll makes sense, by the model's documented times since the submit. A task that is
 * older than that, or of unknown age, is asked for at once.
 */
export function firstDelay(adapter: Adapter, { ref, now, poll = {}, duration }: When): number {
  const first = safeDelay(poll.first ?? nextCheck(timing(adapter, ref, duration), 0));
  if (ref.submittedAt === undefined) return poll.first === undefined ? 0 : first;
  // Never longer than that, even if the clock of the submitting machine was wrong.
  return Math.max(0, Math.min(first, Date.parse(ref.submittedAt) + first - now));
}

/** How long to wait before asking again. */
export function pollDelay(adapter: Adapter, when: When): number {
  const { ref, now, poll = {}, duration } = when;
  if (ref.submittedAt === undefined) return safeDelay(poll.interval ?? INTERVAL);
  const untilFirst = firstDelay(adapter, when);
  if (untilFirst > 0) return untilFirst;
  if (poll.interval !== undefined) return safeDelay(poll.interval);
  const age = Math.max(0, now - Date.parse(ref.submittedAt));
  return safeDelay(nextCheck(timing(adapter, ref, duration), age) - age);
}

/** The polling schedule as data, for queues and cron. */
export const nextPollAt = (adapter: Adapter, when: Omit<When, "poll">): string =>
  isoTime(when.now + pollDelay(adapter, when));

const timing = ({ models }: Adapter, { model }: TaskRef, duration: unknown): Timing =>
  timingOf(Object.hasOwn(models, model) ? models[model] : undefined, duration) ?? FALLBACK;
