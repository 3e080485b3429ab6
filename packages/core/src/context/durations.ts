// How long tasks really took, per model and video length: what the polling schedule learns from. Bounded, in memory.

/** The last ends of each model and length count, so that what a vendor did last month is forgotten. */
export const ENDS_KEPT = 32;
export const KINDS_KEPT = 64;

export type Durations = {
  /** The durations seen, in ms, oldest first: the same array until another one is seen. */
  of(model: string, length: unknown): readonly number[];
  /** One more end. What is no positive, finite time is left out. */
  see(model: string, length: unknown, durationMs: number): void;
  /** Ends that were seen before all others, oldest first. */
  recall(model: string, length: unknown, durationsMs: readonly number[]): void;
};

export function createDurations(): Durations {
  const seen = new Map<string, readonly number[]>();
  /** An empty array each, for those of which none was seen: they take no place of the others. */
  const unseen = new Map<string, readonly number[]>();
  const nameOf = (model: string, length: unknown) => `${JSON.stringify(length)} ${model}`;
  const of = (model: string, length: unknown): readonly number[] => {
    const name = nameOf(model, length);
    const found = seen.get(name) ?? unseen.get(name);
    return found ?? keep(unseen, name, []);
  };
  function keep(map: Map<string, readonly number[]>, name: string, durations: readonly number[]): readonly number[] {
    map.delete(name); // the kinds that are used last stay
    map.set(name, durations);
    const [oldest] = map.keys();
    if (map.size > KINDS_KEPT && oldest !== undefined) map.delete(oldest);
    return durations;
  }
  const isGood = (ms: number) => ms > 0 && Number.isFinite(ms);
  return {
    of,
    see(model, length, durationMs) {
      if (isGood(durationMs)) keep(seen, nameOf(model, length), [...of(model, length), durationMs].slice(-ENDS_KEPT));
    },
    recall(model, length, durationsMs) {
      const good = durationsMs.filter(isGood);
      if (good.length > 0) keep(seen, nameOf(model, length), [...good, ...of(model, length)].slice(-ENDS_KEPT));
    },
  };
}
