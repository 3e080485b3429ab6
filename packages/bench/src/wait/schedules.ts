// When each way of waiting asks, and what it costs: polls per task, and how long after its end it is seen.
import { nextLook, type Timing } from "../../../core/src/wait/checking.ts";
import { seeded } from "../random.ts";
import type { Case } from "./durations.ts";

export type Point = { name: string; polls: number; lagMs: number };

/** The looks at one task, as ages in ms, without end. */
type Looks = () => Iterable<number>;

const DEFAULT = { costMs: 250, gapMs: 1_000 };
const SECONDS = [0.5, 1, 2, 5, 10];

function* every(interval: () => number, first = interval()): Iterable<number> {
  for (let age = first; ; age += interval()) yield age;
}

export function others({ advised }: Case, seed: number): { name: string; looks: Looks }[] {
  const random = seeded(seed);
  const fixed = SECONDS.map((s) => ({ name: `every ${s} s`, looks: () => every(() => s * 1000) }));
  const jittered = { name: "every 6 s ± 1.5 s", looks: () => every(() => 4_500 + random.next() * 3_000) };
  if (!advised) return [...fixed, jittered];
  const { first, interval } = advised;
  const name = `as documented: ${first / 1000} s, then every ${interval / 1000} s`;
  return [...fixed, jittered, { name, looks: () => every(() => interval, first) }];
}

export function measure(name: string, looks: Looks, ends: readonly number[]): Point {
  let polls = 0;
  let lagMs = 0;
  for (const end of ends)
    for (const age of looks()) {
      polls++;
      if (age < end) continue;
      lagMs += age - end;
      break;
    }
  return { name, polls: polls / ends.length, lagMs: lagMs / ends.length };
}

/** Ours; what a look costs decides where on its frontier it is. */
export function ours({ timing, ends }: Case, costMs = DEFAULT.costMs): Point {
  const looks = laid(timing, costMs, Math.max(...ends));
  return measure(costMs === DEFAULT.costMs ? "ours" : `ours, cost ${Math.round(costMs)} ms`, () => looks, ends);
}

// The grid is the same for all tasks of a model. Looks as close as one of the others' need a finer one.
function laid(timing: Timing, costMs: number, until: number): number[] {
  const gapMs =
    costMs < DEFAULT.costMs ? Math.max(DEFAULT.gapMs * Math.sqrt(costMs / DEFAULT.costMs), 100) : DEFAULT.gapMs;
  const looks: number[] = [];
  for (let age = 0; age < until;) looks.push((age = nextLook(timing, age, { costMs, gapMs })));
  return looks;
}

const STEPS = 14;

/** Ours with as many polls as another point, or, where the number cannot be met, the next smaller. */
export function oursWithPolls(of: Case, polls: number): Point {
  let [low, high] = [Math.log(0.2), Math.log(200_000)];
  let best = ours(of, Math.exp(high));
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    const point = ours(of, Math.exp(middle));
    if (point.polls <= polls) {
      high = middle;
      best = point;
    } else low = middle;
  }
  return best;
}
