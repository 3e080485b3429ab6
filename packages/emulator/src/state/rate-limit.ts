// A vendor's limit of requests per minute, over the last 60 seconds of the emulator's clock.
import type { Clock } from "@vidtask/core";

export interface Limit {
  /** Counts one request. False when it is one too many; such a request is not counted. */
  take(): boolean;
  /** From now on every request is one too many, until `reset`. */
  exhaust(): void;
  reset(): void;
}

const MINUTE = 60_000;

/** @param perMinute Infinity for a vendor that documents none: then only `exhaust` limits. */
export function createLimit(perMinute: number, clock: Clock): Limit {
  let times: number[] = [];
  /** Those before it are over a minute ago. */
  let first = 0;
  let exhausted = false;
  return {
    take() {
      if (exhausted) return false;
      if (perMinute === Infinity) return true;
      const now = clock.elapsed();
      while ((times[first] ?? Infinity) <= now - MINUTE) first++;
      if (times.length - first >= perMinute) return false;
      if (first > perMinute) {
        times = times.slice(first);
        first = 0;
      }
      times.push(now);
      return true;
    },
    exhaust: () => void (exhausted = true),
    reset() {
      times = [];
      first = 0;
      exhausted = false;
    },
  };
}
