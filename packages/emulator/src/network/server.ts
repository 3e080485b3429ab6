// The emulator as an HTTP server on 127.0.0.1.
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Exchange, Exchanges } from "../time/open-exchanges.ts";
import { breakConnection } from "./break-connection.ts";
import { GONE, type Handle } from "./reply.ts";

export interface Listening {
  url: string;
  close(): Promise<void>;
}

export async function startServer(handle: Handle, exchanges: Exchanges, port: number): Promise<Listening> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`listen: port must be an integer from 0 to 65535, not ${String(port)}; 0 takes a free one`);
  }
  const open = new WeakMap<object, Exchange>();
  const used = new WeakSet<Socket>();
  const listener = getRequestListener(
    async (request, bindings) => {
      const { incoming, outgoing } = bindings as HttpBindings;
      const reused = used.has(incoming.socket);
      used.add(incoming.socket);
      const reply = await handle(request, { reused });
      const exchange = open.get(outgoing);
      if (reply.how === "whole") {
        exchange?.answered();
        return reply.response;
      }
      if (reply.how === "silence") exchange?.release();
      if (reply.how === "gone") stopListening();
      await breakConnection(reply, outgoing, exchanges.hangUps);
      return RESPONSE_ALREADY_SENT;
    },
    {
      overrideGlobalObjects: false, // the process belongs to the test that runs in it
      errorHandler: () => new Response("Bad Request", { status: 400, headers: { "content-type": "text/plain" } }),
    },
  );
  const server = createServer((incoming, outgoing) => {
    const exchange = exchanges.open(`${incoming.method} ${incoming.url?.split("?")[0]}`);
    open.set(outgoing, exchange);
    // The answer has left entirely, which it does only as fast as the caller reads, or the connection is gone.
    outgoing.once("close", () => exchange.end());
    void listener(incoming, outgoing);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
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
    if (!closed) again = setTimeout(() => server.listen(taken, "127.0.0.1"), GONE);
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
