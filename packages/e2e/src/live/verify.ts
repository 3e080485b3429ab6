// Pact's Verifier in a process of its own: it writes to the standard output by itself, and what it is not given, as the
// keys in the environment, it cannot tell.
import { fork } from "node:child_process";
import { join } from "node:path";
import { onInterrupt } from "@vidtask/bench/progress";
import { oneFile } from "../../../../.ci/one-file.ts";

/** A difference between what was answered and what the contract says, in Pact's words. */
export type Mismatch = { type: string; mismatch?: string; path?: string; key?: string; description?: string };
export type Finding = { interaction: string; mismatch: { type: string; message?: string; mismatches?: Mismatch[] } };

let program: Promise<string> | undefined;

/** Verifies a contract file; resolves with what does not hold. */
export async function verify(file: string, providerBaseUrl: string): Promise<Finding[]> {
  program ??= oneFile(join(import.meta.dirname, "verify-program.ts"), ["@pact-foundation/pact-core"]);
  const child = fork(await program, [file, providerBaseUrl], {
    env: {
      PATH: process.env["PATH"],
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
      PACT_DO_NOT_TRACK: "true",
    },
    execArgv: [],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const forget = onInterrupt(() => child.kill("SIGKILL"));
  try {
    return await new Promise((resolve, reject) => {
      child.once("message", (findings) => resolve(findings as Finding[]));
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`Pact's Verifier ended with code ${code} and without a verdict`)));
    });
  } finally {
    forget();
  }
}
