// The built packages as their tarballs, unpacked into a project as a user would have them.
import { existsSync, globSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { root, run } from "./run.ts";
import { scratchFolder } from "./scratch.ts";

export type Manifest = {
  name: string;
  version: string;
  private?: boolean;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  exports?: Record<string, { types: string; default: string }>;
  [field: string]: unknown;
};
export type Packed = {
  name: string;
  /** Its folder here: `packages/core`. */
  source: string;
  tarball: string;
  /** Its folder in the project's node_modules. */
  folder: string;
  /** Relative to that folder. */
  files: readonly string[];
  manifest: Manifest;
};
/** What a check counts and says. */
export type Outcome = { passed: number; failed: number; problems: string[]; notes?: string[] };
export type Project = { folder: string; packages: readonly Packed[] };

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;

/** The published packages of a clone, by folder. */
export const published = (clone = root): { source: string; manifest: Manifest }[] =>
  globSync("packages/*/package.json", { cwd: clone })
    .toSorted()
    .map((file) => ({ source: dirname(file), manifest: manifestOf(join(clone, dirname(file))) }))
    .filter(({ manifest }) => !manifest.private);

/** The folders of a package and of all it depends on, as an install lays them down. */
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

/** Builds, packs and unpacks the packages of this clone. */
export async function packedProject(): Promise<Project> {
  const sources = published();
  await run("turbo", ["run", "build", "--output-logs=errors-only"], { cwd: root });
  const filters = sources.flatMap(({ manifest }) => ["--filter", manifest.name]);
  const pack = [
    "--config.ignore-scripts=true",
    ...filters,
    "pack",
    "--json",
    "--pack-destination",
    scratchFolder("pack"),
  ];
  const packed = JSON.parse(await run("pnpm", pack, { cwd: root })) as { name: string; filename: string }[];
  return unpackedProject(packed.map(({ name, filename }) => ({ name, tarball: filename })));
}

/** A project that has these tarballs installed; what they depend on is linked beside them. */
export async function unpackedProject(tarballs: readonly { name: string; tarball: string }[]): Promise<Project> {
  const folder = scratchFolder("packed");
  const sources = new Map(published().map(({ source, manifest }) => [manifest.name, source]));
  const packages = await Promise.all(
    tarballs.map(({ name, tarball }) => unpack(name, sources.get(name) ?? "", tarball, folder)),
  );
  for (const { source, manifest } of packages)
    for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }))
      link(join(root, source, "node_modules", dependency), join(folder, "node_modules", dependency));
  return { folder, packages };
}

async function unpack(name: string, source: string, tarball: string, project: string): Promise<Packed> {
  const folder = join(project, "node_modules", name);
  mkdirSync(folder, { recursive: true });
  await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", folder], { cwd: project });
  const files = globSync("**/*", { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
  return { name, source, tarball, folder, files, manifest: manifestOf(folder) };
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  try {
    symlinkSync(realpathSync(target), path);
  } catch (error) {
    // Two packages depend on it, or it is one of those that were unpacked.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST")
      throw new Error(`${basename(path)} cannot be linked`, { cause: error });
  }
}
