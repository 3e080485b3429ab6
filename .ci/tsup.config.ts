// Builds each package from its own `exports`: ./src/x.ts becomes dist/x.js and dist/x.d.ts.
import { readFileSync } from "node:fs";
import { defineConfig } from "tsup";

const { exports, bin = {} } = JSON.parse(readFileSync("package.json", "utf8")) as {
  exports: Record<string, string>;
  bin?: Record<string, string>;
};
const sources = [...Object.values(exports), ...Object.values(bin)].filter((path) => path.startsWith("./src/"));

export default defineConfig({
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
