// An example, not published: what the mocks of these vendors share. A server on 127.0.0.1, and a clock without waiting.
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "@vidtask/core";

/** Answers a request; nothing: the connection breaks, and the answer is lost. */
export type Handler = (request: Request) => Promise<Response | undefined> | Response | undefined;

/** The handler on a free port of this machine. */
export async function listen(handler: Handler): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((incoming, outgoing) => {
    void toRequest(incoming)
      .then(handler)
      .then(async (response) => {
        if (!response) return void outgoing.destroy();
        outgoing.writeHead(response.status, Object.fromEntries(response.headers));
        outgoing.end(Buffer.from(await response.arrayBuffer()));
      })
      .catch((error: unknown) => outgoing.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function toRequest(incoming: IncomingMessage): Promise<Request> {
  const { method = "GET", url, headers } = incoming;
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const pairs = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
  const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {};
  return new Request(`http://${headers.host}${url}`, { method, headers: pairs, ...body });
}

/** Time that passes only in sleeps, and then at once. */
export function quickClock(): Clock & { pass(ms: number): void } {
  let elapsed = 0;
  return {
    now: () => Date.UTC(2026, 0, 1) + elapsed,
    elapsed: () => elapsed,
    pass: (ms) => void (elapsed += ms),
    async sleep(ms, signal) {
      await new Promise(setImmediate); // others get on
      signal?.throwIfAborted();
      elapsed += ms;
    },
  };
}
