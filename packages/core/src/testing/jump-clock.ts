import type { Clock } from "../time/clock.ts";

/** A clock that jumps to its next sleeper after each turn of the event loop. A `stalled` one stands still. `origin` is wall time. */
export function jumpClock({ stalled = false, origin = Date.UTC(2026, 0, 1) } = {}): Clock {
  const sleepers = new Set<{ until: number; wake: () => void }>();
  let passed = 0;
  let turn: ReturnType<typeof setTimeout> | undefined;

  const jump = () => {
    turn = undefined;
    passed = Math.max(passed, Math.min(...[...sleepers].map(({ until }) => until)));
    for (const sleeper of sleepers) if (sleeper.until <= passed && sleepers.delete(sleeper)) sleeper.wake();
    arm();
  };
  // A real turn of the event loop, so that other work goes on.
  const arm = () => {
    if (sleepers.size > 0 && !stalled) turn ??= setTimeout(jump);
  };

  return {
    now: () => origin + passed,
    elapsed: () => passed,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const onAbort = () => {
          sleepers.delete(sleeper);
          if (sleepers.size === 0) turn = void clearTimeout(turn);
          reject(signal?.reason as Error);
        };
        const wake = () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        };
        const sleeper = { until: passed + Math.max(0, ms), wake };
        signal?.addEventListener("abort", onAbort, { once: true });
        sleepers.add(sleeper);
        arm();
      }),
  };
}
