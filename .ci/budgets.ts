// `npm run budgets`, and the check of that name: what a user's bundle and type-checker pay.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { packedProject, root, run, type Outcome, type Project } from "./pack.ts";

const limits = {
  // Today 39.7 and 42.5. The rest is room for what the transport and the checks of options add; it is taken back when the
  // bundle is made smaller, for which 24 and 28 are the goal.
  "bundle of one vendor, min+gzip, kB": 46,
  "bundle of all three, min+gzip, kB": 50,
  "type-check of ten lines, instantiations": 4000,
  "type-check of ten lines, memory, MB": 110,
};

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
  const measured: typeof limits = {
    "bundle of one vendor, min+gzip, kB": await bundled(project, oneVendor),
    "bundle of all three, min+gzip, kB": await bundled(project, allVendors),
    ...(await typeChecked(project)),
  };
  const rows = Object.entries(limits).map(([what, limit]) => {
    const value = measured[what as keyof typeof limits];
    return { text: `${what}: ${Math.round(value * 10) / 10} of ${limit}`, isKept: value <= limit };
  });
  const problems = rows.filter(({ isKept }) => !isKept).map(({ text }) => `${text}. Find what grew.`);
  return {
    passed: rows.length - problems.length,
    failed: problems.length,
    problems,
    notes: rows.map(({ text }) => text),
  };
}

/** kB that a user's page loads. */
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
  return gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).byteLength / 1e3;
}

async function typeChecked({ folder }: Project) {
  const lib = ["es2023", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"];
  const compilerOptions = { strict: true, module: "nodenext", target: "es2023", lib, types: [], skipLibCheck: true };
  const config = { compilerOptions: { ...compilerOptions, noEmit: true }, files: ["main.ts"] };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "main.ts"), oneVendor);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const stdout = await run(process.execPath, [tsc, "-p", folder, "--extendedDiagnostics"]);
  const figure = (name: string) => Number(new RegExp(`^${name}: +([\\d.]+)`, "m").exec(stdout)?.[1]);
  return {
    "type-check of ten lines, instantiations": figure("Instantiations"),
    "type-check of ten lines, memory, MB": figure("Memory used") / 1e3,
  };
}

if (import.meta.main) {
  console.error("building …");
  const { failed, problems, notes = [] } = await checkBudgets(await packedProject());
  console.log([...notes, ...problems].join("\n"));
  process.exitCode = failed > 0 ? 1 : 0;
}
