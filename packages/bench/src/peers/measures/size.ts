// What a client adds to a bundle: minified and gzipped, with all that it imports.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { run } from "../../../../../.ci/pack.ts";
import type { Installed } from "../install.ts";

export type Size = {
  /** Bytes, minified and gzipped, of all. */
  readonly all: number;
  /** Of what is loaded at the start: without what is behind `import()`. */
  readonly start: number;
};

type Meta = { outputs: { [file: string]: { entryPoint?: string; imports: { path: string; kind: string }[] } } };

export async function size({ entry, folder }: Installed): Promise<Size> {
  const out = mkdtempSync(join(tmpdir(), "vidtask-size-"));
  try {
    const meta = join(out, "meta.json");
    const how = ["--bundle", "--minify", "--splitting", "--format=esm", "--platform=node", "--log-level=error"];
    await run("esbuild", [entry, ...how, `--outdir=${out}`, `--metafile=${meta}`], { cwd: folder });
    const { outputs } = JSON.parse(readFileSync(meta, "utf8")) as Meta;
    const bytes = (file: string) => gzipSync(readFileSync(join(folder, file)), { level: 9 }).length;
    const first = Object.keys(outputs).find((file) => outputs[file]?.entryPoint?.includes("entry-"));
    const loaded = new Set<string>();
    const load = (file: string | undefined) => {
      if (file === undefined || loaded.has(file)) return;
      loaded.add(file);
      for (const { path, kind } of outputs[file]?.imports ?? [])
        if (kind === "import-statement") load(path in outputs ? path : undefined);
    };
    load(first);
    const sum = (files: Iterable<string>) => [...files].reduce((total, file) => total + bytes(file), 0);
    return { all: sum(Object.keys(outputs)), start: sum(loaded) };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
