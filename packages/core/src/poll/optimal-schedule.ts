// When to check on something that ends at an unknown moment. Checks cost, and so does every second of not knowing: the
// two are least in sum when checks come at a rate proportional to the square root of the hazard rate (J. B. Keller,
// "Optimum checking schedules for systems subject to random failure", Management Science 21, 1974). The documented time
// of a task is a claim: a broad distribution is mixed in, the ends that were seen count beside it, and the rate has a
// floor, so that no wrong claim makes an end late. All times in ms.
import type { Timing } from "../vendor-spec/models.ts";

/**
 * The age at which to check next, for a task of this age: on a grid that is the same for every process that asks. `phase`
 * moves the grid by that share of its gaps, towards the start.
 */
export type Schedule = (ageMs: number, phase?: number) => number;

/** The gap between two checks is at most `ms`, or this share of the task's age where that is more. */
export type Floor = { readonly ms: number; readonly share: number };
/** Every end is seen within 7 s or 15 % of the duration, whatever the pages say. */
export const TIGHT: Floor = { ms: 6_950, share: 0.14 };
/** For a model whose times are known, and near the vendor's rate limit. */
export const LOOSE: Floor = { ms: 20_000, share: 0.34 };

/** What one check may cost, as lag: a quarter of a second of waiting is worth as much as one more request. */
const COST = 250;
/** Closer checks tell nothing that a person would notice. */
const GAP = 1_000;

const BINS = 64;
const LAST = 1_200_000;
/** 0, then from 4 s to 20 minutes at equal ratios. */
const EDGES: readonly number[] = [0, ...Array.from({ length: BINS }, (_, i) => 4_000 * 300 ** (i / (BINS - 1)))];
const edge = (bin: number): number => EDGES[bin] ?? LAST;

/** The documented time counts as much as this many ends. */
const PRIOR = 5;
/** The share of the broad distribution in it, and that one's spread. */
const BROAD = { share: 0.1, spread: 0.6 };

/** The schedule for a documented time and for durations that were seen. */
export function scheduleOf(
  timing: Timing,
  durations: readonly number[] = [],
  floor: Floor = TIGHT,
  costMs = COST,
): Schedule {
  const survival = survivalOf(timing, durations);
  const lateMs = edge(survival.findIndex((left) => left <= 0.1 * at(survival, 0)));
  // Of each bin, made when a task is that old. The last rate goes on past the last edge.
  const rates: number[] = [];
  const counts = [0];
  const rateOf = (index: number): number => (rates[index] ??= rateIn(Math.min(index, BINS - 1)));
  function rateIn(bin: number): number {
    const [from, to] = [edge(bin), edge(bin + 1)];
    const hazard = Math.log(at(survival, bin) / at(survival, bin + 1)) / (to - from);
    // Past the 90 % quantile a second of lag is worth less the older the task is.
    const cost = costMs * Math.max(1, (from + to) / 2 / lateMs);
    return Math.max(Math.sqrt(hazard / (2 * cost)), 1 / Math.max(floor.ms, floor.share * from));
  }
  /** The integral of the rate until an edge. */
  function countOf(bin: number): number {
    for (let last = counts.length - 1; last < bin; last++)
      counts.push(at(counts, last) + rateOf(last) * (edge(last + 1) - edge(last)));
    return at(counts, bin);
  }

  // Checks are where that integral passes whole numbers, less the phase.
  return (ageMs, phase = 0) => {
    const earliest = ageMs + GAP;
    let bin = binOf(earliest);
    const passed = countOf(bin) + (earliest - edge(bin)) * rateOf(bin);
    const target = Math.floor(passed + phase + 1e-9) + 1 - phase;
    while (bin < BINS && countOf(bin + 1) <= target) bin++;
    const next = edge(bin) + (target - countOf(bin)) / rateOf(bin);
    // Where one is left out because it came too early, the gap stays within what is promised: 7 s, or 15 % of the age.
    return Math.round(Math.min(next, ageMs + Math.max(floor.ms, 1.07 * floor.share * ageMs)));
  };
}

/** Where an age lies. */
function binOf(ms: number): number {
  let bin = 0;
  while (bin < BINS && edge(bin + 1) <= ms) bin++;
  return bin;
}

/** By what is documented: a time that several lengths share is put together anew each time. */
const priors = new Map<string, readonly number[]>();

/** The documented time, with the broad distribution in it: how much of it lies in each bin, and beyond the last edge. */
function priorOf(timing: Timing): readonly number[] {
  const name = JSON.stringify(timing);
  const known = priors.get(name);
  if (known) return known;
  const documented = distributionOf(timing);
  const broad = logLogistic("p50Ms" in timing ? timing.p50Ms : (timing.minMs + timing.maxMs) / 2, BROAD.spread);
  const until = EDGES.map((ms) => BROAD.share * broad(ms) + (1 - BROAD.share) * documented(ms));
  const prior = until.map((share, bin) => PRIOR * ((until[bin + 1] ?? 1) - share));
  priors.set(name, prior);
  return prior;
}

/** How much of a distribution lies beyond each edge. */
function survivalOf(timing: Timing, durations: readonly number[]): number[] {
  const mass = [...priorOf(timing)];
  for (const duration of durations) {
    const middle = Math.min(binOf(duration), BINS - 1);
    // Half in its own bin, a quarter in each beside it.
    for (const by of [-1, 0, 0, 1]) {
      const bin = Math.min(Math.max(middle + by, 0), BINS - 1);
      mass[bin] = at(mass, bin) + 0.25;
    }
  }
  for (let bin = BINS - 1; bin >= 0; bin--) mass[bin] = at(mass, bin) + at(mass, bin + 1);
  return mass;
}

const distributionOf = (timing: Timing): ((ms: number) => number) =>
  "p50Ms" in timing
    ? logLogistic(timing.p50Ms, Math.log(timing.p90Ms / timing.p50Ms) / Math.log(9))
    : (ms) => (ms >= timing.maxMs ? 1 : Math.max(0, (ms - timing.minMs) / (timing.maxMs - timing.minMs)));

const logLogistic =
  (median: number, spread: number) =>
  (ms: number): number =>
    1 / (1 + (ms / Math.max(median, GAP)) ** (-1 / Math.max(spread || 0, 0.01)));

const at = (list: readonly number[], index: number): number => list[index] ?? 0;
