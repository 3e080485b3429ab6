// The program as a process, as its users start it, and in this process, which costs a tenth; and an emulator for it.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmulator, type EmulatorOptions } from "@vidtask/emulator";
import { onTestFailed, onTestFinished, vi } from "vitest";
import { oneFile } from "../../../../.ci/one-file.ts";
import { main } from "../main.ts";
import type { OutputLine } from "../output/lines.ts";

export const PROGRAM = await oneFile(join(import.meta.dirname, "../vidtask.ts"));

export type Ended = { code: number | null; out: string; err: string; lines: OutputLine[] };

export type Started = { child: ChildProcess; out(): string; err(): string; ended: Promise<Ended> };

/** A folder of its own, gone at the end of the test. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "vidtask-cli-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true, maxRetries: 5 }));
  return made;
}

/** No key and no setting of the machine reaches the program. */
export function environment(home: string, more: Record<string, string> = {}): Record<string, string> {
  const { PATH = "", TMPDIR = tmpdir(), NODE_COMPILE_CACHE = "" } = process.env;
  return {
    PATH,
    TMPDIR,
    NODE_COMPILE_CACHE,
    HOME: home,
    VIDTASK_JOURNAL: join(home, "journal.db"),
    NODE_NO_WARNINGS: "1",
    ...more,
  };
}

/** An `input` that is `open` never comes, and never ends. */
type How = { cwd: string; env?: Record<string, string>; input?: string | typeof OPEN };
export const OPEN = Symbol("open");

/** So many characters of each stream are shown of a program whose test has failed. */
const SHOWN = 4_000;

export function start(words: readonly string[], { cwd, env = {}, input }: How): Started {
  const child = spawn(process.execPath, [PROGRAM, ...words], { cwd, env: environment(cwd, env) });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += String(chunk)));
  child.stderr.on("data", (chunk: Buffer) => (err += String(chunk)));
  child.stdin.on("error", () => {}); // it may end before it has read all
  if (input !== OPEN) child.stdin.end(input ?? "");
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code) => resolve({ code, out, err, lines: words.includes("--json") ? linesOf(out) : [] }));
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  onTestFailed(() => {
    process.stderr.write(`vidtask ${words.join(" ")}\n${out.slice(-SHOWN)}\n${err.slice(-SHOWN)}\n`);
  });
  return { child, out: () => out, err: () => err, ended };
}

/**
 * In a process of its own: what another one finds of it is on the disk. Each command that opens a journal is run so once at least: `said`
 * does not see one that leaves its process open, or writes when it has ended.
 */
export const vidtask = (words: readonly string[], how: How): Promise<Ended> => start(words, how).ended;

/** The same in this process, one at a time: into a pipe, without anything on its stdin. */
export async function said(
  words: readonly string[],
  { cwd, env }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Ended> {
  let [out, err] = ["", ""];
  const own = { cwd: process.cwd(), argv: process.argv, env: process.env };
  const outSpy = vi.spyOn(process.stdout, "write").mockImplementation((text) => Boolean((out += String(text))));
  const errSpy = vi.spyOn(process.stderr, "write").mockImplementation((text) => Boolean((err += String(text))));
  process.argv = [process.execPath, PROGRAM, ...words];
  if (cwd !== undefined) {
    process.env = environment(cwd, env);
    process.chdir(cwd);
  }
  try {
    const code = await main(words, "1.2.3");
    return {
      code,
      out,
      err,
      get lines() {
        return linesOf(out);
      },
    };
  } finally {
    outSpy.mockRestore();
    errSpy.mockRestore();
    Object.assign(process, { argv: own.argv, env: own.env });
    process.chdir(own.cwd);
  }
}

export const linesOf = (text: string): OutputLine[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as OutputLine);

/** An emulator with a folder of its own; `emulate` is the option that leads to it. */
export async function world(options: EmulatorOptions = {}) {
  const cwd = folder();
  const emulator = createEmulator({ taskMs: 200, ...options });
  const server = await emulator.listen();
  onTestFinished(() => server.close());
  const emulate = `--emulate=${server.url}`;
  const quick = [emulate, "--poll", "100ms"];
  return { cwd, emulator, server, emulate, quick };
}

/** As soon as it holds. Fails with what `show` says after a minute. */
export async function until(holds: () => boolean | Promise<boolean>, show: () => string = () => ""): Promise<void> {
  const end = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`it never held: ${show()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
