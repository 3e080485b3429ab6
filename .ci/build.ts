// Builds the package it is run in from its own `exports`: ./src/x.ts becomes dist/x.js and dist/x.d.ts.
import { readFileSync, writeFileSync } from "node:fs";
import { build } from "tsup";
import { groupedChunks } from "./chunks.ts";
import { writeDeclarations } from "./declarations.ts";

const {
  name,
  exports,
  bin = {},
} = JSON.parse(readFileSync("package.json", "utf8")) as {
  name: string;
  exports: Record<string, string | Record<string, string>>;
  bin?: Record<string, string>;
};
const entries = Object.values(exports).flatMap((entry) => (typeof entry === "string" ? entry : Object.values(entry)));
const sources = [...entries, ...Object.values(bin)].filter((path) => path.startsWith("./src/"));

/** What is taken into the build: zod is many files, of which a program would load every one. */
const bundled = name === "@vidtask/core" ? ["zod"] : [];

await build({
  config: false,
  entry: Object.fromEntries(sources.map((path) => [path.replace(/^\.\/src\/|\.ts$/g, ""), path])),
  format: "esm",
  target: "es2023",
  platform: "neutral",
  external: [/^node:/],
  noExternal: bundled.map((dependency) => new RegExp(`^${dependency}($|/)`)),
  // Without the prefix `node:sqlite` does not exist, and Deno knows none of them.
  removeNodeProtocol: false,
  sourcemap: true,
  clean: true,
  ...(bundled.length > 0 && { esbuildPlugins: [await groupedChunks(sources, bundled)] }),
  esbuildOptions(options) {
    options.logOverride = { "ignored-bare-import": "silent" };
  },
});

writeDeclarations(sources);

// The licence of what is inside, as it asks for.
const licences = bundled.map((dependency) => {
  const folder = `node_modules/${dependency}`;
  const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as { version: string };
  return `# ${dependency} ${version}\n\n${readFileSync(`${folder}/LICENSE`, "utf8").trim()}\n`;
});
if (licences.length > 0) writeFileSync("dist/LICENSES.md", licences.join("\n"));
