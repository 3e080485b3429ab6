// When each way of waiting asks, and what it costs: polls per task, and how long after its end it is seen.
import { nextCheck } from "../../../core/src/poll/optimal-schedule.ts";
import type { Timing } from "../../../core/src/vendor-spec/models.ts";
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

/** Ours. What a look may cost decides how often it looks; without a cost it is what a `wait` does. */
export function ours({ timing, ends }: Case, costMs = DEFAULT.costMs): Point {
  const looks = laid(timing, Math.max(...ends), costMs);
  return measure(costMs === DEFAULT.costMs ? "ours" : `ours, cost ${Math.round(costMs)} ms`, () => looks, ends);
}

/** The grid, which is the same for all tasks of a model. Looks as close as some of the others' need a finer one. */
export function laid(timing: Timing, until: number, costMs = DEFAULT.costMs): number[] {
  const gapMs = DEFAULT.gapMs * Math.min(1, Math.max(0.25, Math.sqrt(costMs / DEFAULT.costMs)));
  const looks: number[] = [];
  for (let age = 0; age < until;) looks.push((age = nextCheck(timing, age, { costMs, gapMs })));
  return looks;
}

const NEARLY = 0.995;
const STEPS = 12;

/** Ours with as many polls as another, or, where that number cannot be met, fewer. */
export function oursWithPolls(of: Case, polls: number): Point {
  let best: Point | undefined;
  let costMs = DEFAULT.costMs;
  for (let step = 0; step < STEPS || !best; step++) {
    const point = ours(of, costMs);
    if (point.polls <= polls && point.polls > (best?.polls ?? 0)) best = point;
    if (best && best.polls > polls * NEARLY) break;
    costMs *= (point.polls / (polls * Math.sqrt(NEARLY))) ** 2; // polls go with one over the root of the cost
  }
  return best;
}

/** Evenly spaced schedules that may ask as often as ours does by default, or a little more often. */
export function rivals({ advised, ends }: Case, polls: number): Point[] {
  const widest = (name: string, first?: number): Point => {
    let [low, high] = [100, Math.max(...ends)];
    let best: Point | undefined;
    for (let step = 0; step < 2 * STEPS || !best; step++) {
      const interval = (low + high) / 2;
      const point = measure(`${name} ${(interval / 1000).toFixed(1)} s`, () => every(() => interval, first), ends);
      if (point.polls < polls) high = interval;
      else [low, best] = [interval, point];
    }
    return best;
  };
  return [widest("every"), ...(advised ? [widest(`${advised.first / 1000} s, then every`, advised.first)] : [])];
}
