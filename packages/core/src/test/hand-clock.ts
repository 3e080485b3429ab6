import { createHash } from "node:crypto";
import type { Clock } from "../time/clock.ts";
import { loadEveryPart } from "./every-part.ts";

await loadEveryPart();

export type HandClock = Clock & {
  /** Timers that are held now. */
  readonly timers: number;
  /** Moves time from timer to timer, and lets what each woke get on before the next. */
  advance(ms: number): Promise<void>;
  /** Moves time until the work has settled; fails when nothing can settle it any more. */
  until<T>(work: Promise<T>): Promise<T>;
};

/** A clock that is moved by hand and without any real time: for tests whose other side answers at once. */
export function handClock(origin = Date.UTC(2026, 0, 1)): HandClock {
  const sleepers = new Set<{ at: number; wake: () => void }>();
  let passed = 0;
  /** Moves to the next timer by `limit` and wakes those that are due. */
  function step(limit: number): boolean {
    const at = Math.min(...[...sleepers].map((sleeper) => sleeper.at));
    if (at > limit || at === Infinity) return false;
    passed = Math.max(passed, at);
    for (const sleeper of sleepers) if (sleeper.at <= passed && sleepers.delete(sleeper)) sleeper.wake();
    return true;
  }
  return {
    now: () => origin + passed,
    elapsed: () => passed,
    get timers() {
      return sleepers.size;
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const abort = () => {
          sleepers.delete(sleeper);
          reject(signal?.reason as Error);
        };
        const wake = () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", abort);
          resolve();
        };
        const sleeper = { at: passed + Math.max(0, ms), wake };
        sleepers.add(sleeper);
        if (!(ms > 0)) setImmediate(wake); // due already: time need not move
        signal?.addEventListener("abort", abort, { once: true });
      }),
    async advance(ms) {
      const limit = passed + ms;
      do await settled();
      while (step(limit));
      passed = limit;
    },
    async until(work) {
      let isDone = false;
      const done = () => void (isDone = true);
      void work.finally(done).catch(() => {});
      for (let idle = 0; idle < 10_000; idle++) {
        await (idle < 10 ? settled() : new Promise((resolve) => setTimeout(resolve, 1)));
        if (isDone) return work;
        if (step(Infinity)) idle = 0;
      }
      throw new Error("nothing can settle this any more: no timer is left");
    },
  };
}

// Several turns: what was woken may wait for promises that wait for others.
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
};

/** Hashing takes real time, which such a clock does not wait for: a stand-in for `crypto.subtle.digest` that takes none. */
export const digestAtOnce: typeof crypto.subtle.digest = async (_name, data) => {
  const bytes = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
  return new Uint8Array(createHash("sha256").update(bytes).digest()).buffer;
};
