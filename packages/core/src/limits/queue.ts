import { safeDelay, type Clock } from "../time/clock.ts";

/** A place in a queue; `go` lets it through. At `latest`, of `clock.elapsed()`, it goes whatever holds the others. */
export type Waiter = { go: () => void; readonly latest: number };
type Entry = { signal?: AbortSignal | undefined; onGo?: () => void; latest?: number | undefined };

/**
 * Joins a queue and resolves when let through; leaves it, and rejects with the signal's reason, on an abort.
 * `onGo` runs at the moment of being let through, before the next one is.
 */
export function enter(
  queue: Waiter[],
  pump: () => void,
  { signal, onGo, latest = Infinity }: Entry = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const leave = () => {
      const index = queue.indexOf(waiter);
      if (index >= 0) queue.splice(index, 1);
      reject(signal?.reason as Error);
      pump(); // it may have been the last that a timer was kept for
    };
    const waiter: Waiter = {
      latest,
      go() {
        signal?.removeEventListener("abort", leave);
        onGo?.();
        resolve();
      },
    };
    signal?.addEventListener("abort", leave, { once: true });
    queue.push(waiter);
    pump();
  });
}

/** One timer, set to a time of `clock.elapsed()` or to Infinity, which takes it away: nothing waits, nothing is held. */
export function createTimer(clock: Clock, ring: () => void): (at: number) => void {
  let current = Infinity;
  let sleep = new AbortController();
  return (at) => {
    if (at === current) return;
    sleep.abort();
    current = at;
    if (at === Infinity) return;
    const own = (sleep = new AbortController());
    const wake = () => {
      if (own.signal.aborted) return;
      current = Infinity;
      ring();
    };
    void clock.sleep(safeDelay(at - clock.elapsed()), own.signal).then(wake, () => {});
  };
}
