// A user of the packages: an empty folder, an npm without a cache, and one registry in reach.
import { spawn } from "node:child_process";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, scratchFolder, type Manifest } from "../../../../.ci/pack.ts";

export type User = {
  folder: string;
  npm(...args: string[]): Promise<string>;
  /** Runs a file with Node 24. */
  node(file: string, env?: Record<string, string>): Promise<string>;
  write(file: string, code: string): void;
  /** The packages on disk, as `zod 4.6.7`. */
  packages(): string[];
  /** With `strict`, and without skipLibCheck: the packages' own types are checked too. */
  typeCheck(...files: string[]): Promise<void>;
};

export function newUser(name: string, registry: string): User {
  const home = scratchFolder("user");
  const folder = join(home, name);
  mkdirSync(folder);
  const write = (file: string, code: string) => writeFileSync(join(folder, file), code);
  write("package.json", JSON.stringify({ private: true, type: "module" }));
  // What the npm that started this told its child is not this user's. What goes elsewhere meets a proxy that is not there.
  const inherited = Object.keys(process.env).filter((variable) => /^p?npm_|_proxy$/i.test(variable));
  const env = {
    ...Object.fromEntries(inherited.map((variable) => [variable, undefined])),
    HOME: home,
    npm_config_registry: registry,
    npm_config_userconfig: join(home, ".npmrc"),
    npm_config_globalconfig: join(home, "npmrc"),
    npm_config_cache: join(home, "cache"),
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_update_notifier: "false",
    https_proxy: "http://127.0.0.1:9",
    http_proxy: "http://127.0.0.1:9",
    no_proxy: "127.0.0.1",
  };
  const node: User["node"] = (file, more = {}) =>
    run(process.execPath, [file], { cwd: folder, env: { ...env, ...more } });
  return {
    folder,
    npm: (...args) => run("npm", args, { cwd: folder, env }),
    node,
    write,
    packages: () =>
      globSync(["*/package.json", "@*/*/package.json"], { cwd: join(folder, "node_modules") })
        .map((file) => JSON.parse(readFileSync(join(folder, "node_modules", file), "utf8")) as Manifest)
        .map((manifest) => `${manifest.name} ${manifest.version}`)
        .toSorted(),
    async typeCheck(...files) {
      const lib = ["es2023", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"];
      const compilerOptions = {
        strict: true,
        module: "nodenext",
        target: "es2023",
        lib,
        types: ["node"],
        noEmit: true,
      };
      write("tsconfig.json", JSON.stringify({ compilerOptions, files }));
      await node("node_modules/typescript/bin/tsc");
    },
  };
}

/** Starts a program that goes on; resolves with the first line it prints. */
export function start(file: string, args: readonly string[], cwd: string): Promise<{ line: string; stop(): void }> {
  const child = spawn(file, args, { cwd, stdio: ["ignore", "pipe", "inherit"] });
  const stop = () => child.kill();
  process.once("exit", stop);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => reject(new Error(`${[file, ...args].join(" ")} ended with ${code}`)));
    child.stdout.once("data", (chunk) => resolve({ line: String(chunk).split("\n")[0] ?? "", stop }));
  });
}
