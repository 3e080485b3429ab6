// The processes that the suite starts and kills.
import { fork } from "node:child_process";
import { join } from "node:path";
import { onInterrupt } from "../progress.ts";
import type { VendorName } from "./vendors.ts";

export type Job = {
  vendor: VendorName;
  connection: { apiKey: string; baseUrl: string };
  file: string;
  /** Of the shared clock. */
  origin: number;
  speed: number;
  keys: readonly string[];
  /** The step at which it kills itself. */
  dieAt?: number;
  /** Resumes what is open first. */
  resume?: boolean;
  /** Waits for what it submitted. */
  wait?: boolean;
};

export type Said =
  | { ready: true }
  | { done: true }
  | { key: string; taskId: string }
  | { key: string; code: string; billed: string }
  | { key: string; open: string }
  | { key: string; odd: string };

export type Process = {
  said: Said[];
  ready: Promise<void>;
  /** Whether it came to the end of its work. */
  ended: Promise<boolean>;
  go(): void;
  kill(): void;
};

/** A process that takes longer is killed, and so is told as one that did not end. */
const LONGEST_MS = 120_000;

export function start(job: Job): Process {
  const child = fork(join(import.meta.dirname, "child.ts"), [JSON.stringify(job)], { execArgv: [] });
  const kill = () => void child.kill("SIGKILL");
  const forget = onInterrupt(kill);
  const tooLong = setTimeout(kill, LONGEST_MS);
  const said: Said[] = [];
  child.on("message", (message) => said.push(message as Said));
  const ready = new Promise<void>((resolve) => {
    child.once("message", () => resolve());
    child.once("close", () => resolve());
  });
  const ended = new Promise<boolean>((resolve) =>
    child.once("close", () => {
      clearTimeout(tooLong);
      forget();
      resolve(said.some((one) => "done" in one));
    }),
  );
  return {
    said,
    ready,
    ended,
    go: () => void (child.connected && child.send("go")),
    kill,
  };
}
