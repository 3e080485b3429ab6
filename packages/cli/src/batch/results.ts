// The results file: one line a row, written as each ends. What a killed run left is read again, a torn last line not.
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { RowLine } from "../output/lines.ts";
import { UsageError } from "../usage-error.ts";

export type Results = {
  readonly path: string;
  /** Rows that are done: their videos are there, or their tasks have failed. */
  readonly done: ReadonlyMap<string, RowLine>;
  /** Rows that have ended, on the disk when it returns. @throws Error with the system's code */
  add(lines: readonly RowLine[]): void;
  close(): void;
};

/** Whose they are, and the folder of its videos. */
type Of = { name: string; folder: string; ids: readonly string[] };

/** @throws UsageError when the file is another batch's or holds anything else, or cannot be read or written */
export function openResults(path: string, of: Of): Results {
  try {
    return opened(path, of);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError(`${path} cannot be used (${code}); nothing was sent`, [
      "Choose another place with --results <file>.",
    ]);
  }
}

function opened(path: string, { name, folder, ids }: Of): Results {
  mkdirSync(dirname(resolve(path)), { recursive: true });
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  // It is written anew: the rows that are to be made, or a diary, would be gone.
  if (!text.startsWith(BEGINNING) && !BEGINNING.startsWith(text))
    throw new UsageError(`${path} is there, and holds no results of a batch; nothing was sent`, [
      "Choose another file with --results <file>, or another folder with -o.",
    ]);
  const before = linesOf(text);
  const foreign = before.find(({ key }) => !key.startsWith(`${name}/`));
  if (foreign)
    throw new UsageError(`${path} has the results of another batch (its row ${foreign.key})`, [
      "Give this one a folder of its own with -o, or the other's name with --name.",
    ]);
  const isDone = ({ state, file }: RowLine) =>
    state === "failed" || (state === "saved" && file !== undefined && existsSync(join(folder, file)));
  const known = new Set(ids);
  const done = new Map(before.filter((line) => known.has(line.id) && isDone(line)).map((line) => [line.id, line]));
  // The rest is asked for again, so its lines go: whole, or not at all.
  const draft = `${path}.new`;
  writeFileSync(draft, [...done.values()].map(textOf).join(""), { flush: true });
  renameSync(draft, path);
  const file = openSync(path, "a");
  return {
    path,
    done,
    add(lines) {
      writeFileSync(file, lines.map(textOf).join(""), { flush: true });
    },
    close: () => closeSync(file),
  };
}

/** Of every line; of a file that a kill has left there may be less. */
const BEGINNING = '{"type":"row",';

const textOf = (line: RowLine): string => `${JSON.stringify(line)}\n`;

function linesOf(text: string): RowLine[] {
  return text.split("\n").flatMap((line) => {
    try {
      const found = JSON.parse(line) as RowLine;
      return typeof found.id === "string" && typeof found.key === "string" ? [found] : [];
    } catch {
      return []; // torn by a kill: the row is asked for again
    }
  });
}
