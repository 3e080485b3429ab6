// What a task cost, and what an account has left. The ledger is the judge of "pay once".

/** Money that went from or to an account. */
export interface LedgerEntry {
  /** As in a ref. */
  vendor: string;
  /** The `id` of its ref. */
  taskId: string;
  /** US dollars, always positive. */
  usd: number;
  /** Which way they went. */
  kind: "charge" | "refund";
}

/** One vendor's account. Sums are kept in whole micro-dollars, so a thousand charges of 0.10 are exactly 100. */
export interface Account {
  /** US dollars left. */
  balance(): number;
  /** Takes the price of a task; false, and nothing taken, when the balance is short. */
  charge(taskId: string, usd: number): boolean;
  /** Gives it back. */
  refund(taskId: string, usd: number): void;
  /** What was charged and not given back, since the start or `reset`. US dollars. */
  spent(): number;
  /** Sets what is left, from now on. */
  set(usd: number): void;
  reset(): void;
}

const micros = (usd: number) => Math.round(usd * 1e6);

export function createAccount(vendor: string, credits: number, ledger: LedgerEntry[]): Account {
  let left = micros(credits);
  let spent = 0;
  return {
    balance: () => left / 1e6,
    charge(taskId, usd) {
      if (left < micros(usd)) return false;
      left -= micros(usd);
      spent += micros(usd);
      ledger.push({ vendor, taskId, usd, kind: "charge" });
      return true;
    },
    refund(taskId, usd) {
      left += micros(usd);
      spent -= micros(usd);
      ledger.push({ vendor, taskId, usd, kind: "refund" });
    },
    spent: () => spent / 1e6,
    set: (usd) => void (left = micros(usd)),
    reset() {
      left = micros(credits);
      spent = 0;
    },
  };
}
