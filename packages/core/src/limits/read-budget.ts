// How often callbacks may make a client ask its vendor. No more than this leaves, however many arrive.
import { safeDelay, type Clock } from "../time/clock.ts";
import type { Limits } from "./limiter.ts";

/** Reads a second of ids that the journal does not know: a token that leaked can name any number of them. */
const OTHERS_PER_SECOND = 5;
/** So many of these may wait under one key, so that the others' turn comes. */
const OTHERS_PER_KEY = 5;
/** Between two reads of one task, in ms. */
const APART = 2_000;
/** A callback that would wait longer than this for a read is refused; by then the vendor calls again. */
const LONGEST_LINE = 10 * 60_000;

export type ReadBudget = {
  /**
   * Reserves a read of a task that a callback for a key names. `isOwn`: the journal has the task under that key. Returns the
   * time until the read may leave, or nothing when it may not leave at all.
   */
  reserve(read: { key: string; id: string; isOwn: boolean }, limits: Limits): number | undefined;
};

export function createReadBudget(clock: Clock): ReadBudget {
  const own = createLine();
  const others = createLine();
  return {
    reserve({ key, id, isOwn }, { requestsPerMinute = Infinity }) {
      const now = clock.elapsed();
      if (own.has(id, now) || others.has(id, now)) return undefined;
      if (!isOwn && others.waitingUnder(key, now) >= OTHERS_PER_KEY) return undefined;
      const at = isOwn
        ? own.enter({ key, id, now }, Math.max(1, Math.floor(requestsPerMinute / 2)), 60_000)
        : others.enter({ key, id, now }, OTHERS_PER_SECOND, 1_000);
      return at === undefined ? undefined : safeDelay(at - now);
    },
  };
}

/** Reads that leave in the order of their coming, at most so many within a time. */
function createLine() {
  /** When the last reads leave, oldest first. */
  const departures: number[] = [];
  /** By task id, oldest first. */
  const reserved = new Map<string, { key: string; at: number }>();
  /** When the reads under a key leave, oldest first. */
  const byKey = new Map<string, number[]>();
  /** Forgets what was reserved too long ago to matter. */
  function forget(id: string, key: string): void {
    reserved.delete(id);
    const rest = byKey.get(key)?.slice(1) ?? [];
    if (rest.length > 0) byKey.set(key, rest);
    else byKey.delete(key);
  }
  return {
    has(id: string, now: number): boolean {
      for (const [old, { key, at }] of reserved) {
        if (at + APART > now) break;
        forget(old, key);
      }
      return reserved.has(id);
    },
    waitingUnder: (key: string, now: number): number => byKey.get(key)?.filter((at) => at > now).length ?? 0,
    enter({ key, id, now }: { key: string; id: string; now: number }, most: number, within: number) {
      while (departures.length > 0 && (departures[0] ?? now) + within <= now) departures.shift();
      const blocking = departures.at(-most);
      const at = Math.max(now, departures.at(-1) ?? now, blocking === undefined ? now : blocking + within);
      if (at - now > LONGEST_LINE) return undefined;
      departures.push(at);
      reserved.set(id, { key, at });
      const others = byKey.get(key);
      if (others) others.push(at);
      else byKey.set(key, [at]);
      return at;
    },
  };
}
