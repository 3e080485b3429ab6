// `npm run bench start`: what an import of a built package costs, beside a program that does nothing.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtPackages, type Built } from "./built.ts";
import { report, rowOf, sideBySide, type Row, type Subject } from "./side-by-side.ts";

/** What is promised, as a ratio to an empty program. */
const LIMITS: { readonly [imported: string]: number } = {
  "@vidtask/apixo": 2,
  "@vidtask/ai-sdk-provider/apixo": 2.6,
  vidtask: 2.2,
};
const EMPTY = "an empty program";

type StartOptions = { isQuick?: boolean; before?: string | undefined };

export async function benchStart({ isQuick = false, before }: StartOptions = {}): Promise<number> {
  const built = await builtPackages(before);
  const [first = { folder: "." }] = built;
  const subjects = [
    program(EMPTY, first.folder, "export {};\n"),
    ...built.flatMap((one) => Object.keys(LIMITS).map((name) => importing(one, name))),
  ];
  const rows = await sideBySide(subjects, isQuick ? 11 : 41);
  report("start", { "Milliseconds from the start of Node to its end": rows });
  const broken = slowStarts(rows);
  for (const one of broken) console.log(`Slower than promised: ${one}`);
  return broken.length === 0 ? 0 : 1;
}

const named = (imported: string, of: string): string => `import "${imported}", ${of}`;
const importing = ({ name, folder }: Built, imported: string): Subject =>
  program(named(imported, name), folder, `import "${imported}";\n`);

/** The imports of this clone that are above what is promised. */
export const slowStarts = (rows: readonly Row[]): string[] =>
  Object.entries(LIMITS).flatMap(([imported, limit]) => {
    const ratio = rowOf(rows, named(imported, "now"))?.ratio ?? Infinity;
    return ratio <= limit ? [] : [`${imported}: ${ratio.toFixed(2)} × ${EMPTY}, above ${limit}`];
  });

let programs = 0;

/** A program of its own, by wall time. */
function program(name: string, cwd: string, code: string): Subject {
  const file = join(cwd, `start-${programs++}.mjs`);
  writeFileSync(file, code);
  const measure = async (): Promise<number> => {
    const began = performance.now();
    const { status, stderr } = spawnSync(process.execPath, [file], { cwd, encoding: "utf8" });
    const ms = performance.now() - began;
    if (status !== 0) throw new Error(`${name} ended with ${status}:\n${stderr}`);
    return ms;
  };
  return { name, measure };
}
