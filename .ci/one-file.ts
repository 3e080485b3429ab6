// A program of this clone as tests start it: its sources in one bundle, as its users have them, so that a start costs half.
import { createHash } from "node:crypto";
import {
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";

const root = join(import.meta.dirname, "..");
const cache = join(root, "node_modules/.cache/programs");
const DAY = 86_400_000;
/** It takes a second, or some on a busy machine. */
const LONGEST_MS = 30_000;

/** What lies beside a source is found from there. */
const places: Plugin = {
  name: "places",
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      let contents = readFileSync(path, "utf8");
      for (const [call, name = ""] of contents.matchAll(/import\.meta\.resolve\("([^"]+)"\)/g)) {
        const found = await build.resolve(name, { resolveDir: dirname(path), kind: "dynamic-import" });
        contents = contents.replace(call, JSON.stringify(pathToFileURL(found.path).href));
      }
      const own = { url: pathToFileURL(path).href, dirname: dirname(path), filename: path };
      for (const [name, value] of Object.entries(own))
        contents = contents.replaceAll(new RegExp(`import\\.meta\\.${name}\\b`, "g"), () => JSON.stringify(value));
      return { contents, loader: "ts" };
    });
  },
};

/** What is loaded from where it is installed. */
const apart = (names: readonly string[]): Plugin => ({
  name: "apart",
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async ({ path, resolveDir, kind, pluginData }) => {
      if (!names.includes(path) || pluginData === apart) return undefined;
      const found = await build.resolve(path, { resolveDir, kind, pluginData: apart });
      return { path: found.path, external: true };
    });
  },
});

const hashOf = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex").slice(0, 20);
};

/** What decides how names are resolved. */
const manifests = () => globSync(["package.json", "pnpm-lock.yaml", "packages/*/package.json"], { cwd: root });
const contentOf = (files: readonly string[]): string =>
  hashOf(...files.flatMap((file) => [file, existsSync(join(root, file)) ? readFileSync(join(root, file)) : ""]));

const noteOf = (name: string, entry: string, external: readonly string[]): string =>
  join(cache, `${name}-${hashOf(entry, ...external, readFileSync(import.meta.filename))}.json`);

/** The folder of a bundle that was made of the files as they are now. */
function keptBy(note: string): string | undefined {
  if (!existsSync(note)) return undefined;
  const { files, content, folder } = JSON.parse(readFileSync(note, "utf8")) as {
    files: string[];
    content: string;
    folder: string;
  };
  if (!existsSync(folder) || contentOf([...manifests(), ...files]) !== content) return undefined;
  for (const used of [note, folder]) utimesSync(used, new Date(), new Date());
  return folder;
}

/** Whether it is this process that makes it; one that died while it did holds nobody up for long. */
function takes(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const { mtimeMs } = statSync(lock, { throwIfNoEntry: false }) ?? {};
    if (mtimeMs !== undefined && Date.now() - mtimeMs > LONGEST_MS) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

/**
 * Bundles a program and returns the file to start. It is made anew unless every file that it was made of is as it was.
 * `external`: packages that it loads from where they are installed.
 */
export async function oneFile(entry: string, external: string[] = []): Promise<string> {
  const name = basename(entry, ".ts");
  const note = noteOf(name, entry, external);
  const lock = `${note}.lock`;
  mkdirSync(cache, { recursive: true });
  // Suites that run side by side start the same program: the first makes it.
  while (!takes(lock)) await sleep(100);
  try {
    return join(keptBy(note) ?? (await make(entry, external, note)), `${name}.mjs`);
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

async function make(entry: string, external: string[], note: string): Promise<string> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    splitting: true, // what a command does not need it does not load, as in the sources
    format: "esm",
    platform: "node",
    target: "node22",
    outdir: cache,
    outExtension: { ".js": ".mjs" },
    plugins: [apart(external), places],
    banner: {
      js: `import { createRequire as $require } from "node:module";const require = $require(import.meta.url);`,
    },
    logLevel: "error",
    metafile: true,
    write: false,
  });
  const folder = join(cache, `${basename(entry, ".ts")}-${hashOf(...outputFiles.map(({ contents }) => contents))}`);
  mkdirSync(folder, { recursive: true });
  for (const { path, contents } of outputFiles) writeFileSync(join(folder, basename(path)), contents);
  const files = Object.keys(metafile.inputs);
  // In one step: a run that is killed leaves no half of a note.
  writeFileSync(`${note}.new`, JSON.stringify({ files, content: contentOf([...manifests(), ...files]), folder }));
  renameSync(`${note}.new`, note);
  for (const old of globSync(join(cache, "*")))
    if (Date.now() - (statSync(old, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > DAY)
      rmSync(old, { recursive: true, force: true });
  return folder;
}
