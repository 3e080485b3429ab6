// `pnpm bench wait`: what asking costs and what it gains, for fixed schedules, the documented one, and ours.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compare, lost, PLOTTED } from "./wait/compare.ts";
import { plot } from "./wait/plot.ts";
import type { Point } from "./wait/schedules.ts";

const PLOT = join(import.meta.dirname, "../polling.svg");

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
