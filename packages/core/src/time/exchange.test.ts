import { getEventListeners } from "node:events";
import { afterEach, expect, test, vi } from "vitest";
import { Exchange } from "./exchange.ts";

afterEach(() => void vi.useRealTimers());
const never = () => new Promise<never>(() => {});
const listeners = (signal: AbortSignal) => getEventListeners(signal, "abort").length;

test("an exchange ends with a TimeoutError after its time, and leaves neither timer nor listener", async () => {
  vi.useFakeTimers();
  const outer = new AbortController().signal;
  for (const ms of [1_000, 100]) {
    const exchange = new Exchange(outer).start(ms);
    const step = exchange.until(never()).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(ms - 1);
    expect(exchange.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(exchange.signal.reason).toMatchObject({ name: "TimeoutError" });
    expect(await step).toBe(exchange.signal.reason);
    expect(exchange.isLeft).toBe(false);
    exchange.end();
  }
  new Exchange(outer).start(1_000).end();
  const nearlyLate = new Exchange(outer).start(1_000);
  await vi.advanceTimersByTimeAsync(999);
  nearlyLate.end();
  expect([vi.getTimerCount(), listeners(outer)]).toEqual([0, 0]);
});

test("an exchange that may take for ever is not ended at once", async () => {
  vi.useFakeTimers();
  const exchange = new Exchange().start(Number.POSITIVE_INFINITY);
  await vi.advanceTimersByTimeAsync(86_400_000);
  expect(exchange.signal.aborted).toBe(false);
  exchange.end();
});

test("it is left with its caller, at any step, also before the first, and for the first reason", async () => {
  const stop = new AbortController();
  const running = new Exchange(stop.signal);
  expect(await running.until(Promise.resolve(1))).toBe(1);
  const step = running.until(never());
  stop.abort("gone");
  await expect(step).rejects.toBe("gone");
  const late = new Exchange(stop.signal);
  await expect(late.until(never())).rejects.toBe("gone");
  expect([running.isLeft, late.isLeft, late.signal.aborted]).toEqual([true, true, true]);
});

test("it is left when something else makes it needless, and hears no more of that after its end", async () => {
  const works = new Set<() => void>();
  const interrupt = (work: () => void) => (works.add(work), () => void works.delete(work));
  const exchange = new Exchange(undefined, interrupt);
  const step = exchange.until(never());
  for (const work of works) work();
  await expect(step).rejects.toBeDefined();
  expect(exchange.isLeft).toBe(true);
  exchange.end();
  expect(works.size).toBe(0);
});

test("what a step ends with after the exchange is over disturbs nothing", async () => {
  const stop = new AbortController();
  const exchange = new Exchange(stop.signal);
  let fail = (_: Error) => {};
  const step = exchange.until(new Promise<never>((_, reject) => (fail = reject)));
  stop.abort("gone");
  await expect(step).rejects.toBe("gone");
  fail(new Error("late"));
  await new Promise(setImmediate);
});
