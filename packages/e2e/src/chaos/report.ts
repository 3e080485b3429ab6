// What a part of the suite found, and how it is told.
export type Report = {
  name: string;
  seed: number;
  /** Figures, in the order in which they are shown. */
  figures: { [name: string]: number | string };
  /** What must never be, with the key it happened to. Empty is the verdict wanted. */
  violations: string[];
  ms: number;
};

const MOST_SHOWN = 20;

export function show({ name, seed, figures, violations, ms }: Report): string {
  const head = `${violations.length === 0 ? "ok    " : "BROKEN"} ${name}, seed ${seed}, ${(ms / 1000).toFixed(1)} s`;
  const told = Object.entries(figures).map(([figure, value]) => `       ${figure}: ${value}`);
  const broken = violations.slice(0, MOST_SHOWN).map((text) => `    !! ${text}`);
  const more = violations.length > MOST_SHOWN ? [`    !! … and ${violations.length - MOST_SHOWN} more`] : [];
  return [head, ...told, ...broken, ...more].join("\n");
}

export const counted = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");

export function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
