// `fetch` without a network: same arguments, same kinds of answers, same reactions to an AbortSignal.
import type { Exchanges } from "./exchange.ts";

export function createFetch(handle: (request: Request) => Promise<Response>, exchanges: Exchanges): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const { signal } = request;
    signal.throwIfAborted();
    const url = new URL(request.url);
    if (url.protocol !== "http:" && url.protocol !== "https:")
      throw new TypeError(`the emulator's fetch answers http and https, not ${url.protocol}`);
    const exchange = exchanges.open(`${request.method} ${url.pathname}`);

    let onAbort = () => {};
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => {
        exchange.end();
        reject(signal.reason as Error);
      };
      signal.addEventListener("abort", onAbort, { once: true });
    });
    aborted.catch(() => {});
    const done = () => {
      signal.removeEventListener("abort", onAbort);
      exchange.end();
    };

    const answer = async () => {
      // As on a network, nobody reads the request before the caller's own code has run on: an abort until then is in time.
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      return await handle(request);
    };
    try {
      const response = await Promise.race([answer(), aborted]);
      exchange.answered();
      return watched(response, request.url, signal, done);
    } catch (error) {
      done();
      throw error;
    }
  };
}

/** The response with a body that tells when it was read, cancelled or aborted. */
function watched(response: Response, url: string, signal: AbortSignal, done: () => void): Response {
  let body: ReadableStream<Uint8Array> | null = null;
  if (response.body === null) {
    done();
  } else {
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let onAbort = () => {};
    const finish = () => {
      signal.removeEventListener("abort", onAbort);
      done();
    };
    body = new ReadableStream<Uint8Array>(
      {
        start(controller) {
          onAbort = () => {
            controller.error(signal.reason);
            finish();
            reader.cancel(signal.reason).catch(() => {});
          };
          signal.addEventListener("abort", onAbort, { once: true });
        },
        async pull(controller) {
          try {
            const { done: end, value } = await reader.read();
            if (signal.aborted) return;
            if (!end) return controller.enqueue(value);
            controller.close();
          } catch (error) {
            controller.error(error);
          }
          finish();
        },
        async cancel(reason) {
          finish();
          await reader.cancel(reason);
        },
      },
      { highWaterMark: 0 }, // nothing is read ahead of the caller
    );
  }
  const { status, statusText, headers } = response;
  const result = new Response(body, { status, statusText, headers });
  Object.defineProperty(result, "url", { value: url });
  return result;
}
