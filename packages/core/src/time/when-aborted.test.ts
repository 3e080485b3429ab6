import { getEventListeners } from "node:events";
import { expect, test, vi } from "vitest";
import { whenAborted } from "./when-aborted.ts";

test("everything that waits is told once, in the order in which it came", () => {
  const controller = new AbortController();
  const told: string[] = [];
  for (const name of ["a", "b", "c"]) whenAborted(controller.signal, () => told.push(name));
  controller.abort();
  controller.abort();
  expect(told).toEqual(["a", "b", "c"]);
});

test("what is taken back is not told", () => {
  const controller = new AbortController();
  const [kept, dropped] = [vi.fn(), vi.fn()];
  const forget = whenAborted(controller.signal, dropped);
  whenAborted(controller.signal, kept);
  forget();
  forget();
  controller.abort();
  expect(kept).toHaveBeenCalledOnce();
  expect(dropped).not.toHaveBeenCalled();
});

test("the signal has one listener while one waits, and none afterwards", () => {
  const { signal } = new AbortController();
  const forget = Array.from({ length: 3 }, () => whenAborted(signal, () => {}));
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  for (const each of forget) each();
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
  whenAborted(signal, () => {});
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
});

test("without a signal nothing is told, and nothing is to be taken back", () => {
  expect(() => whenAborted(undefined, () => {})()).not.toThrow();
});
