// The packages as a user installs them: of this clone, and of an earlier commit to compare with.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { packedProject, root, run, scratchFolder, type Project } from "../../../.ci/pack.ts";

/** A folder that has the packages installed. */
export type Built = { readonly name: string; readonly folder: string };

/** This clone's packages, and before them those of `before`, a commit of this clone, where one is named. */
export async function builtPackages(before?: string): Promise<Built[]> {
  const now = { name: "now", folder: (await packedProject()).folder };
  return before === undefined ? [now] : [{ name: `before (${before})`, folder: await packagesAt(before) }, now];
}

async function packagesAt(commit: string): Promise<string> {
  const clone = scratchFolder("before");
  console.log(`Building ${commit} …`);
  const git = (...args: string[]) => run("git", ["-c", "advice.detachedHead=false", ...args]);
  await git("clone", "--quiet", "--shared", "--no-checkout", root, clone);
  await git("-C", clone, "checkout", "--quiet", (await git("rev-parse", commit)).trim());
  await run("pnpm", ["install", "--frozen-lockfile", "--prefer-offline"], { cwd: clone });
  const pack = (await import(pathToFileURL(join(clone, ".ci/pack.ts")).href)) as {
    packedProject: () => Promise<Project>;
  };
  return (await pack.packedProject()).folder;
}
