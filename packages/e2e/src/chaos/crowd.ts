// A process that does more than submit: its metrics go to a collector that is gone, and now and then its `fetch` is one
// that logs every call, to a place that answers or to one that does not.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Random } from "@vidtask/bench/random";
import { keyIn } from "@vidtask/bench/vendors";
import { recordTimeouts } from "./timeouts.ts";

const EVERY_MS = 5;

export type Crowd = {
  /** Keys whose answer came, and went no further. */
  swallowed: ReadonlySet<string>;
  /** Puts the logging `fetch` in place, or takes it away. */
  change(): void;
  /** How many metrics were lost, and calls logged. */
  told(): string;
  stop(): void;
};

export async function startCrowd(random: Random): Promise<Crowd> {
  const [logUrl, closedUrl] = await Promise.all([startLog(), closedPort()]);
  const own = globalThis.fetch;
  const swallowed = new Set<string>();
  let [lost, logged] = [0, 0];
  const post = (url: string) => own(url, { method: "POST", body: '{"count":1}' });
  const metrics = setInterval(() => void post(closedUrl).catch(() => lost++), EVERY_MS);
  const logging: typeof fetch = async (...given) => {
    logged++;
    if (random.chance(0.9)) {
      void post(random.chance(0.5) ? logUrl.url : closedUrl).catch(() => {});
      return own(...given);
    }
    // One that waits for its log, and so loses the answer with it: its error is that of the log.
    const response = await own(...given);
    const body = given[1]?.body;
    const key = typeof body === "string" ? keyIn(body) : undefined;
    if (key !== undefined) swallowed.add(key);
    await post(closedUrl);
    return response;
  };
  const replaced = recordTimeouts(logging);
  return {
    swallowed,
    change: () => void (globalThis.fetch = globalThis.fetch === own ? replaced : own),
    told: () => `${lost} metrics lost, ${logged} calls logged, ${swallowed.size} answers lost by that`,
    stop() {
      clearInterval(metrics);
      globalThis.fetch = own;
      logUrl.close();
    },
  };
}

async function startLog(): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => void request.resume().on("end", () => response.end()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function closedPort(): Promise<string> {
  const { url, close } = await startLog();
  close();
  return url;
}
