// A copy of the workspace with one rule broken. The sources themselves stay as they are.
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onInterrupt } from "@vidtask/bench/progress";

/** Replaces the first match of `from` in a file below `packages`. */
export type Patch = { file: string; from: string | RegExp; to: string };

export type Mutant = {
  /** The rule it breaks, as a sentence. */
  broken: string;
  patches: readonly Patch[];
};

/** One that the tests of a package must notice. */
export type UnitMutant = Mutant & {
  /** The package, and the test files, so that one mutant takes seconds. */
  tests: {
    package: string;
    files: readonly string[];
    /** Of the vitest config. @default "unit" */
    mode?: "stores";
    /** A pattern for the names of the tests. @default all */
    only?: string;
  };
};

/** Installed by suites of their own: large, and the same in every copy. */
const EXAMPLES = ["cron", "inngest", "pg-boss", "queue", "workflows"].map((name) => `vidtask/examples/${name}`);
const APART = ["stores/src/test/drivers", ...EXAMPLES].map((folder) => `${folder}/node_modules`);
const isApart = (path: string): boolean => APART.some((folder) => path.endsWith(`packages/${folder}`));

const workspace = join(import.meta.dirname, "../../..");

/** A file with the patch in it. @throws Error when it no longer fits */
function patched(root: string, { file, from, to }: Patch): string {
  const path = join(root, "packages", file);
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const changed = text.replace(from, () => to);
  if (changed === text) throw new Error(`${String(from)} is not in packages/${file} any more`);
  return changed;
}

/** @throws Error when a patch no longer fits the sources as they are */
export function checkFit({ patches }: Mutant): void {
  for (const patch of patches) patched(workspace, patch);
}

/** Makes the copy in a temporary folder. @throws Error when a patch no longer fits the sources */
export function copyWith({ patches }: Mutant): { root: string; remove(): void } {
  const root = mkdtempSync(join(tmpdir(), "vidtask-mutant-"));
  const remove = () => rmSync(root, { recursive: true, force: true });
  const forget = onInterrupt(remove);
  for (const entry of readdirSync(join(workspace, "packages")))
    cpSync(join(workspace, "packages", entry), join(root, "packages", entry), {
      recursive: true,
      verbatimSymlinks: true, // they point to each other: inside the copy
      filter: (path) => !/\/(dist|\.turbo|\.reports|\.readme)$/.test(path) && !isApart(path),
    });
  for (const folder of APART.filter((each) => existsSync(join(workspace, "packages", each))))
    symlinkSync(join(workspace, "packages", folder), join(root, "packages", folder));
  for (const entry of ["node_modules", "fixtures", "contracts", ".ci"])
    symlinkSync(join(workspace, entry), join(root, entry));
  for (const entry of ["package.json", "tsconfig.base.json"])
    writeFileSync(join(root, entry), readFileSync(join(workspace, entry)));
  try {
    for (const patch of patches) writeFileSync(join(root, "packages", patch.file), patched(root, patch));
  } catch (error) {
    forget();
    remove();
    throw error;
  }
  return {
    root,
    remove() {
      forget();
      remove();
    },
  };
}
