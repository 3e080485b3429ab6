import { checkOptions } from "../task/check-options.ts";
import { aClock } from "../task/option-rules.ts";
import { systemClock, type Clock } from "../time/clock.ts";
import { createLapsing, type Lapsing } from "./lapsing.ts";
import { createPlaces, type Places } from "./places.ts";
import type { SlotAnswer, SlotAsk, Slots } from "./shared-slots.ts";

/** How long a place in the line outlives the time at which its holder was told to ask again, in ms. */
const TICKET_GRACE = 1_000;
/** Requests of this length may leave at once, in ms. */
const BURST = 1_000;

/** `place`: in the order of the first ask. */
type Ticket = { since: number; place: number };
type Account = {
  /** Until when each holder has its slot. */
  held: Lapsing<number>;
  /** Who waits. */
  line: Lapsing<Ticket>;
  places: Places;
  /** When the budget is even again. */
  evenAt: number;
};

function createAccount(): Account {
  const account: Account = {
    held: createLapsing(),
    line: createLapsing(({ place }) => account.places.leave(place)),
    places: createPlaces(),
    evenAt: -Infinity,
  };
  return account;
}

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
    const account = accounts.get(name) ?? createAccount();
    accounts.set(name, account);
    account.held.lapse(now);
    account.line.lapse(now);
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
  /** The holder's ticket; it joins the line when it is new. */
  function ticketOf(account: Account, holder: string, now: number): Ticket {
    const known = account.line.get(holder);
    if (known) return known;
    if (account.places.given > 2 * account.line.size + 64) {
      // Most places are empty: those who wait move up.
      account.places = createPlaces();
      for (const waiting of account.line.values()) waiting.place = account.places.join();
    }
    const ticket = { since: now, place: account.places.join() };
    account.line.set(holder, Infinity, ticket);
    return ticket;
  }
  const keep = ({ held }: Account, holder: string, until: number): void => {
    const latest = Math.max(held.get(holder) ?? 0, until);
    held.set(holder, latest, latest);
  };

  return {
    async take({ account: name, holder, limit, forMs, requestsPerMinute }: SlotAsk): Promise<SlotAnswer> {
      const now = clock.elapsed();
      const account = accountOf(name, now);
      const ticket = account.held.get(holder) === undefined ? ticketOf(account, holder, now) : undefined;
      const missing = ticket ? account.held.size + account.places.ahead(ticket.place) + 1 - limit : 0;
      // Half as long again as it has waited: few questions of those that wait long, a quick answer for the others.
      let waitMs = missing > 0 && ticket ? askAgainIn((now - ticket.since) / 2, missing) : 0;
      if (waitMs === 0 && requestsPerMinute !== undefined) waitMs = request(account, requestsPerMinute, now);
      if (waitMs > 0) {
        waitMs = Math.min(Math.max(waitMs, 50), 30_000);
        if (ticket) account.line.set(holder, now + 2 * waitMs + TICKET_GRACE, ticket);
        return { ok: false, waitMs };
      }
      account.line.delete(holder);
      keep(account, holder, now + forMs);
      return { ok: true };
    },
    async hold({ account: name, holder, forMs }) {
      const now = clock.elapsed();
      const account = accountOf(name, now);
      account.line.delete(holder);
      keep(account, holder, now + forMs);
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
