import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createDurations } from "../context/durations.ts";
import type { PollOptions } from "../context/options.ts";
import { createLimiter } from "../limits/limiter.ts";
import { acme, ref } from "../test/acme.ts";
import { handClock } from "../test/hand-clock.ts";
import { backoff } from "../time/clock.ts";
import { LOOSE, scheduleOf } from "./optimal-schedule.ts";
import { phaseOf } from "./phase.ts";
import { firstDelay, nextPollAt, pollDelay } from "./schedule.ts";

fc.configureGlobal({ seed: 4 });

const submitted = Date.UTC(2026, 0, 1);
const at = { ...ref, submittedAt: new Date(submitted).toISOString() };

/** A client's documented times, with nothing learned yet and nothing sent. */
const times = (limits = {}) => ({
  adapter: acme,
  durations: createDurations(),
  limiter: createLimiter(handClock(), limits),
});
const fresh = times();

const short = { ref: at, now: submitted, duration: 5 };

/** The checks of the task, on its own phase of a schedule. */
const checksOf =
  (...given: Parameters<typeof scheduleOf>) =>
  (ageMs: number) =>
    scheduleOf(...given)(ageMs, phaseOf(ref.id));
const schedule5 = checksOf({ minMs: 50_000, maxMs: 70_000 });
const first5 = schedule5(0);
const first10 = checksOf({ minMs: 80_000, maxMs: 100_000 })(0);

test("the first question is the first check of the model and the length", () => {
  expect(firstDelay(fresh, short)).toBe(first5);
  expect(firstDelay(fresh, { ...short, duration: 10 })).toBe(first10);
  expect(firstDelay(fresh, { ref: at, now: submitted })).toBe(checksOf({ minMs: 50_000, maxMs: 100_000 })(0));
});

test("tasks of one batch are asked for in three groups, each task at the same moment in every process", () => {
  const first = (id: string, of = fresh) => firstDelay(of, { ...short, ref: { ...at, id } });
  const firsts = Array.from({ length: 300 }, (_, n) => first(`task-${n}`));
  const moments = [2_317, 4_633, 6_950];
  expect(moments).toEqual(expect.arrayContaining(firsts));
  for (const moment of moments) expect(firsts.filter((ms) => ms === moment).length).toBeGreaterThan(75);
  expect(first("task-7", times())).toBe(firsts[7]);
});

test("the first question counts from the submit, and is the caller's where one is given", () => {
  expect(firstDelay(fresh, { ...short, now: submitted + 2_000 })).toBe(first5 - 2_000);
  expect(firstDelay(fresh, { ...short, poll: { first: 1_000 } })).toBe(1_000);
});

test("a task whose time has passed, or of unknown age, is asked for at once", () => {
  expect(firstDelay(fresh, { ...short, now: submitted + 60_000 })).toBe(0);
  expect(firstDelay(fresh, { ref, now: submitted })).toBe(0);
  expect(firstDelay(fresh, { ref, now: submitted, poll: { first: 300 } })).toBe(300);
});

test("then at the interval, where one is given or the age is not known, else on the schedule", () => {
  expect(pollDelay(fresh, { ref, now: submitted + 50_000 })).toBe(5_000);
  for (const asked of [at, ref])
    expect(pollDelay(fresh, { ref: asked, now: submitted + 60_000, poll: { interval: 700 }, duration: 5 })).toBe(700);
  expect(pollDelay(fresh, { ...short, now: submitted + 52_000 })).toBe(schedule5(52_000) - 52_000);
});

test("asked before the first check, the next time is still that one", () => {
  expect(pollDelay(fresh, { ...short, now: submitted + 1_000, poll: { interval: 700 } })).toBe(first5 - 1_000);
  expect(nextPollAt(fresh, { ...short, duration: 10 })).toBe(new Date(submitted + first10).toISOString());
});

test.each(["acme-2", "newer", "__proto__"])("%s has no documented times: the stated fallback", (model) => {
  const fallback = checksOf({ p50Ms: 120_000, p90Ms: 400_000 });
  expect(firstDelay(fresh, { ref: { ...at, model }, now: submitted })).toBe(fallback(0));
  const later = { ref: { ...at, model }, now: submitted + 100_000 };
  expect(pollDelay(fresh, later)).toBe(fallback(100_000) - 100_000);
});

test("the clock of the machine that submitted cannot put the first question off", () => {
  const ahead = { ...ref, submittedAt: "2030-01-01T00:00:00.000Z" };
  expect(firstDelay(fresh, { ...short, ref: ahead })).toBe(first5);
  const endOfTime = { ...ref, submittedAt: "+275760-09-13T00:00:00.000Z" };
  expect(nextPollAt(fresh, { ...short, ref: endOfTime })).toBe(new Date(submitted + first5).toISOString());
});

test.each<[poll: PollOptions | undefined, gap: number]>([
  [{ first: 1, interval: 10_000 }, 10_000],
  [{ first: 1 }, first5],
  [{ first: 300_000 }, 300_000],
  [{ interval: 700 }, 700],
  [undefined, first5],
])("a clock that was set back, or is behind the submit's, makes of %j no gap but %i ms", (poll, gap) => {
  const when = { ...short, now: submitted - 60_000, poll };
  expect(firstDelay(fresh, when)).toBe(poll?.first ?? first5);
  expect(pollDelay(fresh, when)).toBe(gap);
});

test("a model of which ten ends were seen may be asked for less often", () => {
  const learned = times();
  const seen = Array.from({ length: 10 }, (_, n) => 55_000 + n * 1_000);
  for (const durationMs of seen) learned.durations.see("acme-1", 5, [[`t${durationMs}`, durationMs]]);
  const loose = checksOf({ minMs: 50_000, maxMs: 70_000 }, seen, LOOSE);
  expect(firstDelay(learned, short)).toBe(loose(0));
});

test("near the vendor's rate limit every model is", async () => {
  const busy = times({ requestsPerMinute: 10 });
  for (let n = 0; n < 4; n++) await busy.limiter.pass("submit");
  expect(firstDelay(busy, short)).toBe(first5);
  await busy.limiter.pass("submit");
  const loose = checksOf({ minMs: 50_000, maxMs: 70_000 }, [], LOOSE);
  expect(firstDelay(busy, short)).toBe(loose(0));
  // Not right after the check of another schedule, although this one's first is due.
  const age = loose(0) - 300;
  expect(pollDelay(busy, { ...short, now: submitted + age })).toBe(loose(age) - age);
  expect(loose(age) - age).toBeGreaterThan(1_000);
});

test("times that are no times do not turn into a storm or into never", () => {
  expect(firstDelay(fresh, { ref: at, now: submitted, poll: { first: Number.POSITIVE_INFINITY } })).toBe(2 ** 30);
  expect(firstDelay(fresh, { ref: at, now: submitted, poll: { first: Number.NaN } })).toBe(0);
  expect(pollDelay(fresh, { ref: ref, now: submitted, poll: { interval: -1 } })).toBe(0);
});

test("back-off doubles up to 30 s, with full jitter", () => {
  const longest = Array.from({ length: 8 }, (_, index) => backoff(index + 1, () => 1));
  expect(longest).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  expect(backoff(3, () => 0.25)).toBe(1_000);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), (faults) => {
      const waitMs = backoff(faults);
      expect(waitMs >= 0 && waitMs <= 30_000).toBe(true);
    }),
  );
});
