// A process of kills.ts and pairs.ts: how it is started, told to begin, and killed.
import { fork } from "node:child_process";
import { join } from "node:path";
import { onInterrupt } from "@vidtask/bench/progress";
import type { VendorName } from "@vidtask/bench/vendors";
import { oneFile } from "../../../../.ci/one-file.ts";

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
  /** Resumes what is open first, for so many ms of the clock. */
  resume?: number;
  /** Waits for what it submitted, for so many ms each. */
  wait?: number;
};

export type Said =
  | { ready: true }
  | { done: true }
  | { key: string; taskId: string }
  | { key: string; code: string; billed: string }
  | { key: string; open: string }
  | { key: string; waited: string }
  | { key: string; gaveUp: true }
  | { key: string; odd: string };

/** `done`: it came to the end of its work. `broken`: it ended by itself before. `hung`: it had to be ended. */
export type ProcessEnd = "done" | "killed" | "broken" | "hung";

export type Submitter = {
  said: Said[];
  ready: Promise<void>;
  ended: Promise<ProcessEnd>;
  go(): void;
  kill(): void;
};

const LONGEST_MS = 120_000;

let program: Promise<string> | undefined;

export async function startSubmitter(job: Job): Promise<Submitter> {
  program ??= oneFile(join(import.meta.dirname, "submitter-program.ts"));
  const child = fork(await program, [JSON.stringify(job)], { execArgv: [] });
  const kill = () => void child.kill("SIGKILL");
  const forget = onInterrupt(kill);
  let isHung = false;
  const tooLong = setTimeout(() => {
    isHung = true;
    kill();
  }, LONGEST_MS);
  const said: Said[] = [];
  child.on("message", (message) => said.push(message as Said));
  const ready = new Promise<void>((resolve) => {
    child.once("message", () => resolve());
    child.once("close", () => resolve());
  });
  const ended = new Promise<ProcessEnd>((resolve) =>
    child.once("close", (_code, signal) => {
      clearTimeout(tooLong);
      forget();
      if (isHung) resolve("hung");
      else if (signal === "SIGKILL") resolve("killed");
      else resolve(said.some((one) => "done" in one) ? "done" : "broken");
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
