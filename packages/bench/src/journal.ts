// `npm run bench journal`: submits a second with a journal in a file, beside how often the same disk can be waited for.
import { closeSync, fdatasyncSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../../.ci/pack.ts";
import { builtPackages, type Built } from "./built.ts";
import { onInterrupt } from "./progress.ts";
import { report, rowOf, sideBySide, type Row, type Subject } from "./side-by-side.ts";

const PROGRAM = join(import.meta.dirname, "journal/submits-program.ts");
/** On the disk of the clone: a folder for temporary files may be in memory. */
const OUT = join(import.meta.dirname, "../../../out/bench");
const SYNCS = "the disk: a page written and synchronised";
const SEVERAL = 32;
/** What is promised, as a ratio to what the disk does. One submit waits for two commits, several share them. */
const LIMITS = [
  { atOnce: 1, least: 0.05 },
  { atOnce: SEVERAL, least: 0.3 },
];

type JournalOptions = { isQuick?: boolean; before?: string | undefined };

export async function benchJournal({ isQuick = false, before }: JournalOptions = {}): Promise<number> {
  const built = await builtPackages(before);
  mkdirSync(OUT, { recursive: true });
  const folder = mkdtempSync(join(OUT, "journal-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const stop = onInterrupt(remove);
  try {
    const seconds = isQuick ? 0.5 : 2;
    const subjects = [
      syncs(folder, seconds),
      ...LIMITS.flatMap(({ atOnce }) => built.map((one) => submits(one, atOnce, folder, seconds))),
    ];
    const rows = await sideBySide(subjects, isQuick ? 3 : 7);
    report("journal", { "A second": rows });
    const broken = slowJournals(rows);
    for (const one of broken) console.log(`Slower than promised: ${one}`);
    return broken.length === 0 ? 0 : 1;
  } finally {
    remove();
    stop();
  }
}

const named = (atOnce: number, of: string): string => `submits, ${atOnce} at a time, ${of}`;

/** What of this clone is below what is promised. */
export const slowJournals = (rows: readonly Row[]): string[] =>
  LIMITS.flatMap(({ atOnce, least }) => {
    const ratio = rowOf(rows, named(atOnce, "now"))?.ratio ?? 0;
    return ratio >= least ? [] : [`${named(atOnce, "now")}: ${ratio.toFixed(2)} × the disk, below ${least}`];
  });

function submits({ name, folder: packages }: Built, atOnce: number, folder: string, seconds: number): Subject {
  const measure = async (): Promise<number> => {
    const own = mkdtempSync(join(folder, "run-"));
    return Number(await run(process.execPath, [PROGRAM, packages, own, `${atOnce}`, `${seconds}`], { env: {} }));
  };
  return { name: named(atOnce, name), measure };
}

/** A page and its head in a log, as SQLite appends them, over the same pages again. */
function syncs(folder: string, seconds: number): Subject {
  const page = Buffer.alloc(4096 + 24, 1);
  const measure = async (): Promise<number> => {
    const file = openSync(join(folder, "pages"), "w");
    const end = performance.now() + 1000 * seconds;
    let count = 0;
    for (; performance.now() < end; count++) {
      writeSync(file, page, 0, page.length, (count % 256) * page.length);
      fdatasyncSync(file);
    }
    closeSync(file);
    return count / seconds;
  };
  return { name: SYNCS, measure };
}
