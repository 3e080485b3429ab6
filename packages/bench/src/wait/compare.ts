// Polls and lag of fixed schedules, the documented one, and ours, over the same tasks.
import { cases, type Case } from "./durations.ts";
import { measure, others, ours, oursWithPolls, rivals, type Point } from "./schedules.ts";

/** ms that one look may cost; 250 is what a wait uses. Of a long tail looks are never further apart than 15 s. */
const COSTS = [25, 60, 125, 250, 500];
const MORE_COSTS = [1_000, 2_500];
/** The seed of the plot and of the figures in the guide. */
export const PLOTTED = 1;

export type Compared = Case & {
  frontier: Point[];
  /** What a wait does. */
  chosen: Point;
  /** Evenly spaced schedules with as many polls as that. */
  rivals: Point[];
  /** Another schedule, and ours with at most as many polls. */
  pairs: { other: Point; ours: Point }[];
};

export function compare(seed: number): Compared[] {
  return cases(seed).map((one) => {
    const chosen = ours(one);
    return {
      ...one,
      frontier: [...COSTS, ...("minMs" in one.timing ? MORE_COSTS : [])].map((cost) => ours(one, cost)),
      chosen,
      rivals: rivals(one, chosen.polls),
      pairs: others(one, seed).map(({ name, looks }) => {
        const other = measure(name, looks, one.ends);
        return { other, ours: oursWithPolls(one, other.polls) };
      }),
    };
  });
}

/** Where another sees the end sooner than ours with as many polls: as a wait asks, or tuned to ask as often as the other. */
export const lost = (compared: readonly Compared[]) =>
  compared.flatMap(({ name, chosen, rivals, pairs }) => [
    ...pairs.filter(({ other, ours }) => ours.lagMs > other.lagMs).map(({ other }) => `${name}: ${other.name}`),
    ...rivals.filter((rival) => chosen.lagMs > rival.lagMs).map((rival) => `${name}: ${rival.name}, than a wait`),
  ]);
