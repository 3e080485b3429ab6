// What a client adds to a bundle: minified and gzipped, with all that it imports.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { run } from "../../../../../.ci/pack.ts";
import type { Installed } from "../install.ts";

export type Size = {
  /** Bytes, minified and gzipped, of one file that holds everything. */
  readonly all: number;
  /** Of what is loaded at the start, where what is behind `import()` is in files of its own. */
  readonly start: number;
};

type Meta = { outputs: { [file: string]: { entryPoint?: string; imports: { path: string; kind: string }[] } } };

export async function size({ entry, folder }: Installed): Promise<Size> {
  const out = mkdtempSync(join(tmpdir(), "vidtask-size-"));
  const bytes = (file: string) => gzipSync(readFileSync(file), { level: 9 }).length;
  try {
    const bundle = async (name: string, ...how: string[]): Promise<Meta["outputs"]> => {
      const meta = join(out, `${name}.json`);
      const always = ["--bundle", "--minify", "--format=esm", "--platform=node", "--log-level=error"];
      await run("esbuild", [entry, ...always, ...how, `--metafile=${meta}`], { cwd: folder });
      return (JSON.parse(readFileSync(meta, "utf8")) as Meta).outputs;
    };
    const one = join(out, "one.mjs");
    await bundle("one", `--outfile=${one}`);
    const outputs = await bundle("several", "--splitting", `--outdir=${join(out, "several")}`);
    const files = [...loadedBy(outputs)].map((file) => join(folder, file));
    return { all: bytes(one), start: files.reduce((total, file) => total + bytes(file), 0) };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** The files that are there before anything is asked of the entry. */
function loadedBy(outputs: Meta["outputs"]): Set<string> {
  const loaded = new Set<string>();
  const load = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    for (const { path, kind } of outputs[file]?.imports ?? [])
      if (kind === "import-statement" && path in outputs) load(path);
  };
  const entry = Object.keys(outputs).find((file) => outputs[file]?.entryPoint?.includes("entry-"));
  if (entry !== undefined) load(entry);
  return loaded;
}
