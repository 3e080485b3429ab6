import type { IncomingMessage, ServerResponse } from "node:http";
import type { Receiver } from "../callback/receiver.ts";
import { checkOptions, type Rules } from "../task/check-options.ts";
import { methods, required } from "../task/option-rules.ts";

/**
 * A receiver as a handler of `node:http`, Express, Fastify (`reply.hijack()`) and their like. It reads the body itself, after
 * the token and up to its own limits; behind a body parser it takes what that has left in `request.rawBody` or
 * `request.body`: text, bytes or a parsed value. It answers nothing when something else has answered before.
 *
 * @throws InvalidRequestError for what is no receiver
 */
export function toNodeHandler(receiver: Receiver): (request: IncomingMessage, response: ServerResponse) => void {
  checkOptions({ receiver }, RULES, { of: "toNodeHandler", vendor: "", phase: "callback" });
  return (request, response) => void answer(receiver, request, response);
}

const RECEIVER_RULE = "what createReceiver() returned";
const RULES: Rules<{ receiver: Receiver }> = { receiver: required(RECEIVER_RULE, methods(RECEIVER_RULE, ["fetch"])) };

type Answer = { status: number; headers: Headers | []; message?: string };

async function answer(receiver: Receiver, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // Without a listener a connection that breaks in the middle of the answer would end the process.
  response.on("error", () => {});
  const { status, headers, message } = await answerOf(receiver, request);
  try {
    if (response.headersSent || response.writableEnded || response.destroyed) return;
    for (const [name, value] of headers) response.setHeader(name, value);
    // What is left of a body is not worth reading.
    if (!request.complete) response.setHeader("connection", "close");
    response.statusCode = status;
    response.end(message);
  } catch {
    // Something else answers at this moment: the answer is its.
  }
}

async function answerOf(receiver: Receiver, request: IncomingMessage): Promise<Answer> {
  const isRead = request.readableDidRead || request.readableEnded;
  try {
    const body = isRead ? parsedBody(request) : undefined;
    if (isRead && body === undefined) return { status: 500, headers: [], message: READ_BEFORE };
    const { status, headers } = await receiver.fetch(toRequest(request, isRead ? null : bodyOf(request)), { body });
    return { status, headers };
  } catch (error) {
    return { status: 500, headers: [], message: (error as Error).message }; // what is wrong with the options; it holds no secret
  }
}

const READ_BEFORE =
  "the body of the callback was read before, and is neither in `request.rawBody` nor in `request.body`: mount the receiver before express.json() and other body parsers";

/** What a body parser has left. A getter that parses now may throw, for a body that is no JSON. */
function parsedBody(request: IncomingMessage & { rawBody?: unknown; body?: unknown }): unknown {
  try {
    return request.rawBody ?? request.body;
  } catch {
    return "";
  }
}

function toRequest(request: IncomingMessage, body: ReadableStream<Uint8Array> | null): Request {
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
