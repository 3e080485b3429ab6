// Puts the parts together: one clock, one ledger, one log, and per vendor a store, an account and its dialect.
import type { Clock } from "@vidtask/core";
import { Hono } from "hono";
import { createCallbacks } from "./callbacks/callbacks.ts";
import type { CallbackEntry } from "./callbacks/log.ts";
import { checkFault, type FaultOptions } from "./faults/options.ts";
import { createFaults } from "./faults/schedule.ts";
import { createResults } from "./files/results.ts";
import { createFiles } from "./files/uploads.ts";
import { createHandle } from "./handle.ts";
import { createFetch } from "./network/in-process.ts";
import { startServer } from "./network/server.ts";
import { checkOptions, findVendor, type EmulatorOptions } from "./options.ts";
import { createAccount, type LedgerEntry } from "./state/ledger.ts";
import { createRandom } from "./state/random.ts";
import { createLimit } from "./state/rate-limit.ts";
import type { RequestEntry } from "./state/request-log.ts";
import { createStore } from "./state/tasks.ts";
import type { EmulatorClock } from "./time/clock.ts";
import { createClock } from "./time/create-clock.ts";
import { createExchanges } from "./time/open-exchanges.ts";
import type { Part, App, Call, Context } from "./vendors/vendor.ts";

/** The emulator as a server. */
export interface EmulatorServer {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /**
   * Options for a vendor's factory, to talk to the emulator over HTTP.
   * @throws RangeError for a vendor that is not emulated.
   */
  for(vendor: string): { apiKey: string; baseUrl: string; clock: Clock };
  /** Stops listening, ends all connections, and sends no more callbacks of the tasks that came here. */
  close(): Promise<void>;
}

/** Vendors on this machine: the same paths, rules and answers, with time and faults under control. */
export interface Emulator {
  /**
   * Options to spread into a vendor's factory: `createApixo(emulator.for("apixo"))`.
   * @throws RangeError for a vendor that is not emulated.
   */
  for(vendor: string): {
    apiKey: string;
    baseUrl: string;
    /** Answers in process. */
    fetch: typeof fetch;
    clock: Clock;
  };
  /** Answers every request by its path, whatever its origin, and never touches the network. */
  fetch: typeof fetch;
  /**
   * Breaks what comes next, in one of the ways of FAULTS.md. Several faults wait in the order in which they were asked for.
   *
   * @throws TypeError, RangeError naming the member that is wrong.
   */
  injectFault(fault: FaultOptions): void;
  /**
   * Forgets tasks, uploads, ledger, requests, callbacks, also those to come, and the faults of `injectFault`, gives back the
   * credits and the limits, and ends what was left without an answer. Time goes on from where it is, and no task id comes back; what the option `faults`
   * draws begins again.
   */
  reset(): void;
  /** Every charge and refund, oldest first: the judge of "paid once". US dollars. */
  readonly ledger: LedgerEntry[];
  /** Every request, oldest first, without headers; the last 20 000. */
  readonly requests: RequestEntry[];
  /** Every callback, oldest first; the last 20 000. */
  readonly callbacks: CallbackEntry[];
  /**
   * One server on 127.0.0.1 for all vendors, each at its documented path.
   * @param port 0, the default, takes a free one.
   */
  listen(port?: number): Promise<EmulatorServer>;
  /** The time of the emulator and of the clients that were given it. */
  readonly clock: EmulatorClock;
}

/** For `given-state.ts`: what tests may reach behind the interface. */
export const partsOf = new WeakMap<Emulator, readonly Part[]>();

/** Reserved for documentation and tests (RFC 6761): only the emulator's own `fetch` answers there. */
const ORIGIN = "https://emulator.test";

/**
 * A local emulator of the vendors: same paths, rules and answers, no money, no network.
 *
 * @throws TypeError, RangeError naming the option that is wrong.
 */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const { vendors, clock: mode, seed, credits, accounts, faults: rates, deliverCallback } = checkOptions(options);
  const exchanges = createExchanges();
  const clock = createClock(mode, exchanges);
  const random = createRandom(seed);
  const ledger: LedgerEntry[] = [];
  const requests: RequestEntry[] = [];
  const faults = createFaults(rates, seed);
  const callbacks = createCallbacks(clock, exchanges, faults, deliverCallback);

  const parts = vendors.map((vendor): Part => {
    const app: App = new Hono<{ Bindings: Call }>().basePath(vendor.path);
    const context: Context = {
      apiKey: vendor.apiKey,
      clock,
      random,
      store: createStore(clock),
      files: createFiles(),
      account: createAccount(vendor.name, credits, ledger),
      requests: createLimit(vendor.requestsPerMinute ?? Infinity, clock),
      settings: accounts[vendor.name] ?? {},
    };
    vendor.mount(app, context);
    return { name: vendor.name, vendor, app, context };
  });

  /** Nothing runs while time passes: tasks that ended since the last look are settled now, in the order of their ends. */
  function settle(): void {
    const ended = parts.flatMap(({ vendor, context }) =>
      context.store.takeEnded().map((task) => ({ task, refund: vendor.refunds ? context.account.refund : undefined })),
    );
    for (const { task, refund } of ended.toSorted((a, b) => a.task.endsAt - b.task.endsAt))
      if (task.failure && task.usd > 0) refund?.(task.id, task.usd);
  }

  const handle = createHandle({ parts, requests, results: createResults(clock), faults, callbacks, settle });
  const inProcess = createFetch(handle, exchanges);
  const emulator: Emulator = {
    for(name) {
      const vendor = findVendor(name, vendors, "for");
      return { apiKey: vendor.apiKey, baseUrl: ORIGIN + vendor.path, fetch: inProcess, clock };
    },
    fetch: inProcess,
    injectFault: (fault) => faults.add(checkFault(fault, vendors)),
    reset() {
      faults.reset();
      callbacks.stop();
      callbacks.log.length = 0;
      for (const hangUp of exchanges.hangUps) hangUp();
      ledger.length = 0;
      requests.length = 0;
      for (const { vendor, context } of parts) {
        context.store.reset();
        context.files.reset();
        context.account.reset();
        context.requests.reset();
        context.settings = accounts[vendor.name] ?? {};
        context.outage = undefined;
      }
    },
    get ledger() {
      settle();
      return ledger;
    },
    requests,
    callbacks: callbacks.log,
    async listen(port = 0) {
      const { url, close } = await startServer(handle, exchanges, port);
      return {
        url,
        for(name) {
          const vendor = findVendor(name, vendors, "for");
          return { apiKey: vendor.apiKey, baseUrl: url + vendor.path, clock };
        },
        close() {
          callbacks.stop(url);
          return close();
        },
      };
    },
    clock,
  };
  partsOf.set(emulator, parts);
  return emulator;
}
