// Ctrl-C, SIGTERM and SIGHUP: the first stops what waits, the second ends the program at once.
import { EXIT } from "./exit-codes.ts";

export type Interrupt = {
  readonly signal: AbortSignal;
  /** Gives the signals back to the system. */
  release(): void;
};

/**
 * What the work gives, or an AbortError at the interrupt: for free work that takes no signal, which goes on for nothing until the
 * program ends.
 */
export async function orStop<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

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
