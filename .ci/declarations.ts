// `node .ci/declarations.ts` emits the declarations of all packages in one run, which turbo has done before it builds one;
// from there dist/**/*.d.ts is written, one a source file: those that a package's entries lead to, and no other.
import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { published, root } from "./pack.ts";

const specifier = /(?<=\bfrom |\bimport |\bimport\()"(\.[^"]+)\.tsx?"/g;
const NOT_BUILT = /\/test$|\.(test|contract|verify|stores|cli)\.ts$/;
const ofAll = join(root, "node_modules/.cache/declarations");

/** The check `types` finds faults; here nothing is checked, so it takes a second. */
function emit(folders: readonly string[], out: string): void {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  // Each one by its name: of those that are only found in node_modules, as packages of the workspace are, nothing is emitted.
  const files = folders.flatMap((folder) =>
    globSync("src/**/*.ts", { cwd: folder, exclude: (path) => NOT_BUILT.test(path) }).map((path) => join(folder, path)),
  );
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    noCheck: true,
    // A workspace's package is its sources, so those of core are emitted beside the others.
    rootDir: root,
    outDir: out,
    typeRoots: [join(root, "node_modules/@types")],
  };
  const config = join(out, "tsconfig.json");
  writeFileSync(config, JSON.stringify({ extends: join(root, "tsconfig.base.json"), compilerOptions, files }));
  execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", config], { stdio: "inherit" });
}

/** Writes those of the package it runs in. `entries` are sources: `./src/index.ts`. */
export function writeDeclarations(entries: readonly string[]): void {
  const isByTurbo = process.env["TURBO_HASH"] !== undefined;
  const out = isByTurbo ? ofAll : resolve("node_modules/.cache/declarations");
  if (!isByTurbo) emit([resolve(".")], out);

  const emitted = join(out, relative(root, resolve("src")));
  const left = entries.map((entry) => relative("src", entry).replace(/\.ts$/, ""));
  for (const path of left) {
    const text = readFileSync(join(emitted, `${path}.d.ts`), "utf8");
    for (const [, to = ""] of text.matchAll(specifier)) {
      const next = join(dirname(path), to);
      if (next.startsWith("..")) throw new Error(`the types of src/${path}.ts need ${to}.ts, which no package exports`);
      if (!left.includes(next)) left.push(next);
    }
    const file = join("dist", `${path}.d.ts`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text.replace(specifier, '"$1.js"'));
  }
}

if (import.meta.main)
  emit(
    published().map(({ source }) => join(root, source)),
    ofAll,
  );
