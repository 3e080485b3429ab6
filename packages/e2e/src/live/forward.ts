// The way to the vendor: a server on 127.0.0.1 that the Verifier talks to. Nothing behind it has the real key, and no
// answer brings it there.
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { VALID, WAY_HEADER, WRONG } from "./checks.ts";

/** What became of a request; `problem` when there was no answer, or when it was not sent. */
export type Answered = { status: number; problem?: undefined } | { problem: string };

export type Forwarder = { url: string; answers: ReadonlyMap<number, Answered>; close(): Promise<void> };

type Target = {
  /** The vendor's base URL, and the path that base URLs have in the contract. */
  baseUrl: string;
  basePath: string;
  key: string;
  timeoutMs: number;
  /** Called before every request with its number, from 1. */
  onAsk?: (number: number) => void;
};

/**
 * What a request says in its `authorization`; nothing for one that must not leave. The real key goes into reads, and
 * whatever else there is leaves with the wrong key or not at all: so no submit ever has it.
 */
export function authorizationOf(method: string, written: string, key: string): string | undefined {
  if (WRONG.test(written)) return written;
  return method === "GET" && VALID.test(written) ? `Bearer ${key}` : undefined;
}

const MAX_BODY = 1024 * 1024;

export async function forwardTo(target: Target): Promise<Forwarder> {
  const answers = new Map<number, Answered>();
  const { url, close } = await serve(async (request, response) => {
    const way = Number(request.headers[WAY_HEADER]);
    target.onAsk?.(answers.size + 1);
    const answer = await exchange(request, target).catch((error: unknown) => ({ problem: reasonOf(error, target) }));
    answers.set(way, "problem" in answer ? answer : { status: answer.status });
    if ("problem" in answer) response.writeHead(599).end();
    else response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  return { url, answers, close };
}

async function exchange(request: IncomingMessage, { baseUrl, basePath, key, timeoutMs }: Target) {
  const { method = "", url = "", headers } = request;
  const authorization = authorizationOf(method, headers.authorization ?? "", key);
  if (authorization === undefined) return { problem: `not sent: a ${method} leaves with the wrong key only` };
  if (!url.startsWith(basePath)) return { problem: `not sent: ${url} is not under ${basePath}` };
  const { "content-type": contentType } = headers;
  const body = await text(request);
  const response = await fetch(baseUrl + url.slice(basePath.length), {
    method,
    headers: { authorization, accept: "application/json", ...(contentType && { "content-type": contentType }) },
    ...(body && { body }),
    redirect: "manual",
    signal: AbortSignal.timeout(timeoutMs),
  });
  const type = response.headers.get("content-type");
  return {
    status: response.status,
    headers: type === null ? {} : { "content-type": type },
    body: (await shortText(response)).replaceAll(key, "***"),
  };
}

async function shortText({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let read = "";
  for await (const chunk of body ?? []) {
    read += decoder.decode(chunk, { stream: true });
    if (read.length > MAX_BODY) throw new Error("the body is longer than 1 MiB");
  }
  return read;
}

function reasonOf(error: unknown, { key, timeoutMs }: Target): string {
  const { name, message, cause } = error as Error;
  if (name === "TimeoutError") return `no answer within ${timeoutMs / 1000} s`;
  const why = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : message;
  return `no answer: ${why}`.replaceAll(key, "***");
}

/** A server on a free port of 127.0.0.1. */
export async function serve(listener: RequestListener): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, close };
}
