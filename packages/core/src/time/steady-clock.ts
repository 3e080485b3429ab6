import { systemClock, type Clock } from "./clock.ts";

const steady = new WeakMap<Clock, Clock>();

/**
 * A clock of the program's, until it fails: where it throws, rejects, or gives no number, real time goes on from there. So no
 * wait is cut short by it, and none lasts for ever.
 */
export function steadyClock(clock: Clock): Clock {
  if (clock === systemClock) return clock;
  const found = steady.get(clock) ?? untilItFails(clock);
  steady.set(clock, found); // one for each: what clients with one clock share is found by it
  return found;
}

/** In ms: no date is further from 1970. */
const MAX_DATE = 8.64e15;

function untilItFails(clock: Clock): Clock {
  const now = () => numberOf(() => clock.now(), MAX_DATE);
  const elapsed = () => numberOf(() => clock.elapsed(), Number.MAX_VALUE);
  /** What it said last, for the one that fails. */
  const last: { now?: number; elapsed?: number } = {};
  let real: Clock | undefined;

  function fail(): Clock {
    if (real) return real;
    const [realNow, realElapsed] = [systemClock.now(), systemClock.elapsed()];
    const behind = (now() ?? last.now ?? realNow) - realNow;
    const passed = (elapsed() ?? last.elapsed ?? realElapsed) - realElapsed;
    const { sleep } = systemClock;
    return (real = { now: () => systemClock.now() + behind, elapsed: () => systemClock.elapsed() + passed, sleep });
  }

  return {
    now() {
      const value = real ? undefined : now();
      return value === undefined ? fail().now() : (last.now = value);
    },
    elapsed() {
      const value = real ? undefined : elapsed();
      return value === undefined ? fail().elapsed() : (last.elapsed = value);
    },
    async sleep(ms, signal) {
      if (real) return real.sleep(ms, signal);
      try {
        await clock.sleep(ms, signal);
      } catch {
        signal?.throwIfAborted();
        await fail().sleep(ms, signal);
      }
    },
  };
}

function numberOf(read: () => unknown, most: number): number | undefined {
  try {
    const value: unknown = read();
    if (typeof value === "number") return Math.abs(value) <= most ? value : undefined;
    Promise.resolve(value).catch(() => {}); // of a clock whose promises may reject
    return undefined;
  } catch {
    return undefined;
  }
}
