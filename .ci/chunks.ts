// In which file of core's build a module is: what every program starts with, what the first call loads, and what few programs
// need are a file each. esbuild makes many small ones where it is left to itself, and they cost a start more than their bytes.
import { readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { build, type Plugin } from "esbuild";

const INDEX = "src/index.ts";
/**
 * What few programs name and many calls need is there twice, for those who name it and for the calls: a bundler loads at the
 * start whatever an index names, used or not, that something uses later. Only what has no state of its own.
 */
const TWICE: ReadonlySet<string> = new Set([
  "src/journal/memory-journal.ts",
  "src/journal/list-options.ts",
  "src/journal/states.ts",
  "src/limits/budget.ts",
  "src/limits/memory-slots.ts",
  "src/limits/lapsing.ts",
  "src/limits/places.ts",
  "src/time/heap.ts",
  "src/time/clock.ts",
]);

/** What a module keeps for all who import it: of two copies, each would know a part. */
const STATE = /^(?:export )?(?:let|var|class)\b.*|^(?:export )?const .*(?:new (?:Map|Weak\w+)|Symbol\().*/m;

const AGAIN = "?again";

type Graph = ReadonlyMap<string, readonly string[]>;

/**
 * esbuild puts into one file what the same entries lead to. So each entry that leads to one module of a group is made to lead to
 * all of them; the imports that do it are bare, of modules without side effects, and nothing is left of them.
 *
 * @param sources the entries: `src/index.ts`
 */
export async function groupedChunks(sources: readonly string[], bundled: readonly string[]): Promise<Plugin> {
  const { graph, later } = await imports(sources, bundled);
  const reach = (...files: readonly string[]): Set<string> => {
    const found = new Set<string>();
    const add = (file: string): void => {
      if (found.has(file)) return;
      found.add(file);
      for (const next of graph.get(file) ?? []) add(next);
    };
    for (const file of files) add(file);
    return found;
  };
  const gone = [...TWICE].filter((file) => !graph.has(file));
  if (gone.length > 0) throw new Error(`.ci/chunks.ts names what is not there: ${gone.join(", ")}`);
  const groups = groupsOf(graph, reach);
  const groupsBehind = (entry: string): string[] => {
    const chosen = new Set<string>();
    const seen = reach(entry);
    // What a group leads to is behind the entry, too; it ends, as a group is chosen once.
    for (const [name, files] of groups) {
      if (!files.some((file) => seen.has(file))) continue;
      chosen.add(name);
      for (const file of reach(...files)) seen.add(file);
    }
    return [...chosen];
  };
  const added = new Map(
    [...sources.map((source) => relative(".", source)), ...later].map((entry) => [
      resolve(entry),
      groupsBehind(entry).map((name) => `import "group:${name}";`),
    ]),
  );
  return {
    name: "grouped chunks",
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^\./ }, ({ path, resolveDir, importer, pluginData }) => {
        const file = resolve(resolveDir, path);
        if (!TWICE.has(relative(".", file)) || (pluginData !== AGAIN && importer !== resolve(INDEX))) return undefined;
        return { path: file, suffix: AGAIN, sideEffects: false };
      });
      onResolve({ filter: /^group:/ }, ({ path }) => ({ path: path.slice("group:".length), namespace: "group" }));
      onLoad({ filter: /.*/, namespace: "group" }, ({ path }) => ({
        contents: (groups.get(path) ?? []).map((file) => `import ${JSON.stringify(resolve(file))};`).join("\n"),
        resolveDir: process.cwd(),
      }));
      onLoad({ filter: /\.ts$/ }, async ({ path, suffix }) => {
        if (suffix === AGAIN) return { contents: await stateless(path), loader: "ts", pluginData: AGAIN };
        const more = added.get(path);
        if (!more?.length) return undefined;
        return { contents: `${await readFile(path, "utf8")}\n${more.join("\n")}`, loader: "ts" };
      });
    },
  };
}

async function stateless(path: string): Promise<string> {
  const contents = await readFile(path, "utf8");
  const [state] = STATE.exec(contents) ?? [];
  if (state !== undefined) throw new Error(`${path} is built twice, and keeps state: ${state}`);
  return contents;
}

/** From the rarest to what all lead to: a group may lead to those after it. */
function groupsOf(graph: Graph, reach: (...files: string[]) => Set<string>): Map<string, string[]> {
  const calls = reach("src/client/calls.ts");
  const start = reach("src/index.ts", "src/router.ts");
  const zod = [...graph.keys()].filter((file) => file.includes("node_modules/"));
  const client = [
    ...reach("src/adapter.ts", "src/client/functions.ts", "src/client/router-functions.ts"),
    ...[...start].filter((file) => calls.has(file)),
  ];
  const rare = reach(
    ...["client/rare-calls.ts", "submit/recovery.ts", "submit/files.ts", "callback/url.ts"].map(
      (file) => `src/${file}`,
    ),
  );
  const taken = new Set<string>();
  const rest = (files: Iterable<string>): string[] => [...files].filter((file) => !taken.has(file) && taken.add(file));
  const inOrder = { zod: rest(zod), client: rest(client), calls: rest(calls), rare: rest(rare) };
  return new Map(Object.entries(inOrder).toReversed());
}

/** Who imports what, and what is only behind `import()`; all as paths from here. */
async function imports(sources: readonly string[], bundled: readonly string[]) {
  const { metafile } = await build({
    entryPoints: [...sources],
    bundle: true,
    write: false,
    metafile: true,
    splitting: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    outdir: "dist",
    logLevel: "error",
    plugins: [
      {
        name: "left out",
        setup({ onResolve }) {
          onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
            kind === "entry-point" || bundled.some((name) => path === name || path.startsWith(`${name}/`))
              ? undefined
              : { path, external: true },
          );
        },
      },
    ],
  });
  const inputs = Object.entries(metafile.inputs);
  const inside = (kind: string) => (one: { kind: string; external?: boolean }) => one.kind === kind && !one.external;
  const importsOf = (file: string, isNamed = file === INDEX): string[] =>
    (metafile.inputs[file]?.imports ?? [])
      .filter(inside("import-statement"))
      .flatMap(({ path }) => (isNamed && TWICE.has(path) ? importsOf(path, true) : [path]));
  const graph: Graph = new Map(inputs.map(([file]) => [file, importsOf(file)]));
  const later = new Set(
    inputs.flatMap(([, one]) => one.imports.filter(inside("dynamic-import")).map(({ path }) => path)),
  );
  return { graph, later };
}
