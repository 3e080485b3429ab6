import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { handClock } from "../test/hand-clock.ts";
import { turns } from "../test/turns.ts";
import { createAlarm } from "./alarm.ts";

test("each sleeper wakes at its time, those of the same time in the order in which they came", async () => {
  const clock = handClock();
  const alarm = createAlarm(clock);
  const woken: [name: string, at: number][] = [];
  const sleep = (name: string, ms: number) => alarm.sleep(ms).then(() => woken.push([name, clock.elapsed()]));
  for (const [name, ms] of [
    ["late", 300],
    ["a", 100],
    ["b", 100],
    ["at once", 0],
    ["c", 100],
  ] as const)
    void sleep(name, ms);
  await clock.advance(1_000);
  expect(woken).toEqual([
    ["at once", 0],
    ["a", 100],
    ["b", 100],
    ["c", 100],
    ["late", 300],
  ]);
});

test("however many sleep, the clock has one timer, and none when all are awake", async () => {
  const clock = handClock();
  const alarm = createAlarm(clock);
  for (let n = 1; n <= 1_000; n++) void alarm.sleep(n);
  expect(clock.timers).toBe(1);
  await clock.advance(1_000);
  expect(clock.timers).toBe(0);
});

test("those that are due at once wake in groups, with a turn of the event loop between", async () => {
  const clock = handClock();
  const alarm = createAlarm(clock);
  let woken = 0;
  let most = 0;
  for (let n = 0; n < 1_000; n++) void alarm.sleep(100).then(() => woken++);
  const moving = clock.advance(100);
  for (let before = 0; woken < 1_000; before = woken) {
    await turns(1);
    most = Math.max(most, woken - before);
  }
  await moving;
  expect(most).toBeLessThanOrEqual(512);
});

test("a signal wakes its sleeper at once, and leaves neither timer nor listener", async () => {
  const clock = handClock();
  const alarm = createAlarm(clock);
  const controller = new AbortController();
  const sleeping = alarm.sleep(1_000, controller.signal);
  controller.abort();
  await sleeping;
  expect(clock.elapsed()).toBe(0);
  expect(clock.timers).toBe(0);
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
});

test("what else interrupts wakes a sleeper at once, and is let go of when it wakes by itself", async () => {
  const clock = handClock();
  const alarm = createAlarm(clock);
  const works = new Set<() => void>();
  const interrupt = (work: () => void) => (works.add(work), () => void works.delete(work));
  const sleeping = alarm.sleep(1_000, undefined, interrupt);
  for (const work of works) work();
  await sleeping;
  expect([clock.elapsed(), clock.timers, works.size]).toEqual([0, 0, 0]);
  const another = alarm.sleep(100, undefined, interrupt);
  await clock.advance(100);
  await another;
  expect(works.size).toBe(0);
});

test("a signal that has aborted lets nothing sleep", async () => {
  const clock = handClock();
  await createAlarm(clock).sleep(1_000, AbortSignal.abort());
  expect(clock.timers).toBe(0);
});

test("a sleeper that has woken leaves no listener on its signals", async () => {
  const clock = handClock();
  const { signal } = new AbortController();
  const sleeping = createAlarm(clock).sleep(100, signal);
  await clock.advance(100);
  await sleeping;
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test.each<[how: string, sleep: () => Promise<void>]>([
  ["rejects", () => Promise.reject(new Error("no clock"))],
  [
    "throws",
    () => {
      throw new Error("no clock");
    },
  ],
])("a clock that %s wakes its sleepers with that error", async (_, sleep) => {
  const alarm = createAlarm({ ...handClock(), sleep });
  const errors = await Promise.allSettled([alarm.sleep(100), alarm.sleep(200)]);
  expect(errors).toEqual(errors.map(() => ({ status: "rejected", reason: new Error("no clock") })));
});

test("a clock whose timers fire early wakes no sleeper before its time", async () => {
  const clock = handClock();
  const early = { ...clock, elapsed: clock.elapsed, sleep: (ms: number, s?: AbortSignal) => clock.sleep(ms * 0.9, s) };
  let at = 0;
  void createAlarm(early)
    .sleep(1_000)
    .then(() => (at = clock.elapsed()));
  await clock.advance(2_000);
  expect(at).toBeGreaterThanOrEqual(1_000);
});
