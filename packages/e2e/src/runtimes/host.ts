// Runs the bundle on a runtime: a process of its own for each run, or a Worker in miniflare.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { onInterrupt } from "@vidtask/bench/progress";
import type { Bundles } from "./bundle.ts";
import { binaryOf, type Runtime } from "./install.ts";
import { RESULT, type About } from "./run-program.ts";

export type Host = {
  /** Where a Worker is reached from outside. */
  url?: string;
  /** What the program returns, or why it does not; `say` gets its lines. */
  run<T>(about: About, say?: (line: string) => void): Promise<T | string>;
  close(): Promise<void>;
};

const LONGEST_MS = 180_000;

export async function openHost(runtime: Runtime, folder: string, bundles: Bundles): Promise<Host> {
  return runtime.kind === "workerd" ? openWorker(runtime, folder, bundles) : openProcess(runtime, folder, bundles);
}

function openProcess(runtime: Runtime, folder: string, bundles: Bundles): Host {
  return {
    run(about, say) {
      const args = [...runtime.args, bundles.process, JSON.stringify(about)];
      const child = spawn(binaryOf(folder, runtime), args, {
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, NO_COLOR: "1" },
      });
      const kill = () => void child.kill("SIGKILL");
      const forget = onInterrupt(kill);
      const tooLong = setTimeout(kill, LONGEST_MS);
      let errors = "";
      child.stderr.on("data", (chunk) => (errors += String(chunk)));
      const ended = new Promise<string>((resolve) => {
        child.on("error", ({ message }) => resolve(message));
        child.on("close", (code, signal) => {
          clearTimeout(tooLong);
          forget();
          resolve(`ended with ${signal ?? code}: ${errors.trim().slice(-400)}`);
        });
      });
      return resultOf(child.stdout, ended, say);
    },
    close: async () => {},
  };
}

/** The part of miniflare that is used here. */
type Miniflare = {
  ready: Promise<URL>;
  dispatchFetch(url: string, init: object): Promise<{ body: ReadableStream<Uint8Array> | null }>;
  dispose(): Promise<void>;
};
type MiniflareModule = { Miniflare: new (options: object) => Miniflare; NoOpLog: new () => object };

async function openWorker({ compatibilityDate }: Runtime, folder: string, bundles: Bundles): Promise<Host> {
  const path = join(folder, "node_modules/miniflare/dist/src/index.js");
  const { Miniflare, NoOpLog } = (await import(pathToFileURL(path).href)) as MiniflareModule;
  const miniflare = new Miniflare({
    modules: [{ type: "ESModule", path: "worker.js", contents: readFileSync(bundles.worker, "utf8") }],
    compatibilityDate,
    cf: false, // else it asks a public host where it is
    host: "127.0.0.1",
    port: 0,
    log: new NoOpLog(),
  });
  const url = String(await miniflare.ready);
  return {
    url,
    async run(about, say) {
      const body = JSON.stringify(about);
      const timeout = new Promise<string>((resolve) => setTimeout(resolve, LONGEST_MS, "took too long").unref());
      const answer = await miniflare.dispatchFetch(`${url}run`, { method: "POST", body });
      const lines = Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]);
      return resultOf(lines, timeout, say);
    },
    close: () => miniflare.dispose(),
  };
}

/** The result is the line behind a mark; every other one is for the person who watches. */
async function resultOf<T>(stream: Readable, otherwise: Promise<string>, say = (_: string) => {}): Promise<T | string> {
  let result: T | undefined;
  const lines = createInterface({ input: stream });
  lines.on("line", (line) => {
    if (line.startsWith(RESULT)) result = JSON.parse(line.slice(RESULT.length)) as T;
    else say(line);
  });
  const closed = new Promise((resolve) => lines.once("close", () => resolve("ended without a result")));
  const reason = await Promise.race([closed.then(() => (result === undefined ? otherwise : "")), otherwise]);
  return result ?? reason;
}
