// Real time, or real time several times as fast.
import type { OwnClock } from "./clock.ts";
import { checkAdvance, delayOf } from "./delay.ts";

export function createScaledClock(speed: number): OwnClock {
  const startedAt = Date.now();
  const origin = performance.now();
  const elapsed = () => (performance.now() - origin) * speed;

  const sleep = (ms: number, signal?: AbortSignal, background = false): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const due = elapsed() + delayOf(ms);
      let timer: ReturnType<typeof setTimeout>;
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      // Timers may fire a fraction early, which a high speed turns into seconds: look again before waking anybody.
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
        resolve();
      };
      set(Math.min(Math.ceil(delayOf(ms) / speed), 2 ** 30));
      signal?.addEventListener("abort", onAbort, { once: true });
    });

  return {
    now: speed === 1 ? () => Date.now() : () => Math.floor(startedAt + elapsed()),
    elapsed,
    sleep,
    async advance(ms) {
      checkAdvance(ms);
      await sleep(ms);
    },
    until: async (promise) => await promise,
  };
}
