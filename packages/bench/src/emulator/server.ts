// A server in a process of its own, which its parent may ask what it has used.
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onInterrupt } from "../progress.ts";

const PROGRAM = join(import.meta.dirname, "serve-program.ts");
/** Resolved from the installed packages: both sides have the same Hono and the same server. */
const LOADED = `export { createEmulator } from "@vidtask/emulator";
export { serve } from "@hono/node-server";
export { Hono } from "hono";
`;

/** Microseconds of CPU so far; bytes of the heap after a collection; requests a second in process. */
export type Asked = { readonly what: "cpu" | "heap" | "inProcess"; readonly ms?: number; readonly atOnce?: number };
export type Answers = { readonly [what in Asked["what"]]: (asked: Asked) => number | Promise<number> };
/** What it answers. */
export type Ready = { readonly url: string; readonly headers: Readonly<Record<string, string>> };

export type Server = Ready & {
  ask(asked: Asked): Promise<number>;
  close(): void;
};

/** @param packages a folder that has the built packages installed */
export async function startServer(what: "hono" | "emulator", packages: string): Promise<Server> {
  const file = join(packages, "served.mjs");
  writeFileSync(file, LOADED);
  const child = fork(PROGRAM, [what, file], { execArgv: ["--expose-gc"] });
  const kill = () => void child.kill();
  const forget = onInterrupt(kill);
  process.once("exit", kill);
  const { url, headers } = (await next(child)) as Ready;
  return {
    url,
    headers,
    async ask(asked) {
      child.send(asked);
      return ((await next(child)) as { figure: number }).figure;
    },
    close() {
      forget();
      process.off("exit", kill);
      kill();
    },
  };
}

/** What it sends next; fails when it ends instead. */
async function next(child: ChildProcess): Promise<unknown> {
  const wait = new AbortController();
  const { signal } = wait;
  const ended = once(child, "exit", { signal }).then(([code]) => {
    throw new Error(`the server ended with ${code}`);
  });
  ended.catch(() => {});
  try {
    const [message] = (await Promise.race([once(child, "message", { signal }), ended])) as unknown[];
    return message;
  } finally {
    wait.abort();
  }
}
