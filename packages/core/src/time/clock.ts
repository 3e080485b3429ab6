import { whenAborted } from "./when-aborted.ts";

/**
 * The only way core reads time or sleeps, but for the time-outs of an open exchange. The emulator's clock moves a
 * client through a minute of waiting in a millisecond.
 */
export interface Clock {
  /** Wall time in ms since 1970. */
  now(): number;
  /** Monotonic time in ms, from any origin. */
  elapsed(): number;
  /** Resolves after `ms`, or rejects with the signal's reason the moment it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A delay that timers can take: `setTimeout(2 ** 31)` fires after 1 ms, and NaN at once. */
export const safeDelay = (ms: number): number => Math.min(Math.max(0, ms || 0), 2 ** 30);

/** Real time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const timer = setTimeout(() => {
        forget();
        resolve();
      }, safeDelay(ms));
      const forget = whenAborted(signal, () => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      });
    });
  },
};

/**
 * The time since this call, in ms; real time, where no clock is given. Of two clocks the larger counts: one stands still while
 * the machine sleeps, the other may be set back. A process that was stopped cannot miss what has passed meanwhile.
 */
export function stopwatch(clock: Pick<Clock, "elapsed" | "now"> = systemClock): () => number {
  const [monotonic, wall] = [clock.elapsed(), clock.now()];
  return () => Math.max(clock.elapsed() - monotonic, clock.now() - wall);
}

/** An ISO 8601 time from ms since 1970. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();

/** Full jitter below 1 s, 2 s, 4 s … 30 s, so that clients that failed together do not come back together. */
export const backoff = (faults: number, random: () => number = Math.random): number =>
  random() * Math.min(30_000, 1_000 * 2 ** Math.min(faults - 1, 10));
