// `pnpm bench wait`: what asking costs and what it gains, for fixed schedules, the documented one, and ours.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { cases, type Case } from "./durations.ts";
import { plot } from "./plot.ts";
import { measure, others, ours, oursWithPolls, rivals, type Point } from "./schedules.ts";

/** ms that one look may cost; 250 is what a wait uses. Of a long tail looks are never further apart than 15 s. */
const COSTS = [25, 60, 125, 250, 500];
const MORE_COSTS = [1_000, 2_500];
/** The seed of the plot and of the figures in core's README. */
export const PLOTTED = 1;
const PLOT = join(import.meta.dirname, "../../polling.svg");

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

export function benchWait(seed: number): number {
  const compared = compare(seed);
  console.log(`Polls per task and mean lag over ${compared[0]?.ends.length} tasks a model, seed ${seed}\n`);
  for (const { name, frontier, chosen, rivals, pairs } of compared) {
    console.log(name);
    console.log(row("", "polls", "lag", "ours, tuned to no more polls"));
    for (const { other, ours } of pairs)
      console.log(row(other.name, polls(other), lag(other), `${polls(ours).padStart(6)} ${lag(ours)}`));
    console.log(row("ours, as a wait asks", polls(chosen), lag(chosen), ""));
    for (const rival of rivals) console.log(row(`as often as a wait: ${rival.name}`, polls(rival), lag(rival), ""));
    for (const point of frontier)
      if (point.name !== chosen.name) console.log(row(point.name, polls(point), lag(point), ""));
    console.log("");
  }
  const open = lost(compared);
  console.log(
    open.length === 0
      ? "With as many polls, or fewer, ours is never later than any of the others; nor is a wait as it is."
      : `Ours is later than:\n  ${open.join("\n  ")}`,
  );
  if (seed === PLOTTED) {
    writeFileSync(PLOT, plot(compared));
    console.log(`Plot: ${PLOT}`);
  }
  return open.length === 0 ? 0 : 1;
}

const polls = (point: Point) => point.polls.toFixed(1);
const lag = (point: Point) => `${(point.lagMs / 1000).toFixed(2)} s`;
const row = (name: string, ...rest: readonly string[]) =>
  `  ${name.padEnd(42)}${rest.map((text) => text.padStart(8)).join("  ")}`;
