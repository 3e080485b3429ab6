// Ctrl-C, SIGTERM and SIGHUP: the first stops what waits, the second ends the program at once.
import { EXIT } from "./exit-codes.ts";

export type Interrupt = {
  readonly signal: AbortSignal;
  /** Gives the signals back to the system. */
  release(): void;
};

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, stop);
  return {
    signal: controller.signal,
    release() {
      for (const name of SIGNALS) process.off(name, stop);
    },
  };
}
