// Runs programs of this clone, with its Node, pnpm and turbo.
import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { atEnd } from "./scratch.ts";

export const root = join(import.meta.dirname, "../..");

export type RunOptions = {
  cwd: string;
  /** Beside or instead of its own variables; `undefined` removes one. */
  env?: Record<string, string | undefined>;
  /** Shows what it prints as it prints it. */
  isShown?: boolean;
};

/** What it prints on stdout. Fails with all that it printed. */
export function run(file: string, args: readonly string[], { cwd, env, isShown }: RunOptions): Promise<string> {
  const child = spawn(file, args, {
    cwd,
    env: {
      ...process.env,
      TURBO_TELEMETRY_DISABLED: "1",
      PATH: [join(cwd, "node_modules/.bin"), join(root, "node_modules/.bin"), process.env["PATH"]].join(delimiter),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const forget = atEnd(() => child.kill());
  let out = "";
  let all = "";
  child.stdout.on("data", (chunk) => {
    out += String(chunk);
    all += String(chunk);
    if (isShown) process.stdout.write(chunk);
  });
  child.stderr.on("data", (chunk) => {
    all += String(chunk);
    if (isShown) process.stderr.write(chunk);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      forget();
      if (code === 0) resolve(out);
      else
        reject(new Error(`${[file, ...args].join(" ")} ended with ${code ?? signal}:\n${isShown ? "" : all.trim()}`));
    });
  });
}

/** Starts a program that goes on; resolves with the first line it prints. */
export function start(
  file: string,
  args: readonly string[],
  { cwd }: RunOptions,
): Promise<{ line: string; stop(): void }> {
  const child = spawn(file, args, { cwd, stdio: ["ignore", "pipe", "inherit"] });
  const forget = atEnd(() => child.kill());
  const stop = () => {
    forget();
    child.kill();
  };
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => reject(new Error(`${[file, ...args].join(" ")} ended with ${code}`)));
    child.stdout.once("data", (chunk) => resolve({ line: String(chunk).split("\n")[0] ?? "", stop }));
  });
}
