// Callbacks that a later one of the same vendor overtakes.
import type { OwnClock } from "../time/clock.ts";

export interface HeldBack {
  /** Until the next callback of the vendor was sent, or for `ms` milliseconds at most. */
  wait(vendor: string, ms: number, signal: AbortSignal): Promise<void>;
  /** One was sent. */
  go(vendor: string): void;
}

export function createHeldBack(clock: OwnClock): HeldBack {
  const waiting = new Map<string, AbortController>();
  return {
    async wait(vendor, ms, signal) {
      const overtaken = waiting.get(vendor) ?? new AbortController();
      waiting.set(vendor, overtaken);
      await clock.sleep(ms, AbortSignal.any([signal, overtaken.signal]), true).catch(() => signal.throwIfAborted());
    },
    go(vendor) {
      waiting.get(vendor)?.abort();
      waiting.delete(vendor);
    },
  };
}
