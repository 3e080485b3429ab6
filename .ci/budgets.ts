// The check `budgets`, and `npm run budgets`: what a program that has installed the packages loads at its start, what its first
// submit and wait add when nothing goes wrong, and all in one file, as for a Worker; bundled, minified and gzipped.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type BuildOptions, type Metafile } from "esbuild";
import { readFlag } from "./flags.ts";
import { packedProject, type Outcome } from "./pack.ts";

/** In bytes. `own` is without ky and zod. */
type Weights = { start: number; ownStart: number; called: number; ownCalled: number; oneFile: number };
type Program = {
  name: string;
  from: string;
  names: string;
  /** What it has anyway. */
  without?: RegExp;
  limits: Partial<Weights>;
};

const programs: readonly Program[] = [
  {
    name: "one vendor",
    from: "@vidtask/apixo",
    names: "createApixo, VidtaskError",
    limits: { start: 26_500, ownStart: 19_650, called: 66_800, ownCalled: 50_900, oneFile: 69_600 },
  },
  {
    name: "all three vendors",
    from: "vidtask",
    names: "createAIVideoAPI, createAPIModels, createApixo",
    limits: { start: 30_600, oneFile: 73_600 },
  },
  {
    name: "the AI SDK's provider over one vendor",
    from: "@vidtask/ai-sdk-provider/apixo",
    names: "apixo",
    limits: { start: 34_000, oneFile: 83_000 },
  },
  {
    name: "the AI SDK's provider, beside a client and the SDK",
    from: "@vidtask/ai-sdk-provider",
    names: "createVidtaskProvider",
    without: /^@vidtask\/core|^@ai-sdk\/provider/,
    limits: { oneFile: 8_000 },
  },
];

/** The parts that a submit and a wait load. */
const CALLED: ReadonlySet<string> = new Set(["ky", "core: calls"]);

/** ky, and zod as it is inside core: the files that are made of nothing else. */
function notOwn(project: string): RegExp {
  const dist = join(project, "node_modules/@vidtask/core/dist");
  const ofZod = globSync("*.js.map", { cwd: dist })
    .filter((file) => {
      const { sources } = JSON.parse(readFileSync(join(dist, file), "utf8")) as { sources: string[] };
      return sources.length > 0 && sources.every((source) => source.includes("/node_modules/zod/"));
    })
    .map((file) => file.replace(".js.map", "\\.js"));
  if (ofZod.length === 0) throw new Error("no file of core's build is zod alone");
  return new RegExp(`^ky$|/(${ofZod.join("|")})$`);
}

type Bundle = {
  outputs: Metafile["outputs"];
  /** Of each chunk, gzipped. */
  bytes: ReadonlyMap<string, number>;
};

async function bundle(
  project: string,
  program: Program,
  options: BuildOptions,
  leftOut = program.without,
): Promise<Bundle> {
  const { from, names } = program;
  const { metafile, outputFiles } = await build({
    stdin: { contents: `import { ${names} } from "${from}"; console.log(${names});`, resolveDir: project },
    absWorkingDir: project,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    external: ["node:*"],
    metafile: true,
    plugins: [
      {
        name: "left out",
        setup({ onResolve }) {
          if (leftOut) onResolve({ filter: leftOut }, ({ path }) => ({ path, external: true, sideEffects: false }));
        },
      },
    ],
    ...options,
    write: false,
  });
  const { outputs = {} } = metafile ?? {};
  const files = (outputFiles ?? []).map(({ path, contents }): [string, number] => {
    const chunk = Object.keys(outputs).find((output) => path.endsWith(`/${output}`)) ?? path;
    return [chunk, gzipSync(contents, { level: 9 }).length];
  });
  return { outputs, bytes: new Map(files) };
}

const PROGRAM = "the program";

/** What a chunk begins with: `core: calls`, or the name of a package; nothing where it is only what others share. */
function nameOf({ entryPoint }: Metafile["outputs"][string]): string | undefined {
  if (entryPoint === undefined) return undefined;
  const [, folder, file] = /\/@vidtask\/([^/]+)\/dist\/(.+?)(?:-[\w-]{8})?\.js$/.exec(entryPoint) ?? [];
  if (folder !== undefined) return `${folder}: ${file}`;
  return /.*\/node_modules\/([^/]+)/.exec(entryPoint)?.[1] ?? PROGRAM;
}

/** The chunks of these names, and what they import by `import … from`, in bytes. */
function weightOf({ outputs, bytes }: Bundle, isWanted: (name: string) => boolean): number {
  const loaded = new Set<string>();
  const load = (chunk: string): void => {
    if (loaded.has(chunk)) return;
    loaded.add(chunk);
    for (const { path, kind } of outputs[chunk]?.imports ?? [])
      if (kind === "import-statement" && outputs[path]) load(path);
  };
  for (const [chunk, output] of Object.entries(outputs)) if (isWanted(nameOf(output) ?? "")) load(chunk);
  return [...loaded].reduce((total, chunk) => total + (bytes.get(chunk) ?? 0), 0);
}

const isProgram = (name: string) => name === PROGRAM;
const isCalled = (name: string) => isProgram(name) || CALLED.has(name);

/** Each part behind `import()`: what it adds to the start, or, where no submit and no wait needs it, to theirs. */
function partsOf(bundle: Bundle): { name: string; bytes: number }[] {
  const names = new Set(Object.values(bundle.outputs).flatMap((output) => nameOf(output) ?? []));
  const added = (name: string, isThere: (name: string) => boolean) =>
    weightOf(bundle, (one) => isThere(one) || one === name) - weightOf(bundle, isThere);
  return [...names]
    .filter((name) => !isProgram(name))
    .map((name) => ({ name, bytes: added(name, CALLED.has(name) ? isProgram : isCalled) }))
    .toSorted((a, b) => b.bytes - a.bytes);
}

async function weigh(project: string, program: Program): Promise<Weights & { parts: ReturnType<typeof partsOf> }> {
  const split = { splitting: true, outdir: "out" };
  const whole = await bundle(project, program, split);
  const own = await bundle(project, program, split, program.without ?? notOwn(project));
  const one = await bundle(project, program, { outfile: "out.js" });
  return {
    start: weightOf(whole, isProgram),
    ownStart: weightOf(own, isProgram),
    called: weightOf(whole, isCalled),
    ownCalled: weightOf(own, isCalled),
    oneFile: weightOf(one, isProgram),
    parts: partsOf(whole),
  };
}

const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;

/** @param project a folder where the packages are installed */
export async function checkBudgets(project: string): Promise<Outcome> {
  const outcome = { passed: 0, failed: 0, problems: [] as string[], notes: [] as string[] };
  for (const program of programs) {
    const { parts, ...weights } = await weigh(project, program);
    const { start, ownStart, called, ownCalled, oneFile } = weights;
    const first = `${kB(start)} at the start (own: ${kB(ownStart)})`;
    const then = `${kB(called)} with a submit and a wait (own: ${kB(ownCalled)})`;
    outcome.notes.push(`${program.name}: ${first}, ${then}, ${kB(oneFile)} in one file`);
    if (program === programs[0])
      outcome.notes.push(`  behind import(): ${parts.map(({ name, bytes }) => `${name} ${kB(bytes)}`).join(", ")}`);
    for (const [what, limit] of Object.entries(program.limits)) {
      const found = weights[what as keyof Weights];
      if (found <= limit) outcome.passed++;
      else {
        outcome.failed++;
        outcome.problems.push(
          `${program.name}: ${what} weighs ${found} bytes; its limit in .ci/budgets.ts is ${limit}`,
        );
      }
    }
  }
  return outcome;
}

if (import.meta.main) {
  readFlag("budgets");
  const { folder } = await packedProject();
  const { notes = [], problems } = await checkBudgets(folder);
  console.log([...notes, ...problems].join("\n"));
  process.exitCode = problems.length > 0 ? 1 : 0;
}
