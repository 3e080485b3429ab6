import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { handClock } from "../test/hand-clock.ts";
import { createSlots } from "./slots.ts";

const turn = () => new Promise(setImmediate);

function placed(limit: number) {
  const clock = handClock();
  const slots = createSlots(clock, limit);
  const order: string[] = [];
  const take = (name: string, signal?: AbortSignal) =>
    slots.take(signal).then((slot) => {
      order.push(name);
      return slot;
    });
  return { clock, slots, order, take };
}

test("places are given first come, first served", async () => {
  const { slots, order, take } = placed(2);
  const [a, b] = await Promise.all([take("a"), take("b")]);
  for (const name of ["c", "d", "e"]) void take(name);
  await turn();
  expect(order).toEqual(["a", "b"]);
  expect(slots.hasSlot()).toBe(false);
  a.free();
  await turn();
  expect(order).toEqual(["a", "b", "c"]);
  b.free();
  await turn();
  expect(order).toEqual(["a", "b", "c", "d"]);
});

test("a place is free when its task ends, and only once", async () => {
  const { slots, order, take } = placed(1);
  (await take("a")).hold("t1", 1e6);
  void take("b");
  void take("c");
  slots.ended("t2");
  await turn();
  expect(order).toEqual(["a"]);
  slots.ended("t1");
  slots.ended("t1");
  await turn();
  expect(order).toEqual(["a", "b"]);
});

test("a place whose task is never polled is free after the longest time", async () => {
  const { clock, slots, order, take } = placed(1);
  (await take("a")).hold("t1", 1_000);
  void take("b");
  await clock.advance(999);
  expect(order).toEqual(["a"]);
  await clock.advance(1);
  expect(order).toEqual(["a", "b"]);

  const other = placed(1);
  (await other.take("a")).hold("t1", 1_000);
  await other.clock.advance(1_000); // nothing waited: it is seen at the next question
  expect(other.slots.hasSlot()).toBe(true);
  expect(slots.hasSlot()).toBe(false);
});

test("of several the one that is free first counts, also when it is held later", async () => {
  const { clock, order, take } = placed(2);
  (await take("a")).hold("t1", 9_000);
  const b = await take("b");
  void take("c");
  b.hold("t2", 1_000);
  await clock.advance(1_000);
  expect(order).toEqual(["a", "b", "c"]);
});

test("freeing twice, or freeing and ending, gives away one place", async () => {
  const { slots, order, take } = placed(1);
  const a = await take("a");
  for (const name of ["b", "c"]) void take(name);
  a.free();
  a.free();
  a.hold("t1", 1_000);
  slots.ended("t1");
  await turn();
  expect(order).toEqual(["a", "b"]);
});

test("a task that ended before its own submit knew its id holds no place", async () => {
  const { slots, order, take } = placed(1);
  const a = await take("a");
  void take("b");
  slots.ended("t1"); // a callback that overtook the answer to the POST
  await turn();
  expect(order).toEqual(["a"]);
  a.hold("t1", 1e6);
  await turn();
  expect(order).toEqual(["a", "b"]);
});

test("an abort leaves the queue; no timer stays for it, nor for one that was served", async () => {
  const { clock, order, take } = placed(1);
  const a = await take("a");
  a.hold("t1", 1_000_000);
  expect(clock.timers).toBe(0);
  const controller = new AbortController();
  const gone = take("b", controller.signal).catch((error: unknown) => (error as Error).message);
  expect(clock.timers).toBe(1);
  controller.abort(new Error("enough"));
  expect(await gone).toBe("enough");
  await turn();
  expect(clock.timers).toBe(0);
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);

  const c = take("c");
  a.free();
  await c;
  await turn();
  expect(clock.timers).toBe(0);
  expect(order).toEqual(["a", "c"]);
});

test("without a limit nothing waits", async () => {
  const { slots, take } = placed(Infinity);
  for (let n = 0; n < 100; n++) (await take("x")).hold(`t${n}`, 1e6);
  expect(slots.hasSlot()).toBe(true);
});
