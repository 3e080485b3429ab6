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
  let exhausted = false;
  return {
    take() {
      if (exhausted) return false;
      if (perMinute === Infinity) return true;
      const now = clock.elapsed();
      if (times.length >= perMinute) times = times.filter((time) => time > now - MINUTE);
      if (times.length >= perMinute) return false;
      times.push(now);
      return true;
    },
    exhaust: () => void (exhausted = true),
    reset() {
      times = [];
      exhausted = false;
    },
  };
}
