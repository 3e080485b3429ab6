// Builds the package it is run in from its own `exports`: ./src/x.ts becomes dist/x.js and dist/x.d.ts.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "tsup";

const { exports, bin = {} } = JSON.parse(readFileSync("package.json", "utf8")) as {
  exports: Record<string, string | Record<string, string>>;
  bin?: Record<string, string>;
};
const entries = Object.values(exports).flatMap((entry) => (typeof entry === "string" ? entry : Object.values(entry)));
const sources = [...entries, ...Object.values(bin)].filter((path) => path.startsWith("./src/"));

await build({
  config: false,
  entry: Object.fromEntries(sources.map((path) => [path.replace(/^\.\/src\/|\.ts$/g, ""), path])),
  format: "esm",
  target: "es2023",
  platform: "neutral",
  external: [/^node:/],
  // Without the prefix `node:sqlite` does not exist, and Deno knows none of them.
  removeNodeProtocol: false,
  dts: true,
  sourcemap: true,
  clean: true,
});

// Rollup gathers declarations that only re-export in one file, and leaves their imports there: `vidtask/aivideoapi` would
// ask for the types of Node, because `vidtask/node` does.
for (const file of globSync("dist/**/*.d.ts")) {
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace(/^import '[^']+';\n/gm, ""));
}
