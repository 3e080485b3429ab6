// `pnpm bench wait`: what asking costs and what it gains, for fixed schedules, the documented one, and ours.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { cases, type Case } from "./durations.ts";
import { plot } from "./plot.ts";
import { measure, others, ours, oursWithPolls, type Point } from "./schedules.ts";

/** ms that one look may cost; 250 is what the clients use. Of a long tail looks are never further apart than 15 s. */
const COSTS = [25, 60, 125, 250, 500];
const MORE_COSTS = [1_000, 2_500];
const PLOT = join(import.meta.dirname, "../../polling.svg");

export type Compared = Case & {
  frontier: Point[];
  chosen: Point;
  /** Another schedule, and ours with at most as many polls. */
  pairs: { other: Point; ours: Point }[];
};

export function compare(seed: number): Compared[] {
  return cases(seed).map((one) => ({
    ...one,
    frontier: [...COSTS, ...("minMs" in one.timing ? MORE_COSTS : [])].map((cost) => ours(one, cost)),
    chosen: ours(one),
    pairs: others(one, seed).map(({ name, looks }) => {
      const other = measure(name, looks, one.ends);
      return { other, ours: oursWithPolls(one, other.polls) };
    }),
  }));
}

/** The points of others that ours does not reach: with as many polls it would be later. */
export const lost = (compared: readonly Compared[]) =>
  compared.flatMap(({ name, pairs }) =>
    pairs.filter(({ other, ours }) => ours.lagMs > other.lagMs).map(({ other }) => `${name}: ${other.name}`),
  );

export function benchWait(seed: number): number {
  const compared = compare(seed);
  console.log(`Polls per task and mean lag over ${compared[0]?.ends.length} tasks a model, seed ${seed}\n`);
  for (const { name, frontier, pairs } of compared) {
    console.log(name);
    console.log(row("", "polls", "lag", "ours with as many polls"));
    for (const { other, ours } of pairs)
      console.log(row(other.name, polls(other), lag(other), `${polls(ours).padStart(6)} ${lag(ours)}`));
    for (const point of frontier) console.log(row(point.name, polls(point), lag(point), ""));
    console.log("");
  }
  const open = lost(compared);
  console.log(
    open.length === 0
      ? "With as many polls, or fewer, ours is never later than any of the others."
      : `Ours is later than:\n  ${open.join("\n  ")}`,
  );
  writeFileSync(PLOT, plot(compared));
  console.log(`Plot: ${PLOT}`);
  return open.length === 0 ? 0 : 1;
}

const polls = (point: Point) => point.polls.toFixed(1);
const lag = (point: Point) => `${(point.lagMs / 1000).toFixed(2)} s`;
const row = (name: string, ...rest: readonly string[]) =>
  `  ${name.padEnd(42)}${rest.map((text) => text.padStart(8)).join("  ")}`;
