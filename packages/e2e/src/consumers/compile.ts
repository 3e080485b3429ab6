// Small programs, compiled against the packed packages with `skipLibCheck: false`, so that the packages' own types are checked too.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { scratchFolder, type Project } from "../../../../.ci/pack.ts";
import { compilerOptions, CONSUMERS, nameOf, type Compiler, type Setting } from "./matrix.ts";

/** Writes what the programs of a setting are compiled with. @returns a tsconfig.json for each project */
export type ConfigsOf = (setting: Setting) => string[];

/**
 * Two projects: one with the packages and what they depend on, one with their optional peers, too.
 *
 * @param modules has Node's types
 */
export function projectsOf({ folder, packages }: Project, modules: string): ConfigsOf {
  const own = new Set(packages.map(({ name }) => name));
  const peers = packages
    .flatMap(({ manifest }) => Object.keys(manifest.peerDependencies ?? {}))
    .filter((name) => !own.has(name));
  const bare = scratchFolder("consumers");
  const withPeers = scratchFolder("consumers");
  for (const project of [bare, withPeers]) {
    cpSync(folder, project, { recursive: true, verbatimSymlinks: true });
    cpSync(CONSUMERS, project, { recursive: true, filter: (path) => !path.endsWith("node_modules") });
    const types = join(project, "node_modules/@types");
    rmSync(types, { recursive: true, force: true });
    mkdirSync(types);
    symlinkSync(join(modules, "@types/node"), join(types, "node"));
  }
  for (const peer of new Set(peers)) rmSync(join(bare, "node_modules", peer));

  return (setting) => {
    const configs = [write(bare, ["anywhere", setting.platform], setting)];
    // Pact and fast-check need Node's types themselves.
    if (setting.platform === "node") configs.push(write(withPeers, ["peers"], setting));
    return configs;
  };
}

function write(project: string, include: readonly string[], setting: Setting): string {
  const config = join(project, `tsconfig.${nameOf(setting).replaceAll(", ", "-")}.json`);
  writeFileSync(config, JSON.stringify({ compilerOptions: compilerOptions(setting), include }));
  return config;
}

/** @returns what the compiler found, or nothing */
export async function compile(compiler: Compiler, setting: Setting, configs: readonly string[]): Promise<string> {
  let found = "";
  for (const config of configs) found += await tsc(compiler, "--project", config);
  return found && `${compiler.name}, ${nameOf(setting)}:\n${found}`;
}

/** By one process, which reads only once what they share. Of which of them a fault is, it does not say. */
export const compileTogether = (compiler: Compiler, configs: readonly string[]): Promise<string> =>
  tsc(compiler, "--build", "--singleThreaded", ...configs);

/** The last argument is a tsconfig.json. */
function tsc({ modules, name }: Compiler, ...args: readonly string[]): Promise<string> {
  const argv = [join(modules, name, "bin/tsc"), ...args, "--pretty", "false"];
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { cwd: dirname(args.at(-1) ?? "") }, (error, stdout, stderr) =>
      resolve(error ? `${stdout}${stderr}` : ""),
    );
  });
}
