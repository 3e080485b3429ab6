// What waiting costs when much waits: counted in operations, so that a busy machine changes nothing.
import { expect, test, vi } from "vitest";
import { handClock } from "../test/hand-clock.ts";
import { turns } from "../test/turns.ts";
import { createHeap } from "../time/heap.ts";
import { createLimiter } from "./limiter.ts";
import { memorySlots } from "./memory-slots.ts";
import { createPlaces } from "./places.ts";
import { createSlots } from "./slots.ts";

/** How often the limiter reads the clock while this many polls with a deadline come, leave and are answered. */
async function clockReads(count: number): Promise<number> {
  const clock = handClock();
  let reads = 0;
  const counting = { ...clock, elapsed: () => (reads++, clock.elapsed()) };
  const limiter = createLimiter(counting, { requestsPerMinute: 1e6, concurrentTasks: count });
  const passing = Array.from({ length: count }, async (_, n) => {
    const slot = await limiter.take();
    slot.hold(`t${n}`, 1e6);
    await limiter.pass("poll", undefined, 1e6 + n);
    limiter.left();
    limiter.ended(`t${n}`);
  });
  await Promise.all(passing);
  return reads;
}

test("four times as many waits read the clock about four times as often", async () => {
  const [few, many] = [await clockReads(1_000), await clockReads(4_000)];
  expect(many / few).toBeLessThan(5);
});

test("a heap compares in proportion to the logarithm", () => {
  const compared = (count: number) => {
    let reads = 0;
    const heap = createHeap<number>((a, b) => (reads++, a < b));
    for (let n = count; n > 0; n--) heap.add(n);
    while (heap.take() !== undefined);
    return reads / (count * Math.log2(count));
  };
  expect(compared(16_000)).toBeLessThan(1.3 * compared(1_000));
});

test("one signal for ten thousand waiters has one listener, and none when they have gone", async () => {
  const limiter = createLimiter(handClock(), { requestsPerMinute: 1 });
  await limiter.pass("submit");
  const controller = new AbortController();
  let added = 0;
  const add = controller.signal.addEventListener.bind(controller.signal);
  controller.signal.addEventListener = (...given: Parameters<typeof add>) => (added++, add(...given));
  const waiting = Array.from({ length: 10_000 }, () => limiter.pass("submit", controller.signal)?.catch(() => "gone"));
  expect(added).toBe(1);
  controller.abort();
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(["gone"]));
});

test("waiters that have gone in their turn do not stay in memory for their deadline", async () => {
  const limiter = createLimiter(handClock(), {});
  for (let n = 0; n < 10_000; n++) {
    await limiter.pass("poll", undefined, 1e9);
    limiter.left();
  }
  await turns();
  // Each entry that stayed would be looked at by the next that has a deadline to compare with.
  let compared = 0;
  const deadline = { valueOf: () => (compared++, 1) };
  await limiter.pass("poll", undefined, deadline as unknown as number);
  expect(compared).toBeLessThan(200);
});

test("an end is noted once, however many submits do not know their task yet", async () => {
  const slots = createSlots(handClock(), Infinity);
  const posting = await Promise.all(Array.from({ length: 1_000 }, () => slots.take()));
  const [added, set] = [vi.spyOn(Set.prototype, "add"), vi.spyOn(Map.prototype, "set")];
  try {
    for (let n = 0; n < 1_000; n++) slots.ended(`t${n}`);
    expect(added.mock.calls.length + set.mock.calls.length).toBeLessThanOrEqual(2_000);
  } finally {
    added.mockRestore();
    set.mockRestore();
  }
  for (const [n, slot] of posting.entries()) slot.hold(`t${n}`, 1e6);
  // Each was free when its task was known. One that was given later is not freed by an end before it.
  const late = await slots.take();
  late.hold("t999", 1e6);
  const limited = createSlots(handClock(), 1);
  limited.ended("t1");
  (await limited.take()).hold("t1", 1e6);
  expect(limited.hasSlot()).toBe(false);
});

test("ends are forgotten when every submit that came before them knows its task", async () => {
  const slots = createSlots(handClock(), 2);
  const deleted = vi.spyOn(Map.prototype, "delete");
  try {
    let last = await slots.take();
    for (let n = 0; n < 300; n++) {
      const next = await slots.take();
      slots.ended(`of another client ${n}`);
      last.hold(`t${n}`, 1e6);
      slots.ended(`t${n}`);
      last = next;
    }
    // Once before it was noted, and once to forget it.
    expect(deleted.mock.calls.filter(([id]) => id === "of another client 0")).toHaveLength(2);
  } finally {
    deleted.mockRestore();
  }
});

/** How often slots in memory compare a time with now while so many holders come, wait in line, and go. */
async function comparisons(count: number): Promise<number> {
  let compared = 0;
  const clock = handClock();
  const now = { valueOf: () => (compared++, clock.elapsed()) } as unknown as number;
  const slots = memorySlots({ clock: { ...clock, elapsed: () => now } });
  const ask = (n: number) => slots.take({ account: "a", holder: `k${n}`, limit: count / 2, forMs: 1e6 });
  for (let n = 0; n < count; n++) await ask(n);
  for (let n = 0; n < count / 2; n++) {
    await slots.free("a", `k${n}`);
    expect(await ask(n + count / 2)).toEqual({ ok: true });
  }
  return compared;
}

test("slots in memory compare as many times for each of many holders as for each of a few", async () => {
  const [few, many] = [await comparisons(250), await comparisons(1_000)];
  expect(many / few).toBeLessThan(5);
});

test("a place in a line knows how many are before it, whoever has left", () => {
  const places = createPlaces();
  const line: number[] = [];
  for (let n = 0, random = 7; n < 150; n++) {
    line.push(places.join());
    random = (random * 16_807) % 2_147_483_647;
    if (random % 3 > 0) places.leave(line.splice(random % line.length, 1)[0] ?? 0);
    for (const [index, place] of line.entries()) expect(places.ahead(place)).toBe(index);
  }
});
