// Which paid requests a client gave up because its own time for them was over. Seen at the signal that it hands to
// `fetch`, or at Node's requests, so that the judge need not take the client's word for it.
import { channel } from "node:diagnostics_channel";
import { ClientRequest } from "node:http";
import { keyIn } from "@vidtask/bench/vendors";

/** A client's `requestTimeout`, in real ms: requests without an answer end within the run. */
export const REQUEST_TIMEOUT = 5_000;
/** Between the client's timer and what is seen here a busy machine may hold the process for some time slices. */
const SLACK = 1_000;

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

/** Over sockets, where the paid request leaves by `node:http`: a client that is given a `fetch` would send by that. */
export function recordSocketTimeouts(): void {
  if (isRecording) return;
  isRecording = true;
  const began = new WeakMap<object, number>();
  channel("http.client.request.created").subscribe((message) => {
    began.set((message as { request: ClientRequest }).request, performance.now());
  });
  const { end } = ClientRequest.prototype;
  ClientRequest.prototype.end = function (this: ClientRequest, ...given: unknown[]) {
    const [body] = given;
    const key = typeof body === "string" ? keyIn(body) : undefined;
    let isAnswered = false;
    this.once("response", (response) => response.once("end", () => (isAnswered = true)));
    this.once("close", () => {
      const isLate = performance.now() - (began.get(this) ?? Infinity) > REQUEST_TIMEOUT - SLACK;
      if (key !== undefined && isLate && !isAnswered) timedOut.add(key);
    });
    return Reflect.apply(end, this, given) as ClientRequest;
  } as typeof end;
}
