// How often callbacks may make a client ask its vendor: whatever arrives, no more than this leaves.
import { safeDelay, type Clock } from "../time/clock.ts";

const PER_SECOND = 5;
/** Between two reads of one key, in ms. */
const APART = 2_000;
/** Who would wait longer than this for a read is sent away; by then the vendor calls again. */
const LONGEST_LINE = 10 * 60_000;

export type ReadBudget = {
  /** How long until a read of this key may leave, which is now reserved; nothing when it may not at all. */
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
