// A program of examples/ as a user has it: in a folder of its own, with the built packages installed from their tarballs.
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { packedProject, run } from "../../../.ci/pack.ts";

type Program = {
  /** Its folder here. */
  name: string;
  /** What of it is written anew, whatever an earlier copy left. */
  parts: readonly string[];
  /** The packages of this workspace that it uses. */
  packages: readonly string[];
  /** What only its tests use, as `name@version`. */
  extra?: readonly string[];
};

/** Copies it to the folder, and installs what its lockfile names, so that it is the same tomorrow. */
export async function installed({ name, parts, packages, extra = [] }: Program, folder: string): Promise<void> {
  const packed = await packedProject();
  const tarballs = packed.packages.filter((one) => packages.includes(one.name)).map(({ tarball }) => tarball);
  for (const part of parts) rmSync(join(folder, part), { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const filter = (path: string) => !/node_modules|\.next/.test(path);
  cpSync(join(import.meta.dirname, name), folder, { recursive: true, filter });
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund"];
  await run("npm", ["ci", ...quiet], { cwd: folder });
  await run("npm", ["install", "--no-save", "--no-package-lock", ...quiet, ...tarballs, ...extra], { cwd: folder });
}
