// Puts the parts together: one clock, one ledger, one log, and per vendor a store, an account and its dialect.
import type { Clock } from "@vidtask/core";
import { Hono } from "hono";
import { readBody } from "./body.ts";
import { createClock, type EmulatorClock } from "./clock.ts";
import { createExchanges } from "./exchange.ts";
import { createFetch } from "./inprocess.ts";
import { createAccount, type LedgerEntry } from "./ledger.ts";
import { createLimit } from "./limits.ts";
import { checkOptions, findVendor, type EmulatorOptions } from "./options.ts";
import { createRandom } from "./random.ts";
import { logBody, logRequest, type RequestEntry } from "./requests.ts";
import { createResults, RESULTS } from "./results.ts";
import { startServer } from "./server.ts";
import { createStore } from "./store.ts";
import type { App, Call, Context, Vendor } from "./vendors/vendor.ts";

/** The emulator as a server. */
export interface EmulatorServer {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /**
   * Options for a vendor's factory, to talk to the emulator over HTTP.
   * @throws RangeError for a vendor that is not emulated.
   */
  for(vendor: string): { apiKey: string; baseUrl: string; clock: Clock };
  /** Stops listening and ends all connections. */
  close(): Promise<void>;
}

export interface Emulator {
  /**
   * Options to spread into a vendor's factory: `createApixo(emulator.for("apixo"))`.
   * @throws RangeError for a vendor that is not emulated.
   */
  for(vendor: string): { apiKey: string; baseUrl: string; fetch: typeof fetch; clock: Clock };
  /** Answers every request by its path, whatever its origin, and never touches the network. */
  fetch: typeof fetch;
  /**
   * Forgets tasks, ledger and requests, gives back the credits and the limits. Time goes on from where it is, and
   * no task id comes back.
   */
  reset(): void;
  /** Every charge, oldest first: the judge of "paid once". US dollars. */
  readonly ledger: LedgerEntry[];
  /** Every request, oldest first, without headers; the last 20 000. */
  readonly requests: RequestEntry[];
  /**
   * One server on 127.0.0.1 for all vendors, each at its documented path.
   * @param port 0, the default, takes a free one.
   */
  listen(port?: number): Promise<EmulatorServer>;
  readonly clock: EmulatorClock;
}

interface Part {
  name: string;
  vendor: Vendor;
  app: App;
  context: Context;
}

/** For `plant.ts`: what tests may reach behind the interface. */
export const partsOf = new WeakMap<Emulator, readonly Part[]>();

/** Reserved for documentation and tests (RFC 6761): nobody answers there but the emulator's own `fetch`. */
const ORIGIN = "https://emulator.test";

/**
 * A local emulator of the vendors: same paths, rules and answers, no money, no network.
 *
 * @throws TypeError, RangeError naming the option that is wrong.
 */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const { vendors, clock: mode, seed, credits } = checkOptions(options);
  const exchanges = createExchanges();
  const clock = createClock(mode, exchanges);
  const random = createRandom(seed);
  const ledger: LedgerEntry[] = [];
  const requests: RequestEntry[] = [];
  const results = createResults(clock);

  const parts = vendors.map((vendor): Part => {
    const app: App = new Hono<{ Bindings: Call }>().basePath(vendor.path);
    const context: Context = {
      apiKey: vendor.apiKey,
      clock,
      random,
      store: createStore(clock),
      account: createAccount(vendor.name, credits, ledger),
      requests: createLimit(vendor.requestsPerMinute, clock),
    };
    vendor.mount(app, context);
    return { name: vendor.name, vendor, app, context };
  });

  async function handle(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const result = resultOf(pathname);
    const part = parts.find(({ vendor }) => (result ? vendor.name === result.vendor : owns(vendor, pathname)));
    const entry = logRequest(requests, part?.vendor.name ?? "", request);
    const body = await readBody(request);
    logBody(entry, body);
    const response = await answer();
    entry.status = response.status;
    return response;

    async function answer(): Promise<Response> {
      if (!part || body.kind === "cut") return nobody(part ? 400 : 404);
      if (!result) return await part.app.fetch(request, { body, entry });
      if (request.method !== "GET" && request.method !== "HEAD") return nobody(405);
      return await results.answer(part.vendor, part.context.store, result.taskId, request);
    }
  }

  const inProcess = createFetch(handle, exchanges);
  const emulator: Emulator = {
    for(name) {
      const vendor = findVendor(name, vendors, "for");
      return { apiKey: vendor.apiKey, baseUrl: ORIGIN + vendor.path, fetch: inProcess, clock };
    },
    fetch: inProcess,
    reset() {
      ledger.length = 0;
      requests.length = 0;
      for (const { context } of parts) {
        context.store.reset();
        context.account.reset();
        context.requests.reset();
      }
    },
    ledger,
    requests,
    async listen(port = 0) {
      const { url, close } = await startServer(handle, exchanges, port);
      return {
        url,
        for(name) {
          const vendor = findVendor(name, vendors, "for");
          return { apiKey: vendor.apiKey, baseUrl: url + vendor.path, clock };
        },
        close,
      };
    },
    clock,
  };
  partsOf.set(emulator, parts);
  return emulator;
}

function owns(vendor: Vendor, pathname: string): boolean {
  return vendor.roots.some(
    (root) => pathname === `${vendor.path}/${root}` || pathname.startsWith(`${vendor.path}/${root}/`),
  );
}

const RESULT_PATH = new RegExp(`^${RESULTS}/([^/]+)/([^/]+)\\.mp4$`);

function resultOf(pathname: string): { vendor: string; taskId: string } | undefined {
  const [, vendor, taskId] = RESULT_PATH.exec(pathname) ?? [];
  return vendor && taskId ? { vendor, taskId } : undefined;
}

/** The emulator's own words, where no vendor has any: a path of nobody, a method for which a file has no use. */
function nobody(status: 400 | 404 | 405): Response {
  const words = { 400: "bad request", 404: "the emulator has nothing at this path", 405: "method not allowed" };
  return new Response(words[status], {
    status,
    headers: { "content-type": "text/plain", ...(status === 405 && { allow: "GET, HEAD" }) },
  });
}
