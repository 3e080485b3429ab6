import { safeDelay } from "./clock.ts";

/** The last part of every time-out, at most half of it. */
const LAST_LOOK = 100;

/**
 * Calls `late` after `ms` of real time, unless it is told to forget it. A process that had no time (a busy machine, a
 * suspended one) finds its timer due before it has read the answer that lies in its socket, perhaps the only copy of a paid
 * task's id. So the last part begins when it is awake again.
 */
export function whenLate(ms: number, late: () => void): () => void {
  const all = safeDelay(ms);
  const last = Math.min(LAST_LOOK, all / 2);
  let timer: ReturnType<typeof setTimeout> = setTimeout(() => (timer = setTimeout(late, last)), all - last);
  return () => clearTimeout(timer);
}
