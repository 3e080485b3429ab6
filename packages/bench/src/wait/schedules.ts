// When each way of waiting asks, and what it costs: polls per task, and how long after its end it is seen.
import { LOOSE, scheduleOf, TIGHT } from "../../../core/src/poll/optimal-schedule.ts";
import { PHASES } from "../../../core/src/poll/phase.ts";
import type { Timing } from "../../../core/src/vendor-spec/models.ts";

export type Point = { polls: number; lagMs: number };

/** The age of the next check, for a task of this age, in ms, and for its phase. */
type Next = (ageMs: number, phase: number) => number;

export const every =
  (intervalMs: number, firstMs = intervalMs): Next =>
  (ageMs) =>
    ageMs < firstMs ? firstMs : ageMs + intervalMs;

/** What a wait does, before and after it has seen ends. */
export const ours = (timing: Timing, seen: readonly number[] = []): Next =>
  scheduleOf(timing, seen, seen.length >= 10 ? LOOSE : TIGHT);

export function measure(next: Next, ends: readonly number[]): Point {
  let polls = 0;
  let lagMs = 0;
  for (const [index, end] of ends.entries()) {
    const phase = (index % PHASES) / PHASES; // as the ids of tasks have it, but evenly
    let age = 0;
    do {
      age = next(age, phase);
      polls++;
    } while (age < end);
    lagMs += age - end;
  }
  return { polls: polls / ends.length, lagMs: lagMs / ends.length };
}
