import { getEventListeners } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isoTime, safeDelay, systemClock } from "./clock.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a delay is always one that a timer can take", () => {
  const rows = [
    [-1, 0],
    [Number.NaN, 0],
    [Number.NEGATIVE_INFINITY, 0],
    [0, 0],
    [1.5, 1.5],
    [2 ** 31, 2 ** 30],
    [Number.POSITIVE_INFINITY, 2 ** 30],
  ] as const;
  for (const [given, safe] of rows) expect(safeDelay(given), `${given}`).toBe(safe);
});

test("a sleep ends after its time, and a very long one does not end at once", async () => {
  const ended = vi.fn();
  void systemClock.sleep(1_000).then(ended);
  void systemClock.sleep(2 ** 31).then(ended);
  await vi.advanceTimersByTimeAsync(999);
  expect(ended).toHaveBeenCalledTimes(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(ended).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(2 ** 29);
  expect(ended).toHaveBeenCalledTimes(1);
});

test("an abort ends a sleep at once with the signal's reason, and leaves no timer and no listener", async () => {
  const { signal, ...abort } = abortable();
  const sleeping = systemClock.sleep(1_000, signal);
  abort.now("enough");
  await expect(sleeping).rejects.toBe("enough");
  await expect(systemClock.sleep(1_000, signal)).rejects.toBe("enough");
  expect(vi.getTimerCount()).toBe(0);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("a sleep that ends by itself takes its listener off the signal", async () => {
  const { signal } = abortable();
  const sleeping = systemClock.sleep(10, signal);
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(10);
  await sleeping;
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("time is wall time and monotonic time, and is written as ISO 8601", () => {
  vi.setSystemTime(1_767_225_600_000);
  expect(isoTime(systemClock.now())).toBe("2026-01-01T00:00:00.000Z");
  const before = systemClock.elapsed();
  vi.setSystemTime(0);
  expect(systemClock.elapsed()).toBeGreaterThanOrEqual(before);
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, now: (reason: unknown) => controller.abort(reason) };
}
