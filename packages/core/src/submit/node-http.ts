// The paid POST by `node:http`. It knows what `fetch` cannot tell: whether the request has been written. Nothing is
// written before the connection stands, and what was not written has not been sent, whatever the error says.
import type * as Buffer from "node:buffer";
import type * as Http from "node:http";
import type * as Https from "node:https";
import type { Socket } from "node:net";
import type * as Util from "node:util";
import type * as Zlib from "node:zlib";
import { MAX_BODY, toAnswer, type Answer } from "../http/answer.ts";
import { stopwatch } from "../time/clock.ts";
import { tooLong } from "../time/exchange.ts";
import { whenLate } from "../time/when-late.ts";
import type { Outgoing, Sent } from "./paid-post.ts";

export type NodeModules = {
  readonly buffer: typeof Buffer;
  readonly http: typeof Http;
  readonly https: typeof Https;
  readonly util: typeof Util;
  readonly zlib: typeof Zlib;
};

/** The variables that name proxies, as Node's agents take them. */
export type ProxyEnv = { readonly [variable: string]: string | undefined };

/** Time to connect, with the proxy and TLS, in ms. */
const CONNECT_TIMEOUT = 10_000;
/** Long enough for what gateways add; a header that is too long would cost the answer. */
const MAX_HEADERS = 256 * 1024;

/** Sends once, on a connection of its own. Never rejects. */
export function postOnce(node: NodeModules, post: Outgoing, proxyEnv: ProxyEnv | undefined): Promise<Sent> {
  const age = stopwatch();
  return new Promise((resolve) => {
    let isOver = false;
    let isWritten = false;
    let request: Http.ClientRequest | undefined;
    /** The answer with what has come of its body, once its head is here. */
    let answerNow: ((cut?: unknown) => Answer) | undefined;

    const settle = (sent: () => Sent) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(connecting);
      inTime();
      request?.destroy();
      try {
        resolve(sent());
      } catch (error) {
        resolve({ lost: error });
      }
    };
    const fail = (error: unknown) =>
      settle(() => {
        if (answerNow) return { answer: answerNow(error) };
        return isWritten ? { lost: error } : { notSent: error };
      });
    /** What throws in a listener would end the process and leave the submit waiting. */
    const safely =
      <T extends unknown[]>(listener: (...args: T) => void) =>
      (...args: T): void => {
        try {
          listener(...args);
        } catch (error) {
          fail(error);
        }
      };

    // Whatever has stopped the process or held the event loop is seen here: past its time no request is written.
    const write = safely((socket: Socket) => {
      if (isOver || isWritten || !request || request.destroyed || socket.destroyed) return;
      if (post.isLate() || age() >= post.timeoutMs) return fail(tooLate());
      isWritten = true;
      request.end(post.body);
    });
    const inTime = whenLate(post.timeoutMs, () => fail(tooLong(post.timeoutMs)));
    const connecting = setTimeout(
      safely(() => void (isWritten || fail(tooLate()))),
      CONNECT_TIMEOUT,
    );

    safely(() => {
      request = open(node, post, proxyEnv);
      request.on(
        "socket",
        safely((socket) => whenConnected(socket, write)),
      );
      request.on(
        "response",
        safely((response) => {
          const read = collect(node, response, (cut) => settle(() => ({ answer: read(cut) })));
          answerNow = read;
        }),
      );
      // We ask for no other protocol; an answer that offers one has no body.
      request.on(
        "upgrade",
        safely((response, socket) => {
          socket.destroy();
          settle(() => ({ answer: answerOf(response, "") }));
        }),
      );
      // A connection that breaks while the body comes is told here, too.
      request.on("error", fail);
      request.on("close", () => fail(new Error("the connection was closed")));
    })();
  });
}

const tooLate = () => new DOMException("not connected in time", "TimeoutError");

type Agents = { Agent: new (options: Http.AgentOptions & { proxyEnv: ProxyEnv | null }) => Http.Agent };

function open(node: NodeModules, post: Outgoing, proxyEnv: ProxyEnv | undefined): Http.ClientRequest {
  const { protocol, hostname, port, pathname, search } = new URL(post.url);
  const isTls = protocol === "https:";
  const { Agent } = (isTls ? node.https : node.http) as Agents;
  // `timeout` ends a proxy that does not answer CONNECT: its connection is not ours to close before it stands.
  const agent = new Agent({ keepAlive: false, timeout: CONNECT_TIMEOUT, proxyEnv: proxyEnv ?? null });
  const headers = { ...post.headers, "accept-encoding": "identity", "user-agent": "vidtask" };
  // All in one object: what a library has put around this (agent-base 4) may know no second one, and lose where it goes.
  return (isTls ? node.https : node.http).request({
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port,
    path: pathname + search,
    method: "POST",
    agent,
    headers,
    maxHeaderSize: MAX_HEADERS,
    ALPNProtocols: ["http/1.1"],
  } as Http.RequestOptions);
}

/** A proxy may speak TLS where the vendor does not, and the other way round: the socket says what it waits for. */
function whenConnected(socket: Socket, write: (socket: Socket) => void): void {
  const { encrypted, secureConnecting, connecting } = socket as Socket & {
    encrypted?: boolean;
    secureConnecting?: boolean;
  };
  if (encrypted ? secureConnecting : connecting)
    socket.once(encrypted ? "secureConnect" : "connect", () => write(socket));
  else write(socket); // a tunnel that stands already
}

/** Reads a body as far as it comes. `done` hears its end, or why it broke off; the function gives what there is. */
function collect(
  node: NodeModules,
  response: Http.IncomingMessage,
  done: (cut?: unknown) => void,
): (cut?: unknown) => Answer {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  response.on("data", (chunk: Uint8Array) => {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY) done(new Error(`the body is longer than ${MAX_BODY} bytes`));
  });
  response.on("end", () => done());
  response.on("error", done);
  response.on("close", () => done(new Error("the body broke off")));
  return (cut) => {
    const { text, damage } = decode(node, node.buffer.Buffer.concat(chunks), response.headers["content-encoding"]);
    return answerOf(response, text, cut ?? damage);
  };
}

// We ask for `identity`; who compresses all the same is understood, also when the end is missing. Gzip is known by its first
// bytes, with which no JSON begins: some label it wrongly, or not at all. Some leave out what a `deflate` begins with.
function decode({ zlib }: NodeModules, raw: Buffer.Buffer, encoding = ""): { text: string; damage?: unknown } {
  const { Z_SYNC_FLUSH: finishFlush, BROTLI_OPERATION_FLUSH } = zlib.constants;
  const options = { finishFlush, maxOutputLength: MAX_BODY };
  const [first = 0, second] = raw;
  try {
    const name = raw.length > 0 ? encoding.trim().toLowerCase() : "";
    const isWrapped = (first === 0x1f && second === 0x8b) || (/gzip|deflate/.test(name) && (first & 15) === 8);
    const unpacked = isWrapped
      ? zlib.unzipSync(raw, options)
      : name === "deflate"
        ? zlib.inflateRawSync(raw, options)
        : name === "br"
          ? zlib.brotliDecompressSync(raw, { ...options, finishFlush: BROTLI_OPERATION_FLUSH })
          : raw;
    return { text: textOf(unpacked) };
  } catch (damage) {
    return { text: textOf(raw), damage };
  }
}

/** As `TextDecoder` does, which some test environments lack. */
const textOf = (raw: Buffer.Buffer): string => raw.toString("utf8").replace(/^\uFEFF/, "");

function answerOf({ statusCode = 0, headers }: Http.IncomingMessage, text: string, cut?: unknown): Answer {
  const header = (name: string): string | null => {
    const value = headers[name];
    return (Array.isArray(value) ? value[0] : value) ?? null;
  };
  return toAnswer(statusCode, header, text, cut);
}
