import { linkSignals } from "./abort.ts";
import { safeDelay } from "./clock.ts";
import { untilAborted } from "./until-aborted.ts";

/** How long a peer may be silent, and the signal that ends the exchange with it. */
export type IdleTimeout = {
  /** Aborts with the outer signal, or when the peer was silent for too long. */
  readonly signal: AbortSignal;
  /** Waits for the next sign of life, in real time: an exchange is real even when the client's clock is not. */
  during<T>(work: Promise<T>): Promise<T>;
  end(): void;
};

export function createIdleTimeout(ms: number, outer: AbortSignal): IdleTimeout {
  const { signal, abort, end } = linkSignals(outer);
  const late = () => abort(new DOMException(`nothing came for ${ms} ms`, "TimeoutError"));
  return {
    signal,
    async during(work) {
      const timer = setTimeout(late, safeDelay(ms));
      try {
        return await untilAborted(work, signal, () => signal.reason);
      } finally {
        clearTimeout(timer);
      }
    },
    end() {
      end();
      abort(new DOMException("the exchange has ended", "AbortError"));
    },
  };
}
