import { checkOptions } from "../task/check-options.ts";
import { aClock } from "../task/option-rules.ts";
import { systemClock, type Clock } from "../time/clock.ts";
import type { SlotAnswer, SlotAsk, Slots } from "./shared-slots.ts";

/** How long a place in the line outlives the time at which its holder was told to ask again, in ms. */
const TICKET_GRACE = 1_000;
/** Requests of this length may leave at once, in ms. */
const BURST = 1_000;

type Ticket = { since: number; until: number };
type Account = {
  /** Until when each holder has its slot. */
  held: Map<string, number>;
  /** Who waits, in the order of the first ask. */
  line: Map<string, Ticket>;
  /** When the budget is even again. */
  evenAt: number;
};

/**
 * Slots in memory, first come first served: for several clients of this process, and for tests.
 *
 * @param options `clock`: what times are measured with; real time when absent
 * @throws InvalidRequestError for another option, or what is no clock
 */
export function memorySlots(options?: { clock?: Clock | undefined }): Slots {
  const about = { of: "memorySlots", vendor: "", phase: "plan" } as const;
  const { clock = systemClock } = checkOptions(options, { clock: aClock }, about);
  const accounts = new Map<string, Account>();

  function accountOf(name: string, now: number): Account {
    const account = accounts.get(name) ?? { held: new Map(), line: new Map(), evenAt: -Infinity };
    accounts.set(name, account);
    for (const [holder, until] of account.held) if (until <= now) account.held.delete(holder);
    for (const [holder, { until }] of account.line) if (until <= now) account.line.delete(holder);
    return account;
  }
  function request(account: Account, requestsPerMinute: number, now: number): number {
    const gap = 60_000 / requestsPerMinute;
    const evenAt = Math.max(account.evenAt, now);
    const waitMs = evenAt - now - Math.max(0, BURST - gap);
    if (waitMs > 0) return waitMs;
    account.evenAt = evenAt + gap;
    return 0;
  }
  /** How many wait before this one; it joins the line when it is new. */
  function placeOf(account: Account, holder: string, now: number): { ahead: number; ticket: Ticket } {
    const ticket = account.line.get(holder) ?? { since: now, until: Infinity };
    account.line.set(holder, ticket);
    return { ahead: [...account.line.keys()].indexOf(holder), ticket };
  }

  return {
    async take({ account: name, holder, limit, forMs, requestsPerMinute }: SlotAsk): Promise<SlotAnswer> {
      const now = clock.elapsed();
      const account = accountOf(name, now);
      const held = account.held.get(holder);
      const { ahead, ticket } = held === undefined ? placeOf(account, holder, now) : { ahead: 0, ticket: undefined };
      const missing = ticket ? account.held.size + ahead + 1 - limit : 0;
      // Half as long again as it has waited: few questions of those that wait long, a quick answer for the others.
      let waitMs = missing > 0 && ticket ? askAgainIn((now - ticket.since) / 2, missing) : 0;
      if (waitMs === 0 && requestsPerMinute !== undefined) waitMs = request(account, requestsPerMinute, now);
      if (waitMs > 0) {
        waitMs = Math.min(Math.max(waitMs, 50), 30_000);
        if (ticket) ticket.until = now + 2 * waitMs + TICKET_GRACE;
        return { ok: false, waitMs };
      }
      account.line.delete(holder);
      account.held.set(holder, Math.max(held ?? 0, now + forMs));
      return { ok: true };
    },
    async hold({ account: name, holder, forMs }) {
      const now = clock.elapsed();
      const { held, line } = accountOf(name, now);
      line.delete(holder);
      held.set(holder, Math.max(held.get(holder) ?? 0, now + forMs));
    },
    async free(name, holder) {
      const account = accounts.get(name);
      account?.held.delete(holder);
      account?.line.delete(holder);
    },
    async pass(name, requestsPerMinute) {
      const now = clock.elapsed();
      return request(accountOf(name, now), requestsPerMinute, now);
    },
  };
}

/** At most a second for every place before it. */
const askAgainIn = (ms: number, places: number): number => Math.max(50, Math.min(ms, 1_000 * places));
