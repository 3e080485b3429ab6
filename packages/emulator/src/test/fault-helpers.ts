// What the tests of faults share: calls of APIXO's API on both transports, and what a caller meets.
import { connect } from "node:net";
import type { Emulator, EmulatorServer } from "../emulator.ts";
import { client, textToVideo, turns } from "./helpers.ts";

/** A time-out of the caller's own, where nothing else would end it: not before the request was read and dealt with. */
export function patience(kind: string, { requests }: Emulator): RequestInit {
  if (kind !== "no-answer") return {};
  const controller = new AbortController();
  void (async () => {
    while (!requests.some(({ fault }) => fault === kind)) await turns(1);
    await turns();
    controller.abort(new DOMException("too late", "TimeoutError"));
  })();
  return { signal: controller.signal };
}

/** Until it listens again. */
export async function isBack({ url }: EmulatorServer): Promise<void> {
  const knock = (resolve: (isOpen: boolean) => void) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () => (socket.destroy(), resolve(true)));
    socket.on("error", () => resolve(false));
  };
  while (!(await new Promise(knock))) await turns(1);
}

/** What a caller meets, in a few words: the same over a socket and in process. */
export async function met(sent: Promise<Response>): Promise<string> {
  const seen = (error: unknown): string => {
    const { message, name, cause } = error as Error & { cause?: Error & { code?: string; syscall?: string } };
    if (name !== "TypeError") return name;
    return [`${message} <- ${cause?.code ?? cause?.message}`, cause?.syscall].filter(Boolean).join(" ");
  };
  let response: Response;
  try {
    response = await sent;
  } catch (error) {
    return seen(error);
  }
  const text: Uint8Array[] = [];
  const decoded = () => Buffer.concat(text).toString("utf8");
  try {
    for await (const chunk of response.body ?? []) text.push(chunk as Uint8Array);
  } catch (error) {
    return `${response.status} ${decoded()} | ${seen(error)}`;
  }
  return `${response.status} ${decoded()}`.trim();
}

export const transports = ["in process", "over a socket"] as const;

export function callerOf(emulator: Emulator, server: EmulatorServer, transport: (typeof transports)[number]) {
  const {
    apiKey,
    baseUrl,
    fetch: send,
  } = transport === "in process" ? emulator.for("apixo") : { ...server.for("apixo"), fetch };
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  return {
    submit: (body: object = textToVideo, init: RequestInit = {}) =>
      send(`${baseUrl}/generateTask/kling-2-6`, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
        redirect: "manual",
        ...init,
      }),
    status: (taskId: string, init: RequestInit = {}) =>
      send(`${baseUrl}/statusTask/kling-2-6?taskId=${taskId}`, { headers, redirect: "manual", ...init }),
    get: (path: string) => send(baseUrl + path, { headers }),
    file: (url: string, headers: HeadersInit = {}, init: RequestInit = {}) =>
      send(url, { headers, redirect: "manual", ...init }),
    calls: client({ apiKey, baseUrl, fetch: send }),
  };
}
