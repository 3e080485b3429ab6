// What waiting costs when much waits: counted in operations, so that a busy machine changes nothing.
import { expect, test } from "vitest";
import { handClock } from "../test/hand-clock.ts";
import { turns } from "../test/turns.ts";
import { createHeap } from "../time/heap.ts";
import { createLimiter } from "./limiter.ts";

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
  const waiting = Array.from({ length: 10_000 }, () => limiter.pass("submit", controller.signal).catch(() => "gone"));
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
