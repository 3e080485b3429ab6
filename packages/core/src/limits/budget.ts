/** Whether the money is reserved. If not, `reservedUsd` of the period is already reserved, in US dollars. */
export type Reservation = { ok: true } | { ok: false; reservedUsd: number };

/** A cap on what is spent in a period, shared by every process that uses the same store. Amounts are in US dollars. */
export interface Budget {
  /**
   * Reserves the price of a submit. Atomic: the reservations of an account in a period never exceed `limit`. If the holder
   * already has a reservation, nothing more is reserved. @throws if the store is down
   */
  reserve(account: string, holder: string, usd: number, limit: number, period: string): Promise<Reservation>;
  /** Gives the holder's reservation back, because nothing was paid. Without a reservation it does nothing. */
  release(account: string, holder: string): Promise<void>;
}

/** What amounts are summed in, so that ten times $0.1 is $1: whole millionths of a dollar. */
export const microUsd = (usd: number): number => Math.round(usd * 1e6);

/** A budget in memory: this process only, for as long as it lives. */
export function memoryBudget(): Budget {
  const held = new Map<string, { account: string; period: string; micro: number }>();
  const sums = new Map<string, number>();
  const nameOf = (...parts: string[]) => JSON.stringify(parts);
  const add = (account: string, period: string, micro: number): void => {
    const sum = nameOf(account, period);
    sums.set(sum, (sums.get(sum) ?? 0) + micro);
  };
  return {
    async reserve(account, holder, usd, limit, period) {
      if (held.has(nameOf(account, holder))) return { ok: true };
      const reserved = sums.get(nameOf(account, period)) ?? 0;
      const micro = microUsd(usd);
      if (reserved + micro > microUsd(limit)) return { ok: false, reservedUsd: reserved / 1e6 };
      held.set(nameOf(account, holder), { account, period, micro });
      add(account, period, micro);
      return { ok: true };
    },
    async release(account, holder) {
      const found = held.get(nameOf(account, holder));
      if (!found) return;
      held.delete(nameOf(account, holder));
      add(found.account, found.period, -found.micro);
    },
  };
}
