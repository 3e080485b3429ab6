// Things measured in one run, by turns: what slows the machine down for a while slows all of them.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const OUT = join(import.meta.dirname, "../../../out/bench");

/** What is measured: it gives one figure each time. */
export type Subject = { readonly name: string; readonly measure: () => Promise<number> };
/** The figures of one: the median, and between which a tenth at each end lies. `ratio` is to the first of all. */
export type Row = { name: string; median: number; low: number; high: number; ratio: number };

/** Measures each once a round, in an order that turns. The first round warms up and does not count. */
export async function sideBySide(subjects: readonly Subject[], rounds: number): Promise<Row[]> {
  const figures = new Map<Subject, number[]>(subjects.map((subject) => [subject, []]));
  for (let round = 0; round <= rounds; round++)
    for (let turn = 0; turn < subjects.length; turn++) {
      const subject = subjects[(round + turn) % subjects.length];
      const figure = await subject?.measure();
      if (round > 0 && subject && figure !== undefined) figures.get(subject)?.push(figure);
    }
  return rowsOf([...figures].map(([{ name }, all]) => ({ name, figures: all })));
}

/** The rows of figures that were taken by turns; of a rate, too. */
export function rowsOf(measured: readonly { name: string; figures: readonly number[] }[]): Row[] {
  const all = measured.map(({ name, figures }) => ({ name, sorted: figures.toSorted((a, b) => a - b) }));
  const at = (sorted: readonly number[], part: number) => sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN;
  const unit = at(all[0]?.sorted ?? [], 0.5);
  return all.map(({ name, sorted }) => {
    const median = at(sorted, 0.5);
    return { name, median, low: at(sorted, 0.1), high: at(sorted, 0.9), ratio: median / unit };
  });
}

/** The row of that name. */
export const rowOf = (rows: readonly Row[], name: string): Row | undefined => rows.find((row) => row.name === name);

/** A table for a person, and a file for a program. */
export function report(bench: string, tables: { readonly [title: string]: readonly Row[] }): void {
  for (const [title, rows] of Object.entries(tables)) {
    const width = Math.max(...rows.map(({ name }) => name.length));
    console.log(`\n${title}\n${"".padEnd(width)}    median  10 % to 90 %      ratio`);
    for (const { name, median, low, high, ratio } of rows)
      console.log(
        `${name.padEnd(width)}${shown(median).padStart(10)}  ${`${shown(low)} to ${shown(high)}`.padEnd(16)}${ratio.toFixed(2).padStart(6)}`,
      );
  }
  mkdirSync(OUT, { recursive: true });
  const file = join(OUT, `${bench}.json`);
  writeFileSync(file, `${JSON.stringify({ bench, node: process.version, date: new Date(), tables }, undefined, 2)}\n`);
  console.log(`\nAs JSON: ${file}`);
}

const shown = (figure: number): string => (figure < 100 ? figure.toFixed(1) : figure.toFixed(0));
