// When to look at something that ends at an unknown moment. A look costs, and so does every second of not knowing: their
// sum is least when looks come at a rate proportional to the square root of the hazard rate (J. B. Keller,
// "Optimum checking schedules for systems subject to random failure", Management Science 21, 1974). All times in ms.
import type { Timing } from "../vendor-spec/models.ts";

/**
 * `costMs`: what one look may cost, as lag: a quarter of a second of waiting is worth as much as one more request.
 * `gapMs`: closer looks than this tell nothing that a person would notice.
 */
export type Tuning = { costMs: number; gapMs: number };
const TUNING: Tuning = { costMs: 250, gapMs: 1_000 };
/** Past a documented maximum nothing is known: looks thin out from the first to the second of these. */
const OVERDUE_MS = { first: 2_000, last: 15_000 };
/** Past this many times the 90 % quantile looks are as thin as they get. */
const LATE = 10;
/** The 90 % quantile of the standard normal distribution. */
const Z90 = 1.281_551_6;

/** The age at which to look next at a task of this age, on a grid that is the same for every process that asks. */
export const nextCheck = (timing: Timing, ageMs: number, tuning: Tuning = TUNING): number =>
  Math.round("p50Ms" in timing ? checkInTail(timing, ageMs, tuning) : checkInRange(timing, ageMs, tuning));

// Ends evenly within a range: the hazard is 1 / (max - t), and the optimal gaps shrink linearly towards the maximum.
function checkInRange(
  { minMs, maxMs }: { minMs: number; maxMs: number },
  ageMs: number,
  { costMs, gapMs }: Tuning,
): number {
  const range = maxMs - minMs;
  if (ageMs >= maxMs) return overdue(ageMs, maxMs);
  const looks = Math.max(1, Math.ceil(Math.sqrt((2 * range) / costMs)));
  const earliest = Math.max(ageMs + gapMs, minMs);
  // The k-th look is at max - range · (1 - k / looks)².
  const done = looks * (1 - Math.sqrt((maxMs - earliest) / range));
  const next = Math.max(1, Math.ceil(done - 1e-9));
  const age = maxMs - range * (1 - next / looks) ** 2;
  return maxMs - age >= gapMs ? age : maxMs; // NaN, past the last look, too
}

// Ends with a long tail: a log-normal distribution through both quantiles. Looks are where the integral of the rate
// passes a whole number.
function checkInTail(
  { p50Ms, p90Ms }: { p50Ms: number; p90Ms: number },
  ageMs: number,
  { costMs, gapMs }: Tuning,
): number {
  const spread = Math.log(p90Ms / p50Ms) / Z90;
  const rate = (t: number) => Math.sqrt(hazard(t, p50Ms, spread) / (2 * costMs));
  if (ageMs > LATE * p90Ms) return ageMs + OVERDUE_MS.last; // far past any quantile
  const step = gapMs / 2;
  const latest = ageMs + OVERDUE_MS.last;
  let looked = 0;
  for (let t = step; t <= ageMs + gapMs; t += step) looked += rate(t) * step;
  const target = Math.floor(looked) + 1;
  let t = Math.max(ageMs + gapMs, step);
  // Nothing ends before the first fifth of the median; the rate alone could wait for ever there.
  for (; looked < target && (t < latest || t < p50Ms / 5); t += step) looked += rate(t) * step;
  return t;
}

const overdue = (ageMs: number, maxMs: number): number =>
  ageMs + Math.min(OVERDUE_MS.last, Math.max(OVERDUE_MS.first, (ageMs - maxMs) / 4));

function hazard(t: number, median: number, spread: number): number {
  const z = Math.log(t / median) / spread;
  const density = Math.exp((-z * z) / 2) / (t * spread * Math.sqrt(2 * Math.PI));
  return density / survival(z);
}

// The upper tail of the normal distribution (Abramowitz and Stegun 7.1.26, error below 1.5e-7), with its asymptote
// beyond, where the approximation would lose all its digits.
function survival(z: number): number {
  if (z > 4) return Math.exp((-z * z) / 2) / (z * Math.sqrt(2 * Math.PI));
  const x = Math.abs(z) / Math.SQRT2;
  const k = 1 / (1 + 0.327_591_1 * x);
  const poly =
    k * (0.254_829_592 + k * (-0.284_496_736 + k * (1.421_413_741 + k * (-1.453_152_027 + k * 1.061_405_429))));
  const half = (poly * Math.exp(-x * x)) / 2;
  return z >= 0 ? half : 1 - half;
}
