// Real time in which this process had nothing to do: only that may be taken for a sign that nothing is on its way. On a busy
// machine, or one with a slow disk, a second of real time says little.

/** What a turn takes on a machine with nothing else to do, at most. One that took longer was kept waiting. */
const TURN = 2;
/** What its timer takes, also where a test's fake `performance` stands still or goes back. */
const LEAST = 1;
const WORK = /^FSReq/;

const probe = new Uint8Array(64);
export const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** How much work on files is under way in this process: reads, writes, modules that are loaded. */
function filesAtWork(): number {
  return process.getActiveResourcesInfo?.().filter((name) => WORK.test(name)).length ?? 0;
}

export interface Idle {
  /**
   * One turn of the event loop, at least a millisecond and one piece of work on another thread long. A client hashes and signs
   * there between its exchanges, which nothing here can see; on a busy machine, where that takes longer, so does a turn.
   *
   * @returns the real milliseconds of it in which nothing was to do; 0 while a file is read or written.
   */
  turn(): Promise<number>;
}

/** @param stuck real milliseconds after which work on a file that does not end, as on a pipe that nobody writes to, counts no longer. */
export function createIdle(stuck: number): Idle {
  /** Work that has taken too long, and is looked at no more. */
  let ignored = 0;
  let seen = 0;
  let since = 0;
  return {
    async turn() {
      const began = performance.now();
      await Promise.all([new Promise((resolve) => setTimeout(resolve, 1)), crypto.subtle.digest("SHA-256", probe)]);
      await immediate();
      const now = performance.now();
      const work = filesAtWork();
      if (work !== seen) [seen, since] = [work, now];
      ignored = now - since > stuck ? work : Math.min(ignored, work);
      return work > ignored ? 0 : Math.min(Math.max(LEAST, now - began), TURN);
    },
  };
}

/** Resolves after `ms` real milliseconds in which nothing was to do, or when `isOver` says so. */
export async function idleFor(ms: number, isOver: () => boolean): Promise<void> {
  const idle = createIdle(ms);
  for (let idled = 0; idled < ms && !isOver();) idled += await idle.turn();
}
