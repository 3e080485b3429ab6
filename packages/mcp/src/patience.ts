// An agent's host cuts a call at 60 seconds, and work that costs money must outlive it.
import type { Clock } from "vidtask";

/** How long a tool may wait, in milliseconds: well below the 60 s after which hosts give up. */
export const PATIENCE_MS = 25_000;

const LATE = Symbol("late");

export type Jobs = {
  /** Starts the work of that name, or joins it when it runs; it goes on whatever becomes of those who wait for it. */
  join<T>(name: string, work: () => Promise<T>): Promise<T>;
  isRunning(name: string): boolean;
  /** Settles when all that runs has. */
  idle(): Promise<void>;
};

export function createJobs(): Jobs {
  const running = new Map<string, Promise<unknown>>();
  return {
    join<T>(name: string, work: () => Promise<T>): Promise<T> {
      const before = running.get(name) as Promise<T> | undefined;
      if (before) return before;
      const job = work().finally(() => running.delete(name));
      job.catch(() => {}); // those who wait hear of it; nobody may
      running.set(name, job);
      return job;
    },
    isRunning: (name) => running.has(name),
    async idle() {
      while (running.size > 0) await Promise.allSettled(running.values());
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
