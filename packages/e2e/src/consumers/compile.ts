// Small programs, compiled against the packed packages with `skipLibCheck: false`, so that the packages' own types are checked too.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scratchFolder, type Project } from "../../../../.ci/pack.ts";
import { compilerOptions, CONSUMERS, nameOf, type Compiler, type Setting } from "./matrix.ts";

/** Compiles the programs of a setting. @returns what the compiler found, or nothing */
export type Compile = (compiler: Compiler, setting: Setting) => Promise<string>;

/** Two projects: one with the packages and what they depend on, one with their optional peers, too. */
export function projectsOf({ folder, packages }: Project): Compile {
  const own = new Set(packages.map(({ name }) => name));
  const peers = packages
    .flatMap(({ manifest }) => Object.keys(manifest.peerDependencies ?? {}))
    .filter((name) => !own.has(name));
  const bare = scratchFolder("consumers");
  const withPeers = scratchFolder("consumers");
  for (const project of [bare, withPeers]) {
    cpSync(folder, project, { recursive: true, verbatimSymlinks: true });
    cpSync(CONSUMERS, project, { recursive: true, filter: (path) => !path.endsWith("node_modules") });
  }
  for (const peer of new Set(peers)) rmSync(join(bare, "node_modules", peer));

  return async (compiler, setting) => {
    const found = [await compile(bare, ["anywhere", setting.platform], compiler, setting)];
    // Pact and fast-check need Node's types themselves.
    if (setting.platform === "node") found.push(await compile(withPeers, ["peers"], compiler, setting));
    return found.join("");
  };
}

async function compile(project: string, programs: readonly string[], compiler: Compiler, setting: Setting) {
  const types = join(project, "node_modules/@types");
  rmSync(types, { recursive: true, force: true });
  mkdirSync(types);
  symlinkSync(join(compiler.modules, "@types/node"), join(types, "node"));
  writeFileSync(
    join(project, "tsconfig.json"),
    JSON.stringify({ compilerOptions: compilerOptions(setting), include: programs }),
  );
  const tsc = join(compiler.modules, compiler.name, "bin/tsc");
  return new Promise<string>((resolve) => {
    execFile(process.execPath, [tsc, "--pretty", "false"], { cwd: project }, (error, stdout, stderr) =>
      resolve(error ? `${compiler.name}, ${nameOf(setting)}:\n${stdout}${stderr}` : ""),
    );
  });
}
