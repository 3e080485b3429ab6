// The program in a pseudo-terminal: what a person sees, and types.
import { spawn } from "@lydell/node-pty";
import { onTestFinished } from "vitest";
import { environment, PROGRAM } from "./program.ts";

export type Terminal = {
  /** All that was written, escape sequences included. */
  raw(): string;
  /** The same without them. */
  text(): string;
  press(keys: string): void;
  pid: number;
  /** The exit code. */
  ended: Promise<number>;
};

export const CTRL_C = "\u0003";

export function terminal(
  words: readonly string[],
  { cwd, env = {}, columns = 100 }: { cwd: string; env?: Record<string, string>; columns?: number },
): Terminal {
  const pty = spawn(process.execPath, [PROGRAM, ...words], {
    cols: columns,
    rows: 30,
    cwd,
    env: { TERM: "xterm-256color", ...environment(cwd, env) },
  });
  let seen = "";
  pty.onData((text) => (seen += text));
  let isOver = false;
  const ended = new Promise<number>((resolve) => {
    pty.onExit(({ exitCode }) => {
      isOver = true;
      resolve(exitCode);
    });
  });
  onTestFinished(() => {
    if (!isOver) pty.kill("SIGKILL");
  });
  return {
    raw: () => seen,
    text: () => plain(seen),
    press: (keys) => pty.write(keys),
    pid: pty.pid,
    ended,
  };
}

const plain = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- escape sequences begin with one
  text.replace(/\u001b\[[0-9;?]*[A-Za-z]|\u001b\][^\u0007]*\u0007/g, "").replaceAll("\r", "");
