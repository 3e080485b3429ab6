// The program in next/ as a user has it: in a folder of its own, with the built packages installed from their tarballs.
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { packedProject, run } from "../../../.ci/pack.ts";

const wanted = new Set(["@vidtask/core", "@vidtask/apixo", "@vidtask/ai-sdk-provider"]);

/** Copies, installs and builds it, and returns the folder. */
export async function prepareNext(folder: string): Promise<string> {
  const { packages } = await packedProject();
  const tarballs = packages.filter(({ name }) => wanted.has(name)).map(({ tarball }) => tarball);
  for (const part of ["app", "lib"]) rmSync(join(folder, part), { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const filter = (path: string) => !/node_modules|\.next/.test(path);
  cpSync(join(import.meta.dirname, "next"), folder, { recursive: true, filter });
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund"];
  await run("npm", ["ci", ...quiet], { cwd: folder });
  await run("npm", ["install", "--no-save", ...quiet, ...tarballs], { cwd: folder });
  await run("npm", ["run", "build"], { cwd: folder, env: { NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" } });
  return folder;
}
