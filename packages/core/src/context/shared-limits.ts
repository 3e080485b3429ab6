// The limits and the budget of a client as its calls use them, wherever they are counted. A store that fails refuses
// submits and lets polls go on.
import { memoryBudget, type Reservation } from "../limits/budget.ts";
import type { Limits } from "../limits/limiter.ts";
import type { SlotAnswer, Slots } from "../limits/shared-slots.ts";
import { safeCause, type Redact } from "../redact.ts";
import { emitter, type OnEvent } from "../task/events.ts";
import { answerWithin } from "../time/abort.ts";
import { isoTime, type Clock } from "../time/clock.ts";
import type { BudgetOptions } from "./options.ts";

/** Time for one answer of a store, in ms of real time. */
const STORE_TIMEOUT = 5_000;
/** Longer than any POST and what is done before it: a slot whose process died before a task was known is free then. */
const POSTING = 180_000;

export type SharedLimits = {
  /** A slot and one request for this key, or when to ask again. @throws when the store fails */
  take(key: string): Promise<SlotAnswer>;
  /** Lengthens the key's slot to what a POST takes from now on. A store that fails changes nothing. */
  renew(key: string): Promise<void>;
  /** The key's task was accepted. Whether its slot is held; an alarm where it is not, unless `isQuiet`. */
  hold(key: string, how?: { isQuiet?: boolean }): Promise<boolean>;
  /** The budget's word on what a submit of this key costs; nothing where there is no budget. @throws when the store fails */
  reserve(key: string, usd: number): Promise<Reservation | undefined>;
  /** The key has no task, or it has ended. What was not paid goes back to the budget. */
  end(key: string, isPaid: boolean): Promise<void>;
  /** One request for a poll: 0, or how long to wait before asking again, in ms. */
  request(): Promise<number>;
  /** Waits until a poll may leave; at the latest at `latest` of `clock.elapsed()`. */
  pass(signal?: AbortSignal, latest?: number): Promise<void>;
};

type Parts = {
  clock: Clock;
  limits: Limits;
  maxTaskMs: number;
  budget: BudgetOptions | undefined;
  account: () => string;
  redact: Redact;
  onEvent: OnEvent | undefined;
};

export function shareLimits(parts: Parts): SharedLimits {
  const { clock, limits, maxTaskMs, budget, account, redact } = parts;
  const money = budget && (budget.shared ?? memoryBudget());
  const { shared: slots } = limits;
  const limit = finite(limits.concurrentTasks);
  const requestsPerMinute = finite(limits.requestsPerMinute);

  /** What a store answers when it need not answer. */
  async function ask<T>(work: Promise<T> | undefined, otherwise: T, why?: string): Promise<T> {
    if (!work) return otherwise;
    try {
      return await inTime(work);
    } catch (error) {
      if (why === undefined) return otherwise;
      const message = `${why}: ${safeCause(error, redact).message}`;
      emitter(parts.onEvent)({ type: "alarm", alarm: "limits_failed", message });
      return otherwise;
    }
  }
  const called = <T>(work: (() => Promise<T>) | undefined): Promise<T> | undefined =>
    work && Promise.resolve().then(work);
  const takeFrom = async (slots: Slots, holder: string): Promise<SlotAnswer> => {
    if (limit !== undefined)
      return slots.take({ account: account(), holder, limit, forMs: POSTING, requestsPerMinute });
    const waitMs = requestsPerMinute === undefined ? 0 : await slots.pass(account(), requestsPerMinute);
    return { ok: Number.isFinite(waitMs) && waitMs <= 0, waitMs };
  };

  const request = async (): Promise<number> => {
    if (!slots || requestsPerMinute === undefined) return 0;
    const asking = called(() => slots.pass(account(), requestsPerMinute));
    return ask(asking, 0, "a poll left by this client's own limits alone");
  };

  return {
    take: async (key) => (slots ? told(await inTime(takeFrom(slots, key))) : { ok: true }),
    async renew(holder) {
      if (!slots || limit === undefined) return;
      await ask(
        called(() => slots.hold({ account: account(), holder, limit, forMs: POSTING })),
        undefined,
      );
    },
    async hold(holder, { isQuiet = false } = {}) {
      if (!slots || limit === undefined) return true;
      const holding = called(() => slots.hold({ account: account(), holder, limit, forMs: maxTaskMs }));
      const why = `the slot of key ${holder} is held for ${POSTING / 60_000} minutes only, unless a later try succeeds`;
      return ask(
        holding?.then(() => true),
        false,
        isQuiet ? undefined : why,
      );
    },
    async reserve(key, usd) {
      if (!budget || !money) return undefined;
      const period = periodOf(budget, clock.now());
      return told(await inTime(money.reserve(account(), key, usd, budget.usd, period)));
    },
    async end(key, isPaid) {
      const freeing = called(slots && limit !== undefined ? () => slots.free(account(), key) : undefined);
      const releasing = called(money && !isPaid ? () => money.release(account(), key) : undefined);
      await ask(freeing, undefined, `the slot of key ${key} is not free before its time`);
      await ask(releasing, undefined, `the budget counts key ${key}, which was not paid for`);
    },
    request,
    async pass(signal, latest = Infinity) {
      for (;;) {
        const waitMs = await request();
        const leftMs = latest - clock.elapsed();
        if (!(waitMs > 0) || leftMs <= 0) return;
        await clock.sleep(Math.min(waitMs, leftMs), signal);
      }
    },
  };
}

const inTime = <T>(work: Promise<T>): Promise<T> => answerWithin(STORE_TIMEOUT, work);

/** What a store does not say is no yes. */
function told<T extends { ok: boolean }>(answer: T): T {
  if (typeof (answer as T | undefined)?.ok === "boolean") return answer;
  throw new Error("its answer has no `ok`");
}

const finite = (limit: number | undefined): number | undefined =>
  limit !== undefined && Number.isFinite(limit) ? Math.max(1, Math.floor(limit)) : undefined;

/** The limits of a client: those it was given; where it was given no number, the ones its vendor documents. */
export function limitsOf(given: Limits | undefined, documented: Limits | undefined): Limits {
  const hasNumber = given?.concurrentTasks !== undefined || given?.requestsPerMinute !== undefined;
  return hasNumber ? given : { ...documented, ...given };
}

/** The name of the period that this moment is in: a day or a month of UTC, or the one that was given. */
export const periodOf = ({ period = "day" }: Pick<BudgetOptions, "period">, now: number): string =>
  period === "day" ? isoTime(now).slice(0, 10) : period === "month" ? isoTime(now).slice(0, 7) : period;
