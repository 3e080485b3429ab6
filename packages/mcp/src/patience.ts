// An agent's host cuts a call at 60 seconds, and work that costs money must outlive it.
import type { Clock } from "vidtask";

/** How long a tool may wait, in milliseconds: well below the 60 s after which hosts give up. */
export const PATIENCE_MS = 25_000;

const LATE = Symbol("late");

export type Jobs = {
  /**
   * Starts the work of that name, or joins it when the same work runs; it goes on whatever becomes of those who wait for it.
   * `what` tells works of one name apart: the outcome of one is no answer to another.
   */
  join<T>(name: string, what: string, work: () => Promise<T>): Promise<T>;
  isRunning(name: string): boolean;
  /** Settles, and never fails, when what runs under that name has. */
  settled(name: string): Promise<void>;
  /** Settles when all that runs has. */
  idle(): Promise<void>;
};

export function createJobs(): Jobs {
  const running = new Map<string, Map<string, Promise<unknown>>>();
  const ended = async (name: string) => void (await Promise.allSettled(running.get(name)?.values() ?? []));
  return {
    join<T>(name: string, what: string, work: () => Promise<T>): Promise<T> {
      const ofName = running.get(name) ?? new Map<string, Promise<unknown>>();
      const before = ofName.get(what) as Promise<T> | undefined;
      if (before) return before;
      const job = work().finally(() => {
        ofName.delete(what);
        if (ofName.size === 0) running.delete(name);
      });
      job.catch(() => {}); // those who wait hear of it; nobody may
      running.set(name, ofName.set(what, job));
      return job;
    },
    isRunning: (name) => running.has(name),
    settled: ended,
    async idle() {
      while (running.size > 0) await Promise.all([...running.keys()].map(ended));
    },
  };
}

/** The outcome of `work`, or what `late` gives when it takes longer than `ms`. */
export async function withPatience<T, L>(
  clock: Clock,
  work: Promise<T>,
  late: () => L,
  ms: number = PATIENCE_MS,
): Promise<T | L> {
  const stop = new AbortController();
  const alarm = clock.sleep(ms, stop.signal).then(
    () => LATE,
    () => LATE,
  );
  try {
    const first = await Promise.race([work, alarm]);
    return first === LATE ? late() : (first as T);
  } finally {
    stop.abort();
  }
}
