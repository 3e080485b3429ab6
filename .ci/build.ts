// Builds the package it is run in from its own `exports`: ./src/x.ts becomes dist/x.js and dist/x.d.ts.
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { build, type ModuleInfo } from "rolldown";
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
  input: Object.fromEntries(sources.map((path) => [path.replace(/^\.\/src\/|\.ts$/g, ""), path])),
  platform: "neutral",
  resolve: { mainFields: ["module", "main"] },
  external: (id) => /^[^./]/.test(id) && !bundled.some((dependency) => id.startsWith(dependency)),
  treeshake: { moduleSideEffects: false },
  transform: { target: "es2023" },
  output: {
    dir: "dist",
    cleanDir: true,
    format: "esm",
    sourcemap: true,
    chunkFileNames: "[name]-[hash].js",
    ...(name === "@vidtask/core" ? { codeSplitting: { groups: groupsOf() } } : {}),
  },
});

writeDeclarations(sources);

/**
 * In which file of core's a module is: what every program starts with, what the first call loads, and what few programs need
 * are a file each. A bundler makes many small ones where it is left to itself, and they cost a start more than their bytes.
 */
function groupsOf() {
  let chunks: Map<string, string> | undefined;
  const chunkOf = (id: string, graph: Graph) =>
    id.includes("/node_modules/") ? "zod" : id.startsWith("\0") ? "client" : (chunks ??= chunksIn(graph)).get(id);
  // A file that is taken takes with it what it imports: so what others import comes first.
  return ["zod", "client", "calls", "rare"].map((debugName, index) => ({
    debugName,
    priority: 4 - index,
    name: (id: string, graph: Graph) => (chunkOf(id, graph) === debugName ? debugName : null),
  }));
}

type Graph = { getModuleInfo(id: string): ModuleInfo | null };

function chunksIn(graph: Graph): Map<string, string> {
  const reach = (...files: string[]): Set<string> => {
    const found = new Set<string>();
    const add = (id: string): void => {
      if (found.has(id)) return;
      found.add(id);
      for (const next of graph.getModuleInfo(id)?.importedIds ?? []) add(next);
    };
    for (const file of files) add(resolve("src", file));
    return found;
  };
  const calls = reach("client/calls.ts");
  const chunks: { readonly [chunk: string]: Iterable<string> } = {
    rare: reach("client/rare-calls.ts", "submit/recovery.ts", "submit/files.ts", "callback/url.ts"),
    calls,
    client: [
      ...reach("adapter.ts", "client/functions.ts"),
      ...[...reach("index.ts", "router.ts")].filter((id) => calls.has(id)),
    ],
  };
  return new Map(Object.entries(chunks).flatMap(([chunk, ids]) => [...ids].map((id) => [id, chunk] as const)));
}

// The licence of what is inside, as it asks for.
const licences = bundled.map((dependency) => {
  const folder = `node_modules/${dependency}`;
  const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as { version: string };
  return `# ${dependency} ${version}\n\n${readFileSync(`${folder}/LICENSE`, "utf8").trim()}\n`;
});
if (licences.length > 0) writeFileSync("dist/LICENSES.md", licences.join("\n"));
