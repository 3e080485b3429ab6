// Real time, or real time several times as fast.
import { given } from "../names.ts";
import { checkAdvance, checkPromise, delayOf, type ClockMode, type OwnClock } from "./clock.ts";
import { createManualClock } from "./manual-clock.ts";
import type { Exchanges } from "./open-exchanges.ts";

/** Real milliseconds: a server in development may build its route before it answers. */
const RECEIVER_PATIENCE = 5_000;

export function createScaledClock(speed: number): OwnClock {
  const startedAt = Date.now();
  const origin = performance.now();
  let skipped = 0;
  const elapsed = () => (performance.now() - origin) * speed + skipped;
  /** Has each sleeper look at the time again. */
  const sleepers = new Set<() => void>();

  const sleep = (ms: number, signal?: AbortSignal, background = false): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const due = elapsed() + delayOf(ms);
      let timer: ReturnType<typeof setTimeout>;
      const onAbort = () => {
        clearTimeout(timer);
        sleepers.delete(look);
        reject(signal?.reason);
      };
      const look = () => {
        clearTimeout(timer);
        wait();
      };
      // Timers may fire a fraction early, which a high speed turns into seconds: look again before waking a sleeper.
      const set = (delay: number) => {
        timer = setTimeout(wait, delay);
        if (background) timer.unref();
      };
      const wait = () => {
        const left = due - elapsed();
        if (left > 0) {
          set(Math.ceil(left / speed));
          return;
        }
        signal?.removeEventListener("abort", onAbort);
        sleepers.delete(look);
        resolve();
      };
      sleepers.add(look);
      set(Math.min(Math.ceil(delayOf(ms) / speed), 2 ** 30));
      signal?.addEventListener("abort", onAbort, { once: true });
    });

  return {
    patience: RECEIVER_PATIENCE,
    dateOf: (at) => (speed === 1 ? at : Math.floor(startedAt + (at - startedAt) / speed)),
    now: speed === 1 ? () => Date.now() + skipped : () => Math.floor(startedAt + elapsed()),
    elapsed,
    sleep,
    async advance(ms) {
      checkAdvance(ms);
      await sleep(ms);
    },
    async skip(ms) {
      checkAdvance(ms);
      skipped += ms;
      for (const look of sleepers) look();
    },
    async until(promise) {
      checkPromise(promise);
      return await promise;
    },
  };
}

export function createClock(mode: ClockMode, exchanges: Exchanges): OwnClock {
  if (mode === "manual") return createManualClock(exchanges);
  if (mode === "real") return createScaledClock(1);
  const isObject = typeof mode === "object" && mode !== null && !Array.isArray(mode);
  const { speed } = isObject ? given<{ speed?: unknown }>("clock", mode, ["speed"]) : {};
  if (typeof speed !== "number") {
    throw new TypeError(
      `clock must be "real", "manual" or { speed: number }, not ${JSON.stringify(mode) ?? String(mode)}; leave it out for "real"`,
    );
  }
  if (!Number.isFinite(speed) || speed <= 0) {
    throw new RangeError(
      `clock.speed must be a finite number above 0, not ${speed}; { speed: 60 } makes a minute pass in a second`,
    );
  }
  return createScaledClock(speed);
}
