// `fetch` without a network: same arguments, same kinds of answers and errors, same reactions to an AbortSignal.
import type { Exchanges } from "../time/open-exchanges.ts";
import { closed, reset, terminated, followed } from "./node-fetch.ts";
import { initOf, isText, type Handle, type Reply, type TextAnswer } from "./reply.ts";

export function createFetch(handle: Handle, exchanges: Exchanges): typeof fetch {
  const send = async (request: Request): Promise<Response> => {
    const { signal } = request;
    signal.throwIfAborted();
    const url = new URL(request.url);
    if (url.protocol !== "http:" && url.protocol !== "https:")
      throw new TypeError(`the emulator's fetch answers http and https, not ${url.protocol}`);
    const exchange = exchanges.open(`${request.method} ${url.pathname}`);

    let fail: (cause: unknown) => void = () => {};
    const failed = new Promise<never>((_, reject) => (fail = reject));
    failed.catch(() => {});
    const onAbort = () => {
      done();
      fail(signal.reason);
    };
    const hangUp = () => {
      done();
      fail(reset());
    };
    const done = () => {
      signal.removeEventListener("abort", onAbort);
      exchanges.hangUps.delete(hangUp);
      exchange.end();
    };
    signal.addEventListener("abort", onAbort, { once: true });

    const answer = async () => {
      // As on a network, the request is not read before the caller's own code has run on: an abort until then is in time.
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      return await handle(request, { reused: false, base: url.origin, path: url.pathname + url.search });
    };
    try {
      const reply = await Promise.race([answer(), failed]);
      if (reply.how === "silence") {
        exchange.release();
        exchanges.hangUps.add(hangUp);
        return await failed;
      }
      const answered = received(reply);
      exchange.answered();
      return watched(answered, request.url, signal, done);
    } catch (error) {
      done();
      throw error;
    }
  };
  return async (input, init) => await followed(new Request(input, init), send);
}

/** What arrives of a reply: the errors are those of Node's `fetch`. */
function received(reply: Exclude<Reply, { how: "silence" }>): Response | TextAnswer {
  switch (reply.how) {
    case "whole":
      return reply.response;
    case "cut": {
      const { response, bytes, declared } = reply;
      return new Response(begun(response, bytes, declared), { status: response.status, headers: response.headers });
    }
    case "close":
      throw closed();
    default:
      throw reset();
  }
}

/** The first bytes of a body, and then an error, or, where no length was announced, an end like any other. */
function begun(response: Response, bytes: number, declared: boolean): ReadableStream<Uint8Array> {
  let left = true;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (left && bytes > 0) {
          left = false;
          controller.enqueue((await response.bytes()).subarray(0, bytes));
        } else if (declared) controller.error(terminated());
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
/** The response with a body that tells when it was read, cancelled or aborted. */
function watched(answer: Response | TextAnswer, url: string, signal: AbortSignal, done: () => void): Response {
  let body: ReadableStream<Uint8Array> | null = null;
  const reader = isText(answer) ? readerOf(answer.text) : answer.body?.getReader();
  if (reader) {
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
  } else done();
  const result = new Response(body, initOf(answer));
  Object.defineProperty(result, "url", { value: url });
  return result;
}

const encoder = new TextEncoder();

/** Of a text that is there: no stream has to be made of it. */
function readerOf(text: string): Pick<ReadableStreamDefaultReader<Uint8Array>, "read" | "cancel"> {
  let isRead = false;
  return {
    async read() {
      if (isRead) return { done: true, value: undefined };
      isRead = true;
      return { done: false, value: encoder.encode(text) };
    },
    async cancel() {},
  };
}
