// How long tasks really took, per model and video length: what the polling schedule learns from. Bounded, in memory.

/** The last ends of each model and length count, so that what a vendor did last month is forgotten. */
const ENDS_KEPT = 32;
const KINDS_KEPT = 64;

export type Durations = {
  /** The durations seen, in ms, oldest first: the same array until another one is seen. */
  of(model: string, length: unknown): readonly number[];
  /** One more end. What is no positive, finite time is left out. */
  see(model: string, length: unknown, durationMs: number): void;
};

export function createDurations(): Durations {
  const seen = new Map<string, readonly number[]>();
  const nameOf = (model: string, length: unknown) => JSON.stringify([model, length]);
  const of = (model: string, length: unknown): readonly number[] => {
    const name = nameOf(model, length);
    const found = seen.get(name) ?? [];
    if (!seen.has(name)) keep(name, found);
    return found;
  };
  function keep(name: string, durations: readonly number[]): void {
    seen.delete(name); // the kinds that are used last stay
    seen.set(name, durations);
    const [oldest] = seen.keys();
    if (seen.size > KINDS_KEPT && oldest !== undefined) seen.delete(oldest);
  }
  return {
    of,
    see(model, length, durationMs) {
      if (!(durationMs > 0 && Number.isFinite(durationMs))) return;
      keep(nameOf(model, length), [...of(model, length), durationMs].slice(-ENDS_KEPT));
    },
  };
}
