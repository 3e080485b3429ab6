// Runtimes from the npm registry, kept in a folder outside of the repository.
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { onInterrupt, type Say } from "../progress.ts";

export type Runtime = {
  name: string;
  isNode: boolean;
  /** In its package. */
  package: string;
  binary: string;
  args: readonly string[];
};

export const runtimes: readonly Runtime[] = [
  ...[22, 24, 26].map((major) => ({
    name: `node-${major}`,
    isNode: true,
    package: `node@${major}`,
    binary: "node",
    args: ["--no-warnings"],
  })),
  { name: "bun", isNode: false, package: "bun@latest", binary: "bun", args: ["run"] },
  {
    name: "deno",
    isNode: false,
    package: "deno@latest",
    binary: "deno",
    args: ["run", "--quiet", "--allow-net", "--allow-env", "--no-config"],
  },
];

const CACHE = join(tmpdir(), "vidtask-runtimes");
const TRIES = 2;

/** The path of its binary and its version; a sentence when it cannot be had. */
export async function install(runtime: Runtime, say: Say): Promise<{ path: string; version: string } | string> {
  const folder = join(CACHE, `with-${runtime.name}`);
  const path = join(folder, "node_modules", ".bin", runtime.binary);
  mkdirSync(folder, { recursive: true });
  // Without one npm would look for a package in the folders above.
  writeFileSync(join(folder, "package.json"), `{ "private": true }\n`);
  let problem = "";
  for (let tries = 0; tries < TRIES; tries++) {
    if (!existsSync(path)) {
      say(`installing ${runtime.package} into ${folder} …`);
      problem = await npmInstall(folder, runtime.package); // a large tarball sometimes breaks off
    }
    const version = await versionOf(path);
    if (version !== undefined) return { path, version };
  }
  return `not installed: ${problem || "its binary does not run"}`;
}

function npmInstall(folder: string, name: string): Promise<string> {
  const args = ["install", "--prefix", folder, "--no-audit", "--no-fund", "--loglevel", "error", name];
  const child = spawn("npm", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  const forget = onInterrupt(() => child.kill("SIGTERM"));
  let text = "";
  child.stderr.on("data", (chunk) => (text += String(chunk)));
  return new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code) => {
      forget();
      resolve(code === 0 ? "" : (text.trim().split("\n").at(-1) ?? `npm ended with ${code}`));
    });
  });
}

async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(path, ["--version"], { timeout: 20_000 });
    return /\d+\.\d+\.\d+/.exec(stdout)?.[0];
  } catch {
    return undefined;
  }
}
