// The built packages as their tarballs, unpacked into a project as a user would have them.
import { spawn } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

export const root = join(import.meta.dirname, "..");

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
  manifest: Manifest;
};
/** What a check counts and says. */
export type Outcome = { passed: number; failed: number; problems: string[]; notes?: string[] };
export type Project = { folder: string; packages: readonly Packed[] };

export const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;

/** The published packages of a clone, by folder. */
export const published = (clone = root): { source: string; manifest: Manifest }[] =>
  globSync("packages/*/package.json", { cwd: clone })
    .toSorted()
    .map((file) => ({ source: dirname(file), manifest: manifestOf(join(clone, dirname(file))) }))
    .filter(({ manifest }) => !manifest.private);

const atEnd = new Set<() => void>();
process.once("exit", () => {
  for (const undo of atEnd) undo();
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));

/** A folder that is gone when the program ends, also by a signal. */
export function scratchFolder(name: string): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), `vidtask-${name}-`));
  atEnd.add(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  return folder;
}

export type RunOptions = {
  cwd?: string;
  /** Beside or instead of its own variables; `undefined` removes one. */
  env?: Record<string, string | undefined>;
  /** Shows what it prints as it prints it. */
  isShown?: boolean;
};

/** Runs a program of this clone: what it prints on stdout. Fails with all that it printed. */
export function run(file: string, args: readonly string[], { cwd = root, env, isShown }: RunOptions = {}) {
  const PATH = [join(cwd, "node_modules/.bin"), join(root, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = () => child.kill();
  atEnd.add(stop);
  let [out, all] = ["", ""];
  const take = (stream: NodeJS.WriteStream) => (chunk: Buffer) => {
    if (stream === process.stdout) out += String(chunk);
    all += String(chunk);
    if (isShown) stream.write(chunk);
  };
  child.stdout.on("data", take(process.stdout));
  child.stderr.on("data", take(process.stderr));
  return new Promise<string>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      atEnd.delete(stop);
      const what = `${[file, ...args].join(" ")} ended with ${code}`;
      if (code === 0) resolve(out);
      else reject(new Error(isShown ? what : `${what}:\n${all.trim()}`));
    });
  });
}

/** Builds, packs and unpacks the packages of this clone. */
export async function packedProject(): Promise<Project> {
  await run("turbo", ["run", "build", "--output-logs=errors-only"]);
  const filters = published().flatMap(({ manifest }) => ["--filter", manifest.name]);
  const to = ["pack", "--json", "--pack-destination", scratchFolder("pack")];
  const packed = await run("pnpm", ["--config.ignore-scripts=true", ...filters, ...to]);
  const tarballs = JSON.parse(packed) as { name: string; filename: string }[];
  return unpackedProject(tarballs.map(({ name, filename }) => ({ name, tarball: filename })));
}

/** A project that has these tarballs installed; what they depend on is linked beside them. */
export async function unpackedProject(tarballs: readonly { name: string; tarball: string }[]): Promise<Project> {
  const project = scratchFolder("packed");
  const packages = await Promise.all(
    tarballs.map(async ({ name, tarball }) => {
      const folder = join(project, "node_modules", name);
      mkdirSync(folder, { recursive: true });
      await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", folder]);
      const source = published().find(({ manifest }) => manifest.name === name)?.source ?? "";
      return { name, source, tarball, folder, manifest: manifestOf(folder) };
    }),
  );
  for (const { source, manifest } of packages)
    for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
      const path = join(project, "node_modules", dependency);
      mkdirSync(dirname(path), { recursive: true });
      try {
        symlinkSync(realpathSync(join(root, source, "node_modules", dependency)), path);
      } catch (error) {
        // Two packages depend on it, or it is one of those that were unpacked.
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
    }
  return { folder: project, packages };
}
