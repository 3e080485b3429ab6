// Where on the grid of its model's schedule a task is asked for: of tasks that all take equally long some are asked for soon
// after their end, so that in the mean none is late, however long that is. Few phases: what is due together wakes together.

/** With three, the mean is at most two thirds of a gap. */
export const PHASES = 3;

/** A share of the gap between two checks, the same in every process. */
export function phaseOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  // Ids that follow each other differ in their last letter only: each of its bits has to move all of the hash.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (((hash ^ (hash >>> 13)) >>> 0) % PHASES) / PHASES;
}
