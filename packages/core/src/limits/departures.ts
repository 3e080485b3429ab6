/** When the last requests left, as far as a limit reaches back: a ring, so that noting one costs the same at any limit. */
export type Departures = {
  note(at: number): void;
  /** When the n-th last left; the last one is the first. Before there were so many, never. */
  last(n: number): number;
};

export function createDepartures(kept: number): Departures {
  const times: number[] = [];
  let next = 0;
  return {
    note(at) {
      times[next] = at;
      next = (next + 1) % kept;
    },
    last(n) {
      if (n > times.length) return -Infinity;
      return times[(next - n + kept) % kept] ?? -Infinity;
    },
  };
}
