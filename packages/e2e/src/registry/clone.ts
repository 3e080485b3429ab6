// A copy of this clone in a folder of its own: versioning and building there changes nothing here.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { published, root, run, scratchFolder } from "../../../../.ci/pack.ts";

/** Everything that git would see, without dependencies. */
export function copyOfClone(): string {
  const copy = scratchFolder("clone");
  const listed = execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" });
  for (const file of listed.split("\0").filter((name) => name && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  return copy;
}

export const changesetsOf = (clone: string): string[] => globSync(".changeset/*.md", { cwd: clone });

export type Changes = Record<string, "patch" | "minor">;

/** Replaces the changesets of a copy by one. */
export function writeChangeset(copy: string, changes: Changes, sentence: string): void {
  for (const file of changesetsOf(copy)) rmSync(join(copy, file));
  const names = Object.entries(changes).map(([name, bump]) => `"${name}": ${bump}\n`);
  writeFileSync(join(copy, ".changeset/one.md"), `---\n${names.join("")}---\n\n${sentence}\n`);
}

/** `changeset version`: the changesets become versions and changelogs. Right after a release there are none. */
export async function version(copy: string): Promise<void> {
  if (changesetsOf(copy).length > 0)
    await run(process.execPath, [join(root, "node_modules/@changesets/cli/bin.js"), "version"], { cwd: copy });
}

/** The dependencies of a copy: its own, because pnpm would relink those of another folder. */
export const install = (copy: string): Promise<string> =>
  run("pnpm", ["install", "--frozen-lockfile", "--prefer-offline"], { cwd: copy, env: { CI: "true" } });

export const versionsOf = (copy: string): Record<string, string> =>
  Object.fromEntries(published(copy).map(({ manifest }) => [manifest.name, manifest.version]));
