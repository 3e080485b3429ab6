// Time that stands still until `advance` or `until` moves it, from one sleeper to the next.
import { checkAdvance, checkPromise, delayOf, type OwnClock } from "./clock.ts";
import { createIdle, immediate } from "./idle.ts";
import { PATIENCE, type Exchanges } from "./open-exchanges.ts";

/** Where manual time starts, whatever the day: 2026-01-01T00:00:00Z. */
export const MANUAL_START = Date.UTC(2026, 0, 1);

/** Real milliseconds; below the five seconds of common test runners. */
const GIVE_UP = 4_000;
/** Turns of the event loop in a row without any event that count as "come to rest". */
const QUIET_TURNS = 6;

interface Sleeper {
  due: number;
  order: number;
  wake(): void;
}

/** @param giveUp for how many real milliseconds nothing may happen, and nothing be to do, before `until` gives up. */
export function createManualClock(exchanges: Exchanges, giveUp = GIVE_UP): OwnClock {
  let elapsed = 0;
  let order = 0;
  let activity = 0;
  const sleepers = new Set<Sleeper>();
  /** One step at a time, so that several `advance` and `until` calls at once never see time go back. */
  let lock: Promise<unknown> = Promise.resolve();
  /** Where the last `advance` will end. Several at once add up. */
  let reserved = 0;
  let advancing = 0;

  const idle = createIdle(giveUp);
  const events = () => activity + exchanges.activity;
  let seen = 0;
  /** Real milliseconds without work since the last event. */
  let idledFor = 0;

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      activity++;
      const delay = delayOf(ms);
      const onAbort = () => {
        if (!sleepers.delete(sleeper)) return;
        activity++;
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        due: elapsed + delay,
        order: order++,
        wake() {
          if (!sleepers.delete(sleeper)) return;
          activity++;
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      sleepers.add(sleeper);
      if (delay === 0) setImmediate(() => sleeper.wake()); // due already: time need not move
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** Resolves once no exchange is open, and nothing happened and nothing was to do for several turns. */
  async function rest(settled: () => boolean): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS && !settled();) {
      const idled = await idle.turn();
      if (events() !== seen) {
        seen = events();
        idledFor = 0;
        quiet = 0;
        continue;
      }
      idledFor += idled;
      if (idled === 0) quiet = 0;
      else if (exchanges.size === 0) quiet++;
      else if (idledFor > PATIENCE && exchanges.giveUp()) continue;
      else if (idledFor > giveUp && exchanges.unread().length === exchanges.size) {
        // An unanswered exchange may take as long as its caller allows; an unread answer will never end by itself.
        throw new Error(
          `the clock cannot move: these answers were neither read nor cancelled: ${exchanges.unread().join(", ")}; read the body or call response.body.cancel()`,
        );
      }
    }
  }

  /** The sleepers due first, if they are due by `limit`; those of one moment in the order in which they went to sleep. */
  function next(limit: number): Sleeper[] {
    let due = limit;
    for (const sleeper of sleepers) due = Math.min(due, sleeper.due);
    return [...sleepers].filter((sleeper) => sleeper.due <= due).toSorted((a, b) => a.due - b.due || a.order - b.order);
  }

  /** Comes to rest, then wakes the sleepers due first, by `limit`. False when none is, or when `settled` says stop. */
  function step(limit: number, settled: () => boolean): Promise<boolean> {
    const run = async () => {
      await rest(settled);
      if (settled()) return false;
      const woken = next(limit);
      const first = woken[0];
      if (!first) {
        if (limit !== Infinity) elapsed = Math.max(elapsed, limit);
        return false;
      }
      elapsed = Math.max(elapsed, first.due);
      for (const sleeper of woken) {
        sleeper.wake();
        await immediate(); // as with real timers, what one does may still stop the next
      }
      return true;
    };
    const result = lock.then(run);
    lock = result.catch(() => {});
    return result;
  }

  const clock: OwnClock = {
    patience: 0, // this clock stands still while a receiver works
    now: () => Math.floor(MANUAL_START + elapsed),
    elapsed: () => elapsed,
    dateOf: (at) => at,
    sleep,
    async advance(ms) {
      checkAdvance(ms);
      const target = (reserved = Math.max(reserved, elapsed) + ms);
      advancing++;
      try {
        while (await step(target, () => false));
      } finally {
        if (--advancing === 0) reserved = elapsed;
      }
    },
    skip: (ms) => clock.advance(ms),
    async until(promise) {
      checkPromise(promise);
      let done = false;
      const settle = () => void (done = true);
      promise.then(settle, settle);
      idledFor = 0;
      while (!done) {
        if (!(await step(Infinity, () => done)) && !done && idledFor > giveUp) {
          throw new Error(
            `until: the promise has not settled, and nothing can settle it: at ${new Date(MANUAL_START + elapsed).toISOString()} no timer of this clock is left, no exchange with the emulator is open, and nothing happened for ${giveUp / 1000} s of real time.${exchanges.hangUps.size > 0 ? " Requests that a fault left without an answer are still waited for: give the client a short requestTimeout, in real milliseconds." : ""} Does the client use the emulator's clock and fetch, as emulator.for(vendor) gives them?`,
          );
        }
      }
      return promise;
    },
  };
  return clock;
}
