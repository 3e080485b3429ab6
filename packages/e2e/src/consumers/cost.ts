// What the type-checker pays for ten lines of a user.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, type Project } from "../../../../.ci/pack.ts";
import { buildCompiler, compilerOptions } from "./matrix.ts";

const limits = { Instantiations: 4500, "Memory used": 110_000 }; // the latter in kB

const program = `import { createApixo, VidtaskError } from "@vidtask/apixo";

const apixo = createApixo();
const request = { model: "kling-2-6", prompt: "a waterfall", duration: 5, sound: true } as const;
try {
  const done = await apixo.generate(request, { idempotencyKey: "row-17" });
  console.log(done.videos[0].url, apixo.plan(request).expected);
} catch (error) {
  if (VidtaskError.isInstance(error)) console.error(error.message, error.billed, error.ref);
}
`;

/** @returns which limit is exceeded, or nothing */
export async function tooCostly({ folder }: Project): Promise<string> {
  const config = {
    compilerOptions: { ...compilerOptions({ platform: "web", resolution: "node16", exact: true }), skipLibCheck: true },
    files: ["main.ts"],
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "main.ts"), program);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(buildCompiler.modules, buildCompiler.name, "bin/tsc");
  const printed = await run(process.execPath, [tsc, "-p", folder, "--extendedDiagnostics"]);
  return Object.entries(limits)
    .map(([what, limit]) => ({ what, limit, is: Number(new RegExp(`^${what}: +(\\d+)`, "m").exec(printed)?.[1]) }))
    .filter(({ is, limit }) => !(is <= limit))
    .map(({ what, is, limit }) => `type-checking ten lines: ${what} ${is}, above ${limit}`)
    .join("\n");
}
