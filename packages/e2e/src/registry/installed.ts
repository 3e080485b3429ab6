// What an install of a package lays down.
import { existsSync, globSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { manifestOf } from "../../../../.ci/pack.ts";

/** The folders of a package and of all it depends on. */
export function installedWith(folder: string, seen = new Set<string>()): string[] {
  const real = realpathSync(folder);
  if (!seen.has(real)) {
    seen.add(real);
    for (const name of Object.keys(manifestOf(real).dependencies ?? {})) installedWith(resolved(name, real), seen);
  }
  return [...seen];
}

/** As Node does: in the nearest node_modules above. */
function resolved(name: string, from: string): string {
  const path = join(from, "node_modules", name);
  if (existsSync(path)) return path;
  if (dirname(from) === from) throw new Error(`${name} is not installed. Run: npx pnpm install`);
  return resolved(name, dirname(from));
}

export const bytesIn = (folder: string): number =>
  globSync("**/*", { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
