// One scope: a clock, a ledger, the logs, the faults, and per vendor a store, an account and its dialect.
import { createCallbacks, type Callbacks } from "./callbacks/callbacks.ts";
import { createFaults, type Faults } from "./faults/schedule.ts";
import { createResults } from "./files/results.ts";
import { createFiles } from "./files/uploads.ts";
import { createHandle } from "./handle/handle.ts";
import type { Handle } from "./network/reply.ts";
import type { CheckedOptions } from "./options.ts";
import { createAccount, type Account, type LedgerEntry } from "./state/ledger.ts";
import { createRandom } from "./state/random.ts";
import { createLimit } from "./state/rate-limit.ts";
import { createRequestLog, type RequestEntry } from "./state/request-log.ts";
import { createStore, type StoredTask } from "./state/tasks.ts";
import { createTokens } from "./state/tokens.ts";
import { createWireLog, type WireLog } from "./state/wire-log.ts";
import type { OwnClock } from "./time/clock.ts";
import { createClock } from "./time/create-clock.ts";
import { createExchanges, type Exchanges } from "./time/open-exchanges.ts";
import { answerCall } from "./vendors/answer-call.ts";
import type { Context } from "./vendors/context.ts";
import type { Part, Vendor } from "./vendors/vendor.ts";

export interface World {
  readonly options: CheckedOptions;
  readonly parts: readonly Part[];
  readonly clock: OwnClock;
  readonly exchanges: Exchanges;
  readonly faults: Faults;
  readonly callbacks: Callbacks;
  /** The last ones, oldest first; always the same array. */
  readonly requests: RequestEntry[];
  readonly wire: WireLog;
  readonly handle: Handle;
  /** Settled: with the refunds of what has ended. */
  ledger(): LedgerEntry[];
  reset(): void;
  /** Grows with each `reset`. */
  readonly resets: number;
}

/** By its pages, or by the option `accounts`, where they say nothing. */
const refunds = (vendor: Vendor, settings: { refundsFailed?: boolean }) => settings.refundsFailed ?? vendor.refunds;

export function createWorld(options: CheckedOptions): World {
  const { vendors, clock: mode, seed, credits, accounts, faults: rates, deliverCallback, taskMs } = options;
  const exchanges = createExchanges();
  const clock = createClock(mode, exchanges);
  const random = createRandom(seed);
  const ledger: LedgerEntry[] = [];
  const requests = createRequestLog();
  const wire = createWireLog();
  const faults = createFaults(rates, seed);
  const callbacks = createCallbacks(clock, exchanges, faults, deliverCallback);
  let resets = 0;

  const parts = vendors.map((vendor): Part => {
    const context: Context = {
      secrets: vendor.secrets,
      clock,
      random,
      taskMs,
      store: createStore(clock),
      files: createFiles(),
      account: createAccount(vendor.name, credits, ledger),
      tokens: createTokens(),
      requests: createLimit(vendor.requestsPerMinute ?? Infinity, clock),
      settings: accounts[vendor.name] ?? {},
    };
    const answer: Part["answer"] = (...asked) => answerCall(vendor, context, ...asked);
    return { name: vendor.name, vendor, context, answer };
  });

  /** Nothing runs while time passes: tasks that ended since the last look are settled now, in the order of their ends. */
  function settle(): void {
    const ended: { task: StoredTask; refund: Account["refund"] }[] = [];
    for (const { vendor, context } of parts) {
      const gone = context.store.takeEnded();
      if (gone.length > 0 && refunds(vendor, context.settings))
        for (const task of gone) ended.push({ task, refund: context.account.refund });
    }
    if (ended.length === 0) return;
    for (const { task, refund } of ended.toSorted((a, b) => a.task.endsAt - b.task.endsAt))
      if (task.failure && task.usd > 0) refund(task.id, task.usd);
  }

  const results = createResults(clock);
  const handle = createHandle({ parts, requests, wire, clock, results, faults, callbacks, settle });
  return {
    options,
    parts,
    clock,
    exchanges,
    faults,
    callbacks,
    get requests() {
      return requests.read();
    },
    wire,
    handle,
    ledger() {
      settle();
      return ledger;
    },
    reset() {
      resets++;
      faults.reset();
      callbacks.stop();
      callbacks.log.length = 0;
      for (const hangUp of exchanges.hangUps) hangUp();
      ledger.length = 0;
      requests.read().length = 0;
      wire.reset();
      for (const { vendor, context } of parts) {
        context.store.reset();
        context.files.reset();
        context.account.reset();
        context.requests.reset();
        context.tokens.reset();
        context.settings = accounts[vendor.name] ?? {};
        context.outage = undefined;
      }
    },
    get resets() {
      return resets;
    },
  };
}
