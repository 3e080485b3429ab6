// A vendor behind a real socket on 127.0.0.1, or behind a `fetch` that never leaves the process.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Answer } from "./dialect.ts";
import { SILENCE } from "./faults.ts";
import type { Vendor } from "./vendor.ts";

const JSON_TYPE = "application/json";
const headersOf = ({ type = JSON_TYPE, headers }: Answer) => ({ "content-type": type, ...headers });

export type Served = { readonly baseUrl: string; happened(): number; close(): Promise<void> };

/** `sleep` is of the clock that the client lives by. */
export async function serve(vendor: Vendor, sleep: (ms: number) => Promise<void>): Promise<Served> {
  let happened = 0;
  const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
    happened++;
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    response.on("close", () => happened++);
    request.resume().on("end", async () => {
      const { method = "GET", headers } = request;
      const answer = await vendor.answer({ method, path: url.pathname, query: url.searchParams, headers });
      happened++;
      if (answer.manner === "silent") await sleep(SILENCE);
      if (answer.manner === "reset" || answer.manner === "silent") return void request.socket.resetAndDestroy();
      const body = Buffer.from(answer.body);
      response.writeHead(answer.status, { ...headersOf(answer), "content-length": body.length });
      const half = body.subarray(0, Math.ceil(body.length / 2));
      if (answer.manner === "cut") response.write(half, () => request.socket.destroy());
      else response.end(body);
    });
  });
  server.on("connection", () => happened++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    happened: () => happened,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** For measures that need no socket: what a client sends is answered at once. */
export function fetchOf(vendor: Vendor): typeof fetch {
  return async (input, init) => {
    const request = input instanceof Request ? input : undefined;
    const url = new URL(request?.url ?? String(input));
    const signal = init?.signal ?? request?.signal;
    signal?.throwIfAborted();
    const headers = Object.fromEntries(new Headers(init?.headers ?? request?.headers));
    const method = init?.method ?? request?.method ?? "GET";
    const answer = await vendor.answer({ method, path: url.pathname, query: url.searchParams, headers });
    signal?.throwIfAborted();
    return new Response(answer.body, { status: answer.status, headers: headersOf(answer) });
  };
}

/** A `fetch` for clients that have no base URL: their vendor's host is this one. */
export const redirected =
  ({ baseUrl, fetch: send = fetch }: { baseUrl: string; fetch?: typeof fetch }): typeof fetch =>
  (input, init) => {
    const { pathname, search } = new URL(input instanceof Request ? input.url : String(input));
    return send(baseUrl + pathname + search, init);
  };
