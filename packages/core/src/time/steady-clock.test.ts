import { describe, expect, test } from "vitest";
import { jumpClock } from "../testing/jump-clock.ts";
import { systemClock, type Clock } from "./clock.ts";
import { steadyClock } from "./steady-clock.ts";

const broken = (part: keyof Clock, misbehave: () => unknown): Clock =>
  steadyClock({ ...jumpClock(), [part]: misbehave } as Clock);
const thrown = () => {
  throw new Error("mine");
};
const no: [string, () => unknown][] = [
  ["NaN", () => Number.NaN],
  ["infinity", () => Infinity],
  ["a text", () => "0"],
  ["nothing", () => undefined],
  ["a promise", async () => 7],
  ["a promise that rejects", () => Promise.reject(new Error("mine"))],
  ["an error", thrown],
];

describe.each(no)("a clock that gives %s for a time", (_what, misbehave) => {
  test("has the real now", () => expect(broken("now", misbehave).now()).toBeCloseTo(Date.now(), -3));
  test("has the real elapsed", () => expect(broken("elapsed", misbehave).elapsed()).toBeCloseTo(performance.now(), -3));
});

test("a time that no date can be is no time", () => {
  expect(broken("now", () => 8.64e15 + 1).now()).toBeCloseTo(Date.now(), -3);
  expect(broken("now", () => 8.64e15).now()).toBe(8.64e15);
  expect(broken("elapsed", () => 1e300).elapsed()).toBe(1e300);
});

test.each<[string, () => unknown]>([
  ["throws", thrown],
  ["rejects", () => Promise.reject(new Error("mine"))],
])("a sleep that %s is slept in real time", async (_what, misbehave) => {
  const started = performance.now();
  await broken("sleep", misbehave).sleep(20);
  expect(performance.now() - started).toBeGreaterThanOrEqual(19);
});

test("real time goes on from where a clock has failed", async () => {
  const clock = jumpClock();
  let isBroken = false;
  const steady = steadyClock({ ...clock, sleep: (...given) => (isBroken ? thrown() : clock.sleep(...given)) });
  await steady.sleep(7_000_000);
  isBroken = true;
  await steady.sleep(20);
  for (const passed of [steady.elapsed(), steady.now() - Date.UTC(2026, 0, 1)]) {
    expect(passed).toBeGreaterThanOrEqual(7_000_019);
    expect(passed).toBeLessThan(7_010_000);
  }
});

test("an abort ends a sleep with its reason, of the clock and of real time", async () => {
  for (const clock of [steadyClock(jumpClock({ stalled: true })), broken("sleep", thrown)]) {
    const controller = new AbortController();
    const sleeping = clock.sleep(60_000, controller.signal);
    controller.abort("enough");
    await expect(sleeping).rejects.toBe("enough");
    await expect(clock.sleep(60_000, controller.signal)).rejects.toBe("enough");
  }
});

test("a clock that works is what it was, and the same for every client that has it", async () => {
  const clock = jumpClock();
  const steady = steadyClock(clock);
  await steady.sleep(5_000);
  expect(steady.now()).toBe(clock.now());
  expect(steady.elapsed()).toBe(5_000);
  expect(steadyClock(clock)).toBe(steady);
  expect(steadyClock(systemClock)).toBe(systemClock);
});
