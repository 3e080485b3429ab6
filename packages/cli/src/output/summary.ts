// What many tasks come to.
import type { SummaryLine } from "./lines.ts";

export type Cost = {
  state: string;
  /** It was paid for, or may have been. */
  isPaid: boolean;
  /** The planned price in US dollars, where there is one. */
  priceUsd: number | undefined;
};

export function summaryOf(all: readonly Cost[]): SummaryLine {
  const states: { [state: string]: number } = {};
  for (const { state } of all) states[state] = (states[state] ?? 0) + 1;
  const paid = all.filter(({ isPaid }) => isPaid);
  return {
    type: "summary",
    states,
    priceUsd: paid.reduce((sum, { priceUsd = 0 }) => sum + Math.round(priceUsd * 1e6), 0) / 1e6,
    unpriced: paid.filter(({ priceUsd }) => priceUsd === undefined).length,
  };
}
