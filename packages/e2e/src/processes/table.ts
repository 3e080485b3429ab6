// The table of the long suite: a row for each process, a column for each thing that a vendor does.
import type { Cell } from "./run.ts";
import { outcomes } from "./vendor.ts";

export const PROCESS_HEAD = ["process", ...outcomes];

/** What was seen, by the process and by the major version of Node. */
export type Seen = Map<string, Map<number, readonly Cell[]>>;

export const processRows = (seen: Seen): string[][] =>
  [...seen].map(([name, byNode]) => [name, ...outcomes.map((outcome) => shown(outcome, byNode))]);

/** One word where all versions agree. */
function shown(outcome: string, byNode: ReadonlyMap<number, readonly Cell[]>): string {
  const words = new Map<string, number[]>();
  for (const [major, cells] of byNode) {
    const word = cells.find((cell) => cell.outcome === outcome)?.shown;
    if (word !== undefined) words.set(word, [...(words.get(word) ?? []), major]);
  }
  if (words.size <= 1) return [...words.keys()][0] ?? "";
  return [...words].map(([word, majors]) => `${majors.join(" and ")}: ${word}`).join("; ");
}
