// Writes dist/**/*.d.ts of the package it runs in, one a source file: those that its entries lead to, and no other.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const root = join(import.meta.dirname, "..");
const specifier = /(?<=\bfrom |\bimport |\bimport\()"(\.[^"]+)\.tsx?"/g;

/** `entries` are sources: `src/index.ts`. The check `types` finds faults; here nothing is checked, so it takes a second. */
export function writeDeclarations(entries: readonly string[]): void {
  const out = resolve("node_modules/.cache/declarations");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    noCheck: true,
    // A workspace's package is its sources, so those of core are emitted too, beside these.
    rootDir: root,
    outDir: out,
    typeRoots: [join(root, "node_modules/@types")],
  };
  const config = join(out, "tsconfig.json");
  const files = entries.map((entry) => resolve(entry));
  writeFileSync(config, JSON.stringify({ extends: join(root, "tsconfig.base.json"), compilerOptions, files }));
  execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", config], { stdio: "inherit" });

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
