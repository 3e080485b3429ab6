// Thousands of logical submits over sockets, in a process of their own that does other things, too.
import { fork } from "node:child_process";
import { join } from "node:path";
import { onInterrupt, type Say } from "@vidtask/bench/progress";
import type { VendorName } from "@vidtask/bench/vendors";
import type { Report } from "./report.ts";

export type CrowdedOptions = { vendor: VendorName; keys: number; seed: number };
export type CrowdedSaid = { text: string } | { report: Report };

export async function chaosOfCrowded(options: CrowdedOptions, say: Say): Promise<Report> {
  const started = performance.now();
  const child = fork(join(import.meta.dirname, "crowded-program.ts"), [JSON.stringify(options)], { execArgv: [] });
  const forget = onInterrupt(() => void child.kill("SIGKILL"));
  let report: Report | undefined;
  child.on("message", (said: CrowdedSaid) => {
    if ("text" in said) say(said.text);
    else report = said.report;
  });
  const ended = await new Promise<string>((resolve) =>
    child.once("close", (code, signal) => resolve(String(signal ?? code))),
  );
  forget();
  const name = `${options.keys} submits, ${options.vendor}, in a crowded process`;
  const violations = [`its process ended with ${ended} and told nothing`];
  return report ?? { name, seed: options.seed, figures: {}, violations, ms: performance.now() - started };
}
