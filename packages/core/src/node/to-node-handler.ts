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
    const parsed = await parsedBody(request);
    if (isRead && parsed === undefined) return { status: 500, headers: [], message: READ_BEFORE };
    // A parser that has left the body alone may have set an empty one.
    const body = isRead || !isEmpty(parsed) ? parsed : undefined;
    const unread = body === undefined ? bodyOf(request) : null;
    const { status, headers } = await receiver.fetch(toRequest(request, unread), { body });
    return { status, headers };
  } catch (error) {
    return { status: 500, headers: [], message: (error as Error).message }; // what is wrong with the options; it holds no secret
  }
}

const READ_BEFORE =
  "the body of the callback was read before, and is neither in `request.rawBody` nor in `request.body`: mount the receiver before express.json() and other body parsers";

/** What a body parser, or a platform, has left. A getter or a promise that parses now may fail, for a body that is no JSON. */
async function parsedBody(request: IncomingMessage & { rawBody?: unknown; body?: unknown }): Promise<unknown> {
  try {
    const raw = await request.rawBody;
    const isContent = (typeof raw === "string" || ArrayBuffer.isView(raw)) && !isEmpty(raw);
    const body = isContent ? raw : await request.body;
    return body === undefined && typeof raw === "string" ? raw : body;
  } catch {
    return "";
  }
}

const isEmpty = (value: unknown): boolean =>
  typeof value === "object" && value !== null ? Object.keys(value).length === 0 : !value;

/** A router that was told the whole path takes it away, and keeps it as Express does. */
function pathOf({ url = "", originalUrl }: IncomingMessage & { originalUrl?: unknown }): string {
  const path = url.replace(/[?#].*$/s, "");
  return path.length > 1 || typeof originalUrl !== "string" ? path : originalUrl.replace(/[?#].*$/s, "");
}

function toRequest(request: IncomingMessage, body: ReadableStream<Uint8Array> | null): Request {
  const url = new URL("http://localhost");
  url.pathname = pathOf(request);
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
        const onData = (chunk: Uint8Array | string) => {
          request.pause();
          const { readableEncoding } = request; // set by what was here before
          controller.enqueue(typeof chunk === "string" ? Buffer.from(chunk, readableEncoding ?? "utf8") : chunk);
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
