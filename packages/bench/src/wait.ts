// `npm run bench wait`: what asking costs and what it gains, for fixed schedules, the documented one, and ours.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { asDocumented, late, whenWrong, type Row } from "./wait/compare.ts";
import { plot } from "./wait/plot.ts";
import type { Point } from "./wait/schedules.ts";

const PLOT = join(import.meta.dirname, "../polling.svg");

export function benchWait(seed: number): number {
  const wrong = whenWrong();
  console.log(`Polls per task / mean lag, seed ${seed}\n\nTasks that take as long as documented`);
  print(asDocumented(seed));
  console.log("\nTasks that take another time than the documented 50 to 70 s");
  print(wrong);
  writeFileSync(PLOT, plot(wrong));
  console.log(`\nPlot: ${PLOT}`);
  const broken = late(wrong);
  for (const one of broken) console.log(`Later than promised: ${one}`);
  return broken.length === 0 ? 0 : 1;
}

export const shown = (point: Point | undefined): string =>
  point ? `${point.polls.toFixed(1)} / ${(point.lagMs / 1000).toFixed(1)} s` : "none";

function print(rows: readonly Row[]): void {
  const names = [...new Set(rows.flatMap(({ points }) => Object.keys(points)))];
  const line = (first: string, rest: readonly string[]) =>
    console.log(`  ${first.padEnd(42)}${rest.map((text) => text.padStart(17)).join("")}`);
  line("", names);
  for (const { name, points } of rows)
    line(
      name,
      names.map((schedule) => shown(points[schedule])),
    );
}
