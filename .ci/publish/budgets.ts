// `npm run budgets`, and the check of that name: what a user's bundle, disk and type-checker pay, against budgets.json.
// A `limit` fails when it is exceeded: lower it when the figure falls. A `goal` is what it shall become.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { installedWith, packedProject, type Outcome, type Project } from "./pack.ts";
import { root, run } from "./run.ts";

type Budgets = Record<string, { limit: number; goal?: number }>;

const budgets = JSON.parse(readFileSync(join(import.meta.dirname, "budgets.json"), "utf8")) as Budgets;

const oneVendor = `import { createApixo, VidtaskError } from "@vidtask/apixo";

const apixo = createApixo();
const request = { model: "kling-2-6", prompt: "a waterfall", duration: 5, sound: true } as const;
try {
  const done = await apixo.generate(request, { idempotencyKey: "row-17" });
  console.log(done.videos[0].url, apixo.plan(request).expected);
} catch (error) {
  if (VidtaskError.isInstance(error)) console.error(error.message, error.billed, error.ref);
}
`;
const allVendors = `import { createAIVideoAPI, createAPIModels, createApixo } from "vidtask";

for (const { vendor, balance } of [createApixo(), createAIVideoAPI(), createAPIModels()])
  console.log(vendor, await balance?.());
`;

export async function checkBudgets(project: Project): Promise<Outcome> {
  const types = await typeCheck(project);
  const installed = installedWith(join(project.folder, "node_modules/@vidtask/apixo"));
  const measured: Record<string, number> = {
    "bundle of one vendor, min+gzip, kB": (await bundled(project, oneVendor)) / 1e3,
    "bundle of all three, min+gzip, kB": (await bundled(project, allVendors)) / 1e3,
    "installed for @vidtask/apixo, MB": installed.reduce((sum, folder) => sum + bytesIn(folder), 0) / 1e6,
    "packages installed with @vidtask/apixo": installed.length,
    "type-check of ten lines, instantiations": types.instantiations,
    "type-check of ten lines, memory, MB": types.memoryMb,
  };
  const rows = Object.entries(budgets).map(([what, { limit, goal }]) => {
    const value = measured[what] ?? NaN;
    return { what, value, limit, goal, isKept: value <= limit };
  });
  const text = (value: number | undefined) =>
    (value === undefined ? "" : String(Math.round(value * 10) / 10)).padStart(9);
  const row = (what: string, ...cells: string[]) =>
    `${what.padEnd(42)}${cells.map((cell) => cell.padStart(9)).join("")}`;
  const broken = rows.filter(({ isKept }) => !isKept);
  return {
    passed: rows.length - broken.length,
    failed: broken.length,
    problems: broken.map(
      ({ what, value, limit }) =>
        `${what}: ${text(value).trim()}, above its limit of ${limit}. Find what grew; .ci/publish/budgets.json holds the limit.`,
    ),
    notes: [
      row("", "measured", "limit", "goal"),
      ...rows.map(({ what, value, limit, goal }) => row(what, text(value), text(limit), text(goal))),
      `(the type-check took ${types.seconds} s)`,
    ],
  };
}

/** Bytes that a user's page loads. */
async function bundled({ folder }: Project, contents: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder, loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    target: "es2023",
    write: false,
  });
  return gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).byteLength;
}

function bytesIn(folder: string): number {
  const sizes = readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? 0 : bytesIn(path);
    return statSync(path).size;
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function typeCheck({ folder }: Project): Promise<{ instantiations: number; memoryMb: number; seconds: number }> {
  const lib = ["es2023", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"];
  const compilerOptions = { strict: true, module: "nodenext", target: "es2023", lib, types: [], skipLibCheck: true };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "main.ts"), oneVendor);
  const config = { compilerOptions: { ...compilerOptions, noEmit: true }, files: ["main.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const stdout = await run(process.execPath, [tsc, "-p", folder, "--extendedDiagnostics"], { cwd: folder });
  const figure = (name: string) => Number(new RegExp(`^${name}: +([\\d.]+)`, "m").exec(stdout)?.[1]);
  return {
    instantiations: figure("Instantiations"),
    memoryMb: figure("Memory used") / 1e3,
    seconds: figure("Total time"),
  };
}

if (import.meta.main) {
  console.error("building …");
  const { failed, problems, notes = [] } = await checkBudgets(await packedProject());
  console.log([...notes, ...problems].join("\n"));
  process.exitCode = failed > 0 ? 1 : 0;
}
