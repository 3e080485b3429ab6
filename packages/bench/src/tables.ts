// Figures for a person, and for a program.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const OUT = join(import.meta.dirname, "../../../out/bench");

/** The first column to the left, the others to the right. */
export function printTable(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)));
  console.log(`\n${title}`);
  for (const row of [head, ...rows]) console.log(line(row).join("   ").trimEnd());
}

/** Writes `out/bench/<bench>.json`. */
export function save(bench: string, figures: object): void {
  mkdirSync(OUT, { recursive: true });
  const file = join(OUT, `${bench}.json`);
  const all = { bench, node: process.version, date: new Date(), figures };
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
  console.log(`\nAs JSON: ${file}`);
}
