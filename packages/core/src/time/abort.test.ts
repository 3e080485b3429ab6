import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { linkSignals } from "./abort.ts";
import { untilAborted } from "./until-aborted.ts";

const listeners = (...signals: AbortSignal[]) => signals.map((signal) => getEventListeners(signal, "abort").length);
const stopped = () => new Error("stopped");

test("work that ends is passed on, and its signal is left clean", async () => {
  const { signal } = new AbortController();
  expect(await untilAborted(Promise.resolve(1), signal, stopped)).toBe(1);
  await expect(untilAborted(Promise.reject(new Error("no")), signal, stopped)).rejects.toThrow("no");
  expect(await untilAborted(Promise.resolve(2), undefined, stopped)).toBe(2);
  await new Promise(setImmediate);
  expect(listeners(signal)).toEqual([0]);
});

test("an abort settles at once, also when it came before, and a later rejection disturbs nothing", async () => {
  const controller = new AbortController();
  let fail = (_: Error) => {};
  const work = new Promise<never>((_, reject) => (fail = reject));
  const waiting = untilAborted(work, controller.signal, stopped);
  controller.abort();
  await expect(waiting).rejects.toThrow("stopped");
  await expect(untilAborted(Promise.reject(new Error("no")), controller.signal, stopped)).rejects.toThrow("stopped");
  fail(new Error("late"));
  await new Promise(setImmediate);
});

test("linked signals abort with the first reason and are left clean at the end", () => {
  const [a, b] = [new AbortController(), new AbortController()];
  const link = linkSignals(a.signal, undefined, b.signal);
  expect(listeners(a.signal, b.signal)).toEqual([1, 1]);
  b.abort("b");
  a.abort("a");
  expect(link.signal.reason).toBe("b");
  const ended = linkSignals(new AbortController().signal, a.signal);
  expect(ended.signal.reason).toBe("a");
  link.end();
  expect(listeners(a.signal, b.signal)).toEqual([0, 0]);
});
