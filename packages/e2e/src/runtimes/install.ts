// The runtimes: exact versions from the npm registry, each in a folder of its own that git ignores.
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { onInterrupt, seconds, type Say } from "@vidtask/bench/progress";

export type Kind = "node" | "bun" | "deno" | "workerd";

export type Runtime = {
  /** As `--only` takes it. */
  name: string;
  kind: Kind;
  version: string;
  /** What is installed, the package with the binary first. */
  packages: { readonly [name: string]: string };
  /** How it runs a file. */
  args: readonly string[];
  /** Of workerd: the day whose behaviour it keeps. */
  compatibilityDate?: string;
};

const node = (version: string): Runtime => ({
  name: `node-${version.split(".")[0]}`,
  kind: "node",
  version,
  packages: { node: version },
  args: ["--no-warnings"],
});

const worker = (name: string, compatibilityDate: string): Runtime => ({
  name,
  kind: "workerd",
  version: "1.20261117.1",
  // This miniflare names an older workerd by itself.
  packages: { workerd: "1.20261117.1", miniflare: "4.20260730.0" },
  args: [],
  compatibilityDate,
});

export const runtimes: readonly Runtime[] = [
  node("22.23.3"),
  node("24.21.0"),
  node("26.10.0"),
  { name: "bun", kind: "bun", version: "1.4.5", packages: { bun: "1.4.5" }, args: ["run"] },
  {
    name: "deno",
    kind: "deno",
    version: "2.9.6",
    packages: { deno: "2.9.6" },
    args: [
      "run",
      "--quiet",
      "--no-config",
      "--allow-net",
      "--allow-env",
      "--allow-sys",
      "--allow-read",
      "--allow-write",
    ],
  },
  // As of late 2024 a Worker has nothing of Node, and no `cache` in a request; as of late 2026 it has both.
  worker("workerd-2024", "2024-11-01"),
  worker("workerd-2026", "2026-11-17"),
];

/** What only the processes of `processes/setups.ts` use; undici is a dependency. */
const LIBRARIES = {
  msw: "3.0.5",
  "nock-13": "npm:nock@13.5.6",
  "nock-14": "npm:nock@14.0.17",
  "node-fetch-2": "npm:node-fetch@2.7.0",
  "node-fetch-3": "npm:node-fetch@3.3.2",
};

const CACHE = join(import.meta.dirname, "../../../../node_modules/.cache/vidtask-runtimes");
const TRIES = 3;
const STILL_MS = 5_000;

type Installed = { folder: string } | { problem: string };

/** The folder it is in; a sentence when it cannot be had. */
export const install = (runtime: Runtime, say: Say): Promise<Installed> => {
  const folder = join(CACHE, `${runtime.kind}-${runtime.version}`);
  return installIn(folder, runtime.packages, () => isInstalled(folder, runtime), say);
};

export const installLibraries = (say: Say): Promise<Installed> => {
  const versions = Object.values(LIBRARIES).map((version) => version.replace(/^.*@/, ""));
  const folder = join(CACHE, `libraries-${versions.join("-")}`);
  const isThere = (name: string) => existsSync(join(folder, "node_modules", name, "package.json"));
  return installIn(folder, LIBRARIES, async () => Object.keys(LIBRARIES).every(isThere), say);
};

async function installIn(
  folder: string,
  packages: Runtime["packages"],
  isReady: () => Promise<boolean>,
  say: Say,
): Promise<Installed> {
  if (await isReady()) return { folder };
  let problem = "";
  // A large tarball sometimes breaks off.
  for (let tries = 0; tries < TRIES; tries++) {
    problem = await npmInstall(folder, packages, say);
    if (problem === "" && (await isReady())) return { folder };
  }
  return { problem: `not installed: ${problem || "it does not run"}` };
}

export const binaryOf = (folder: string, { packages }: Runtime): string =>
  join(folder, "node_modules/.bin", Object.keys(packages)[0] ?? "");

async function isInstalled(folder: string, runtime: Runtime): Promise<boolean> {
  const path = binaryOf(folder, runtime);
  return (
    existsSync(path) &&
    promisify(execFile)(path, ["--version"]).then(
      () => true,
      () => false,
    )
  );
}

/** Beside the folder first, so that one that is there is whole. @returns what is wrong, or nothing */
async function npmInstall(folder: string, packages: Runtime["packages"], say: Say): Promise<string> {
  const part = `${folder}.part-${process.pid}`;
  const names = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
  mkdirSync(part, { recursive: true });
  writeFileSync(
    join(part, "package.json"),
    JSON.stringify({ private: true, dependencies: packages, overrides: packages }),
  );
  const args = ["install", "--prefix", part, "--no-audit", "--no-fund", "--no-package-lock", "--loglevel", "error"];
  const child = spawn("npm", args, { cwd: part, stdio: ["ignore", "ignore", "pipe"] });
  const remove = () => rmSync(part, { recursive: true, force: true });
  const forget = onInterrupt(() => {
    child.kill("SIGTERM");
    remove();
  });
  const started = performance.now();
  say(`installing ${names.join(" and ")} from the npm registry …`);
  const timer = setInterval(() => say(`installing, ${seconds(started)} …`), STILL_MS);
  let text = "";
  child.stderr.on("data", (chunk) => (text += String(chunk)));
  const code = await new Promise<number | string>((resolve) => {
    child.on("error", ({ message }) => resolve(message));
    child.on("close", (ended) => resolve(ended ?? 1));
  });
  clearInterval(timer);
  forget();
  if (code === 0) {
    rmSync(folder, { recursive: true, force: true });
    renameSync(part, folder);
    return "";
  }
  remove();
  return text.trim().split("\n").at(-1) || `npm ended with ${code}`;
}
