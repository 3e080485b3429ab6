// When to ask for a task next, as a delay and as data.
import type { ClientContext } from "../context/context.ts";
import type { Ends } from "../context/durations.ts";
import type { PollOptions } from "../context/options.ts";
import type { TaskRef } from "../task/task.ts";
import { isoTime, safeDelay } from "../time/clock.ts";
import { timingOf, type Timing } from "../vendor-spec/models.ts";
import { LOOSE, scheduleOf, TIGHT, type Schedule } from "./optimal-schedule.ts";
import { phaseOf } from "./phase.ts";

/** In ms, between two polls of a task of unknown age, and the least after a fault. APIXO's pages advise it. */
export const INTERVAL = 5_000;

/** For a model without a documented time: roughly what the other vendors publish of the same models. */
const FALLBACK: Timing = { p50Ms: 120_000, p90Ms: 400_000 };
/** A model's times are known after this many ends: it may then be asked less often. */
const KNOWN = 10;

type When = {
  ref: TaskRef;
  now: number;
  poll?: PollOptions | undefined;
  duration?: unknown;
  /** The ends that count. @default those seen until now */
  ends?: Ends | undefined;
};
/** What a schedule is made of: the documented times, those that were seen, and how near the rate limit is. */
export type Times = Pick<ClientContext, "adapter" | "durations" | "limiter">;

/**
 * How long until the first check: by the schedule of the model, from the submit on. A task that is older than that, or of
 * unknown age, is asked for at once.
 */
export function firstDelay(times: Times, when: When): number {
  const { ref, now, poll = {} } = when;
  const first = safeDelay(poll.first ?? nextCheck(times, when, 0));
  if (ref.submittedAt === undefined) return poll.first === undefined ? 0 : first;
  // Never longer than that, even if the clock of the submitting machine was wrong.
  return Math.max(0, Math.min(first, Date.parse(ref.submittedAt) + first - now));
}

/** How long to wait before asking again. */
export function pollDelay(times: Times, when: When): number {
  const { ref, now, poll = {} } = when;
  if (ref.submittedAt === undefined) return safeDelay(poll.interval ?? INTERVAL);
  const untilFirst = firstDelay(times, when);
  // Where a clock was wrong, a task is asked for before its submit, and again and again: `first` is no gap between two polls.
  const age = now - Date.parse(ref.submittedAt);
  if (untilFirst > 0 && age >= 0 && (poll.first ?? poll.interval) !== undefined) return untilFirst;
  if (poll.interval !== undefined) return safeDelay(poll.interval);
  const known = Math.max(0, age);
  return safeDelay(Math.max(untilFirst, nextCheck(times, when, known) - known));
}

/** The polling schedule as data, for queues and cron. */
export const nextPollAt = (times: Times, when: Omit<When, "poll">): string =>
  isoTime(when.now + pollDelay(times, when));

const nextCheck = (times: Times, when: When, ageMs: number): number =>
  scheduleFor(times, when)(ageMs, phaseOf(when.ref.id));

const tight = new WeakMap<Ends, Schedule>();
const loose = new WeakMap<Ends, Schedule>();

/** The schedule of a model and length, made anew when an end was seen. */
function scheduleFor({ adapter, durations, limiter }: Times, { ref: { model }, duration, ends }: When): Schedule {
  const seen = ends ?? durations.of(model, duration);
  const isLoose = seen.size >= KNOWN || limiter.isBusy();
  const made = isLoose ? loose : tight;
  const schedule =
    made.get(seen) ?? scheduleOf(documented(adapter, model, duration), [...seen.values()], isLoose ? LOOSE : TIGHT);
  made.set(seen, schedule);
  return schedule;
}

const documented = ({ models }: Times["adapter"], model: string, length: unknown): Timing =>
  timingOf(Object.hasOwn(models, model) ? models[model] : undefined, length) ?? FALLBACK;
