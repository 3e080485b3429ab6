import * as fc from "fast-check";
import { expect, test } from "vitest";
import { acme, ref } from "../test/acme.ts";
import { backoff } from "../time/clock.ts";
import { firstDelay, nextPollAt, pollDelay } from "./schedule.ts";

fc.configureGlobal({ seed: 4 });

const submitted = Date.UTC(2026, 0, 1);
const at = { ...ref, submittedAt: new Date(submitted).toISOString() };

const short = { ref: at, now: submitted, duration: 5 };

test("the first question falls into the documented range of the model and the length", () => {
  expect(firstDelay(acme, short)).toBe(52_959);
  expect(firstDelay(acme, { ...short, duration: 10 })).toBe(82_959);
  expect(firstDelay(acme, { ref: at, now: submitted })).toBe(54_875); // 50 to 100 s: the length is not known
  expect(firstDelay(acme, { ...short, now: submitted + 20_000 })).toBe(32_959);
  expect(firstDelay(acme, { ...short, poll: { first: 1_000 } })).toBe(1_000);
});

test("a task whose time has passed, or of unknown age, is asked for at once", () => {
  expect(firstDelay(acme, { ...short, now: submitted + 60_000 })).toBe(0);
  expect(firstDelay(acme, { ref, now: submitted })).toBe(0);
  expect(firstDelay(acme, { ref, now: submitted, poll: { first: 300 } })).toBe(300);
});

test("then at the interval, where one is given or the age is not known, else on the schedule", () => {
  expect(pollDelay(acme, { ref, now: submitted + 50_000 })).toBe(5_000);
  for (const asked of [at, ref])
    expect(pollDelay(acme, { ref: asked, now: submitted + 60_000, poll: { interval: 700 }, duration: 5 })).toBe(700);
  expect(pollDelay(acme, { ...short, now: submitted + 52_959 })).toBe(2_721);
});

test("asked early, the next time is still the documented one", () => {
  expect(pollDelay(acme, { ...short, now: submitted + 10_000, poll: { interval: 700 } })).toBe(42_959);
  expect(nextPollAt(acme, { ...short, duration: 10 })).toBe("2026-01-01T00:01:22.959Z");
});

test("a model without documented times, or that is not listed, has the stated fallback", () => {
  for (const model of ["acme-2", "newer", "__proto__"])
    expect(firstDelay(acme, { ref: { ...at, model }, now: submitted })).toBe(21_500);
});

test("the clock of the machine that submitted cannot put the first question off", () => {
  const ahead = { ...ref, submittedAt: "2030-01-01T00:00:00.000Z" };
  expect(firstDelay(acme, { ...short, ref: ahead })).toBe(52_959);
  const endOfTime = { ...ref, submittedAt: "+275760-09-13T00:00:00.000Z" };
  expect(nextPollAt(acme, { ...short, ref: endOfTime })).toBe("2026-01-01T00:00:52.959Z");
});

test("times that are no times do not turn into a storm or into never", () => {
  expect(firstDelay(acme, { ref: at, now: submitted, poll: { first: Number.POSITIVE_INFINITY } })).toBe(2 ** 30);
  expect(firstDelay(acme, { ref: at, now: submitted, poll: { first: Number.NaN } })).toBe(0);
  expect(pollDelay(acme, { ref: ref, now: submitted, poll: { interval: -1 } })).toBe(0);
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
