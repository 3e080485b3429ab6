import type { Clock } from "../clock.ts";

/** A clock whose sleeps take no real time: each moves it forward. `stalled` makes it stand still until an abort. */
export function jumpClock({ stalled = false } = {}): Clock {
  const origin = Date.UTC(2026, 0, 1);
  let passed = 0;
  return {
    now: () => origin + passed,
    elapsed: () => passed,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const onAbort = () => reject(signal?.reason as Error);
        if (signal?.aborted) return onAbort();
        signal?.addEventListener("abort", onAbort, { once: true });
        // A real turn of the event loop, so that what runs beside the sleeper gets on.
        if (!stalled)
          setTimeout(() => {
            passed += ms;
            resolve();
          });
      }),
  };
}
