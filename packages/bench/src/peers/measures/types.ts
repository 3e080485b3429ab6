// What a client's types cost the compiler, in a program of ten lines.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../../../.ci/pack.ts";
import { fileNameOf, type Installed } from "../install.ts";
import type { Peer } from "../peer.ts";

const TSC = join(root, "node_modules/typescript/bin/tsc");
const OPTIONS = {
  strict: true,
  noEmit: true,
  module: "nodenext",
  target: "es2023",
  skipLibCheck: true,
  types: ["node"],
  typeRoots: [join(root, "node_modules/@types")],
};

/** Tells on stderr what CPU the process has had. */
const CPU = "data:text/javascript,process.on('exit',()=>console.error(JSON.stringify(process.cpuUsage())))";

/** `ms` of CPU. */
export type Types = { readonly ms: number; readonly types: number; readonly instantiations: number };

/** Compiles once; the counts are the same each time. */
export function types(peer: Peer, { folder }: Installed): Types {
  const name = `types-${fileNameOf(peer)}`;
  writeFileSync(join(folder, `${name}.mts`), peer.program);
  const project = join(folder, `${name}.json`);
  writeFileSync(project, JSON.stringify({ compilerOptions: OPTIONS, files: [`${name}.mts`] }));
  const argv = ["--import", CPU, TSC, "-p", project, "--extendedDiagnostics"];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`${peer.name}: its program does not compile:\n${stdout}`);
  const figure = (label: string) => Number(new RegExp(`^${label}:\\s+([\\d.]+)`, "m").exec(stdout)?.[1]);
  const { user, system } = JSON.parse(stderr) as NodeJS.CpuUsage;
  return { ms: (user + system) / 1_000, types: figure("Types"), instantiations: figure("Instantiations") };
}
