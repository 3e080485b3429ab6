import type { IncomingMessage, ServerResponse } from "node:http";
import type { Receiver } from "../callback/receiver.ts";

/**
 * A receiver as a handler of `node:http`, Express, Fastify (`reply.hijack()`) and their like. Mount it before whatever
 * parses bodies: it reads the body itself, after the token and up to its own limits.
 *
 * @throws TypeError (the handler) when the body was read before it
 */
export const toNodeHandler =
  (receiver: Receiver) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    if (request.readableDidRead || request.readableEnded)
      throw new TypeError(
        "the body of the callback was read before: mount the receiver before express.json() and other body parsers",
      );
    void answer(receiver, request, response);
  };

async function answer(receiver: Receiver, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = bodyOf(request);
  let status = 500;
  let headers: [string, string][] = [];
  let text: string | undefined;
  try {
    const answered = await receiver.fetch(toRequest(request, body));
    status = answered.status;
    headers = [...answered.headers];
  } catch (error) {
    text = (error as Error).message; // what is wrong with the options; it holds no secret
  }
  for (const [name, value] of headers) response.setHeader(name, value);
  // What is left of a body is not worth reading.
  if (!request.complete) response.setHeader("connection", "close");
  response.statusCode = status;
  response.end(text);
}

function toRequest(request: IncomingMessage, body: ReadableStream<Uint8Array>): Request {
  const url = new URL("http://localhost");
  url.pathname = (request.url ?? "").replace(/[?#].*$/s, "");
  // Any other method gets the same refusal, and `Request` does not take all of them.
  if (request.method !== "POST") return new Request(url);
  const headers = new Headers();
  for (const name of ["content-type", "content-length"] as const) {
    const value = request.headers[name];
    if (value !== undefined) headers.set(name, value);
  }
  return new Request(url, { method: "POST", headers, body, duplex: "half" } as RequestInit);
}

/**
 * The body as a stream that reads nothing before it is asked. Cancelling it only stops reading: Node's own conversion
 * would destroy the socket, and with it the answer.
 */
function bodyOf(request: IncomingMessage): ReadableStream<Uint8Array> {
  let stop = () => {};
  return new ReadableStream(
    {
      start(controller) {
        const onData = (chunk: Uint8Array) => {
          request.pause();
          controller.enqueue(chunk);
        };
        const onEnd = () => {
          stop();
          controller.close();
        };
        const onBreak = () => {
          stop();
          controller.error(new Error("the body broke off"));
        };
        stop = () => void request.pause().off("data", onData).off("end", onEnd).off("close", onBreak);
        request.pause(); // before the listener, which would begin to read
        request
          .on("data", onData)
          .on("end", onEnd)
          .on("close", onBreak)
          .on("error", () => {});
      },
      pull: () => void request.resume(),
      cancel: () => stop(),
    },
    { highWaterMark: 0 },
  );
}
