// Which paid requests a client gave up because its own time for them was over. Seen at the signal that it hands to
// `fetch`, so that the judge need not take the client's word for it.
import { keyIn } from "@vidtask/bench/vendors";

/** A client's `requestTimeout`, in real ms: requests without an answer end within the run. */
export const REQUEST_TIMEOUT = 5_000;
/** Between the client's timer and the call that is seen here. */
const SLACK = 100;

/** Their keys, of all clients of this process. */
export const timedOut = new Set<string>();

export const recordTimeouts =
  (send: typeof fetch): typeof fetch =>
  (input, init) => {
    const key = typeof init?.body === "string" ? keyIn(init.body) : undefined;
    const { signal } = init ?? {};
    const since = performance.now();
    if (key !== undefined)
      signal?.addEventListener("abort", () => {
        const isLate = performance.now() - since > REQUEST_TIMEOUT - SLACK;
        if (isLate && (signal.reason as Error).name === "TimeoutError") timedOut.add(key);
      });
    return send(input, init);
  };

let isRecording = false;

/** Over sockets a client must not be given a `fetch`: it would use that one's connections. */
export function recordGlobalTimeouts(): void {
  if (!isRecording) globalThis.fetch = recordTimeouts(fetch);
  isRecording = true;
}
