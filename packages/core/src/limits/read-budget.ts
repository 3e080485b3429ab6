// How often callbacks may make a client ask its vendor. No more than this leaves, however many arrive.
import { safeDelay, type Clock } from "../time/clock.ts";

const PER_SECOND = 5;
/** Between two reads of one key, in ms. */
const APART = 2_000;
/** A callback that would wait longer than this for a read is refused; by then the vendor calls again. */
const LONGEST_LINE = 10 * 60_000;

export type ReadBudget = {
  /** Reserves a read of this key. Returns the time until it may leave, or nothing when it may not leave at all. */
  reserve(key: string): number | undefined;
};

export function createReadBudget(clock: Clock): ReadBudget {
  /** When the last reads leave, oldest first. */
  const departures: number[] = [];
  const asked = new Map<string, number>();
  return {
    reserve(key) {
      const now = clock.elapsed();
      for (const [old, at] of asked) {
        if (at + APART > now) break;
        asked.delete(old);
      }
      if (asked.has(key)) return undefined;
      const oldest = departures.length < PER_SECOND ? -Infinity : (departures[0] ?? -Infinity);
      const at = Math.max(now, oldest + 1_000);
      if (at - now > LONGEST_LINE) return undefined;
      departures.push(at);
      if (departures.length > PER_SECOND) departures.shift();
      asked.set(key, at);
      return safeDelay(at - now);
    },
  };
}
