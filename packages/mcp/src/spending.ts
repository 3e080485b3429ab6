// What an agent may spend: a cap for each call, and one for each day that all servers over one journal share.
import type { Budget, BudgetOptions, Clock } from "vidtask";
import { Refusal } from "./refusal.ts";

/** One account for all vendors, so that the cap is on their sum. */
const ACCOUNT = "vidtask-mcp";
/** More than any reservation: it is refused, and the refusal says what is reserved. Nothing is kept of it. */
const TOO_MUCH = 1e6;

export type Spending = {
  readonly usdPerCall: number;
  readonly usdPerDay: number;
  /** What each client is made with. */
  readonly budget: BudgetOptions;
  /** US dollars reserved or spent today (UTC), by all servers over this store. */
  today(): Promise<number>;
  /** @throws Refusal when the price was not confirmed, or is above the cap of a call */
  check(priceUsd: number | undefined, confirmedUsd: number): number;
};

export function createSpending(
  store: Budget,
  { usdPerCall, usdPerDay }: { usdPerCall: number; usdPerDay: number },
  clock: Pick<Clock, "now">,
): Spending {
  const day = () => new Date(clock.now()).toISOString().slice(0, 10);
  const shared: Budget = {
    reserve: (_, holder, usd, limit) => store.reserve(ACCOUNT, holder, usd, limit, day()),
    release: (_, holder) => store.release(ACCOUNT, holder),
  };
  return {
    usdPerCall,
    usdPerDay,
    budget: { usd: usdPerDay, period: "day", shared },
    async today() {
      const asked = await store.reserve(ACCOUNT, `${ACCOUNT}:question`, TOO_MUCH, TOO_MUCH / 2, day());
      return asked.ok ? 0 : asked.reservedUsd;
    },
    check(priceUsd, confirmedUsd) {
      if (priceUsd === undefined)
        throw new Refusal(
          "no_price",
          "the vendor prints no price for this, so no person can confirm it",
          "Choose another offer of video_quote. A person may set a price in VIDTASK_MCP_PRICES.",
        );
      if (Math.abs(priceUsd - confirmedUsd) > 1e-6)
        throw new Refusal(
          "price_not_confirmed",
          `this costs $${priceUsd}, but $${confirmedUsd} was confirmed`,
          `Ask whoever pays. If it is agreed, submit with confirmedPriceUsd ${priceUsd}.`,
          { priceUsd },
        );
      if (priceUsd > usdPerCall)
        throw new Refusal(
          "over_budget",
          `this costs $${priceUsd}, but one call may cost at most $${usdPerCall}`,
          "Ask for a shorter or simpler video. A person may raise VIDTASK_MCP_USD_PER_CALL.",
          { priceUsd, usdPerCall },
        );
      return priceUsd;
    },
  };
}
