// The emulator as an HTTP server on 127.0.0.1.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Exchange, Exchanges } from "../time/open-exchanges.ts";
import { whenThere } from "./at-once.ts";
import { breakConnection } from "./break-connection.ts";
import { isOwnName } from "./hosts.ts";
import { GONE, isText, type Handle, type TextAnswer } from "./reply.ts";

export interface Listening {
  url: string;
  close(): Promise<void>;
}

/** Who answers a request: a scope in the vendors' words, or the emulator itself, for which no time waits. */
export type Route =
  | { handle: Handle; exchanges: Exchanges; path: string; prefix: string }
  | { own: (request: Request, base: string) => Response | Promise<Response>; path: string; prefix: string };

const OPENED = Symbol("opened");
/** A request that has a route. */
interface Opened extends IncomingMessage {
  [OPENED]: { route: Route; base: string; exchange: Exchange | undefined };
}

/**
 * So many connections may wait to be accepted. With Node's 511 a thousand submits at once overflow the queue, and Linux may
 * cut one off after its request was sent: to a client, a paid request without an answer.
 */
const WHERE = { host: "127.0.0.1", backlog: 4_096 };

/** @param routeOf decides by path and headers, and may take a prefix off the path. */
export async function startServer(routeOf: (incoming: IncomingMessage) => Route, port: number): Promise<Listening> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`listen: port must be an integer from 0 to 65535, not ${String(port)}; 0 takes a free one`);
  }
  const used = new WeakSet<Socket>();
  const listener = getRequestListener(
    (request, bindings) => {
      const { incoming, outgoing } = bindings as HttpBindings;
      const reused = used.has(incoming.socket);
      if (!reused) used.add(incoming.socket);
      const { route, base, exchange } = (incoming as Opened)[OPENED];
      if ("own" in route) return route.own(request, base);
      return whenThere(
        route.handle(request, { reused, base, path: route.path, rawHeaders: incoming.rawHeaders }),
        (reply) => {
          if (reply.how === "whole") {
            exchange?.answered();
            if (!isText(reply.response)) return reply.response;
            sendText(reply.response, outgoing as ServerResponse);
            return RESPONSE_ALREADY_SENT;
          }
          if (reply.how === "silence") exchange?.release();
          if (reply.how === "gone") stopListening();
          return breakConnection(reply, outgoing, route.exchanges.hangUps).then(() => RESPONSE_ALREADY_SENT);
        },
      );
    },
    {
      overrideGlobalObjects: false, // the process belongs to the test that runs in it
      errorHandler: () => new Response("Bad Request", { status: 400, headers: { "content-type": "text/plain" } }),
    },
  );
  const server = createServer((incoming, outgoing) => {
    const { host } = incoming.headers;
    // A name that a stranger had point to this machine would make his page one of this origin.
    if (host !== undefined && !isOwnName(host)) {
      outgoing.writeHead(403, { "content-type": "text/plain", connection: "close" });
      outgoing.end(`the emulator answers at 127.0.0.1 and localhost, not at ${host}\n`);
      return;
    }
    incoming.headers.host ??= `127.0.0.1:${taken}`; // HTTP/1.0 needs none
    const route = routeOf(incoming);
    incoming.url = route.path;
    const exchange = "exchanges" in route ? route.exchanges.open(`${incoming.method} ${route.path}`) : undefined;
    (incoming as Opened)[OPENED] = { route, base: `http://${incoming.headers.host}${route.prefix}`, exchange };
    // The answer has left entirely, which it does only as fast as the caller reads, or the connection is gone.
    if (exchange) outgoing.on("close", () => exchange.end());
    void listener(incoming, outgoing);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, ...WHERE }, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;

  let again: ReturnType<typeof setTimeout> | undefined;
  /** Connecting is refused, for a while. */
  function stopListening(): void {
    if (!server.listening) return;
    server.close();
    listenAgain();
  }
  function listenAgain(): void {
    if (!closed) again = setTimeout(() => server.listen({ port: taken, ...WHERE }), GONE);
  }
  server.on("error", listenAgain); // another process may have the port for a moment
  let closed: Promise<void> | undefined;
  return {
    url: `http://127.0.0.1:${taken}`,
    close: () =>
      (closed ??= new Promise((resolve) => {
        clearTimeout(again);
        server.close(() => resolve());
        server.closeAllConnections();
      })),
  };
}

/** Without a stream. */
function sendText({ status, headers, text }: TextAnswer, outgoing: ServerResponse): void {
  outgoing.writeHead(status, [...headers, "content-length", `${Buffer.byteLength(text)}`]);
  outgoing.end(text);
}
