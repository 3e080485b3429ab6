// The check `budgets`, and `npm run budgets`: what the bundle of a user's program loads at its start, what the first submit
// and wait add on Node when nothing goes wrong, and all parts together; minified and gzipped, from the sources.
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";
import { root, type Outcome } from "./pack.ts";

/** In bytes. `own` is without ky and zod. */
type Weights = { start: number; ownStart: number; plain: number; ownPlain: number; all: number };
type Program = {
  name: string;
  code: string;
  /** Of others, which it has anyway. */
  without?: RegExp;
  limits: Partial<Weights>;
};

const imports = (file: string, names: string) =>
  `import { ${names} } from "./packages/${file}"; console.log(${names});`;

const programs: readonly Program[] = [
  {
    name: "one vendor",
    code: imports("apixo/src/index.ts", "createApixo, VidtaskError"),
    limits: { start: 57_800, ownStart: 50_800, plain: 66_900, ownPlain: 50_800, all: 66_900 },
  },
  {
    name: "all three vendors",
    code: imports("vidtask/src/index.ts", "createAIVideoAPI, createAPIModels, createApixo"),
    limits: { start: 62_000, all: 71_000 },
  },
  {
    name: "the AI SDK's provider over one vendor",
    code: imports("ai-sdk-provider/src/apixo.ts", "apixo"),
    limits: { start: 70_000, all: 80_000 },
  },
  {
    name: "the AI SDK's provider, beside a client and the SDK",
    code: imports("ai-sdk-provider/src/index.ts", "createVidtaskProvider"),
    without: /^@vidtask\/|^@ai-sdk\/provider/,
    limits: { all: 8_000 },
  },
];

/** The parts behind `import()` that a submit and a wait load on Node when nothing goes wrong. */
const PLAIN = /^(ky)$/;

type Bundle = {
  outputs: Metafile["outputs"];
  /** Of each chunk, gzipped. */
  bytes: ReadonlyMap<string, number>;
};

async function bundle({ code, without }: Program, leftOut: RegExp | undefined = without): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
    stdin: { contents: code, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    external: ["node:*"],
    outdir: "/",
    write: false,
    metafile: true,
    plugins: [
      {
        name: "left out",
        setup({ onResolve }) {
          if (leftOut) onResolve({ filter: leftOut }, ({ path }) => ({ path, external: true, sideEffects: false }));
        },
      },
    ],
  });
  const { outputs } = metafile;
  const names = Object.keys(outputs);
  const files = outputFiles.map(({ path, contents }): [string, number] => {
    const name = names.find((output) => `/${output}`.endsWith(path)) ?? path;
    return [name, gzipSync(contents, { level: 9 }).length];
  });
  return { outputs, bytes: new Map(files) };
}

const PROGRAM = "the program";

/** What a chunk begins with: `core: submit/send`, or the name of a package; nothing where it is only what others share. */
function nameOf({ entryPoint }: Metafile["outputs"][string]): string | undefined {
  if (entryPoint === undefined) return undefined;
  const [, dependency] = /.*\/node_modules\/([^/]+)/.exec(entryPoint) ?? [];
  const [, folder, file] = /^packages\/([^/]+)\/src\/(.*)\.ts$/.exec(entryPoint) ?? [];
  return dependency ?? (folder === undefined ? PROGRAM : `${folder}: ${file}`);
}

/** The chunks of these names, and what they import by `import … from`. */
function loadedWith({ outputs }: Bundle, isWanted: (name: string) => boolean): Set<string> {
  const loaded = new Set<string>();
  const load = (chunk: string): void => {
    if (loaded.has(chunk)) return;
    loaded.add(chunk);
    for (const { path, kind } of outputs[chunk]?.imports ?? [])
      if (kind === "import-statement" && outputs[path]) load(path);
  };
  for (const [chunk, output] of Object.entries(outputs)) if (isWanted(nameOf(output) ?? "")) load(chunk);
  return loaded;
}

const isProgram = (name: string) => name === PROGRAM;
const isPlain = (name: string) => isProgram(name) || PLAIN.test(name);
const sum = ({ bytes }: Bundle, chunks: Iterable<string>) =>
  [...chunks].reduce((total, chunk) => total + (bytes.get(chunk) ?? 0), 0);

type Weighed = { weights: Weights; parts: (readonly [name: string, bytes: number])[]; modules: Map<string, number> };

async function weigh(program: Program): Promise<Weighed> {
  const whole = await bundle(program);
  const own = await bundle(program, program.without ?? /^(ky|zod)($|\/)/);
  const start = loadedWith(whole, isProgram);
  const weights = {
    start: sum(whole, start),
    ownStart: sum(own, loadedWith(own, isProgram)),
    plain: sum(whole, loadedWith(whole, isPlain)),
    ownPlain: sum(own, loadedWith(own, isPlain)),
    all: sum(whole, whole.bytes.keys()),
  };
  const parts = Object.entries(whole.outputs)
    .filter(([chunk]) => !start.has(chunk))
    .map(([chunk, output]) => [nameOf(output) ?? "shared by parts", whole.bytes.get(chunk) ?? 0] as const);
  const modules = [...start].flatMap((chunk) => Object.entries(whole.outputs[chunk]?.inputs ?? {}));
  return { weights, parts, modules: new Map(modules.map(([path, { bytesInOutput }]) => [path, bytesInOutput])) };
}

const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;

/** The check; its notes say what everything weighs. */
export async function checkBudgets(): Promise<Outcome> {
  const outcome = { passed: 0, failed: 0, problems: [] as string[], notes: [] as string[] };
  for (const program of programs) {
    const { weights, parts } = await weigh(program);
    const { start, ownStart, plain, ownPlain, all } = weights;
    outcome.notes.push(
      `${program.name}: ${kB(start)} at the start (own ${kB(ownStart)}), ${kB(plain)} for a submit and a wait (own ${kB(ownPlain)}), ${kB(all)} in all`,
      ...parts.map(([name, bytes]) => `  ${kB(bytes).padStart(8)}  ${name}`),
    );
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

// Run by itself, it lists the modules of the first program, too.
if (import.meta.main) {
  const [first] = programs;
  const { modules } = first ? await weigh(first) : { modules: new Map<string, number>() };
  const listed = [...modules].toSorted(([, a], [, b]) => b - a);
  for (const [path, bytes] of listed)
    if (bytes > 0) console.log(`${String(bytes).padStart(6)}  ${path.replace(/^.*\/node_modules\//, "")}`);
  const { notes = [], problems } = await checkBudgets();
  console.log(["", ...notes, ...problems].join("\n"));
  process.exitCode = problems.length > 0 ? 1 : 0;
}
