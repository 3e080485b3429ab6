// The emulator as an HTTP server on 127.0.0.1.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import type { Exchange, Exchanges } from "./exchange.ts";

export interface Listening {
  url: string;
  close(): Promise<void>;
}

export async function startServer(
  handle: (request: Request) => Promise<Response>,
  exchanges: Exchanges,
  port: number,
): Promise<Listening> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`listen: port must be an integer from 0 to 65535, not ${String(port)}; 0 takes a free one`);
  }
  const open = new WeakMap<object, Exchange>();
  const listener = getRequestListener(
    async (request, bindings) => {
      const response = await handle(request);
      open.get((bindings as HttpBindings).outgoing)?.answered();
      return response;
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
  let closed: Promise<void> | undefined;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      (closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      })),
  };
}
