// How long tasks really took, per model and video length: what the polling schedule learns from. Bounded, in memory.

/** The last ends of each model and length count, so that what a vendor did last month is forgotten. */
export const ENDS_KEPT = 32;
export const KINDS_KEPT = 64;

/** How long tasks took, in ms, by their ids, oldest end first. */
export type Ends = ReadonlyMap<string, number>;

export type Durations = {
  /** The ends seen: the same map until another one is seen. */
  of(model: string, length: unknown): Ends;
  /**
   * More ends; `areEarlier`: they were seen before all others. Left out is what is no positive, finite time, and a task that
   * counts already: it was read again.
   */
  see(model: string, length: unknown, ends: Iterable<[id: string, ms: number]>, areEarlier?: boolean): void;
};

export function createDurations(): Durations {
  const seen = new Map<string, Ends>();
  /** An empty map each, for those of which none was seen: they take no place of the others. */
  const unseen = new Map<string, Ends>();
  const nameOf = (model: string, length: unknown) => `${JSON.stringify(length)} ${model}`;
  function keep(kinds: Map<string, Ends>, name: string, ends: Ends): Ends {
    kinds.delete(name); // the kinds that are used last stay
    kinds.set(name, ends);
    const [oldest] = kinds.keys();
    if (kinds.size > KINDS_KEPT && oldest !== undefined) kinds.delete(oldest);
    return ends;
  }
  const find = (name: string): Ends => seen.get(name) ?? unseen.get(name) ?? keep(unseen, name, new Map());
  return {
    of: (model, length) => find(nameOf(model, length)),
    see(model, length, ends, areEarlier) {
      const name = nameOf(model, length);
      const known = find(name);
      const news = [...ends].filter(([id, ms]) => ms > 0 && ms < Infinity && !known.has(id));
      const all = areEarlier ? [...news, ...known] : [...known, ...news];
      if (news.length > 0) keep(seen, name, new Map(all.slice(-ENDS_KEPT)));
    },
  };
}
