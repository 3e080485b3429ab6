import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cpuMs } from "../test/turns.ts";
import { timingOf, type Timing } from "../vendor-spec/models.ts";
import { nextCheck } from "./optimal-schedule.ts";

const range: Timing = { minMs: 50_000, maxMs: 70_000 };
const tail: Timing = { p50Ms: 142_000, p90Ms: 486_000 };

/** The looks at a task that ends at `endMs`, the last one included. */
function looks(timing: Timing, endMs: number): number[] {
  const ages = [nextCheck(timing, 0)];
  for (let age = ages[0] ?? 0; age < endMs; ages.push(age)) age = nextCheck(timing, age);
  return ages;
}

/** Mean number of looks and mean lag over tasks that end where the quantiles say. */
function cost(timing: Timing, ends: readonly number[]): { polls: number; lag: number } {
  const runs = ends.map((end) => ({ end, ages: looks(timing, end) }));
  const mean = (of: (run: (typeof runs)[number]) => number) =>
    runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
  return { polls: mean(({ ages }) => ages.length), lag: mean(({ ages, end }) => (ages.at(-1) ?? 0) - end) };
}

const evenly = Array.from({ length: 400 }, (_, index) => 50_000 + ((index + 0.5) / 400) * 20_000);

describe("a documented range", () => {
  test("is not looked at before it begins, and its end is looked at", () => {
    const ages = looks(range, 70_000);
    expect(ages[0]).toBeGreaterThan(50_000);
    expect(ages).toContain(70_000);
  });

  test("costs less lag and fewer looks than the documented wait of 50 s and then 5 s", () => {
    const fixed = evenly.map((end) => {
      const polls = Math.ceil((end - 50_000) / 5_000) + 1;
      return { polls, lag: 50_000 + (polls - 1) * 5_000 - end };
    });
    const mean = (of: "polls" | "lag") => fixed.reduce((sum, run) => sum + run[of], 0) / fixed.length;
    const ours = cost(range, evenly);
    expect(ours.lag).toBeLessThan(mean("lag") / 1.5);
    expect(ours.polls).toBeLessThan(mean("polls") * 1.6);
  });

  test("beyond it looks thin out to one in 15 s", () => {
    const ages = looks(range, 200_000).filter((age) => age >= 70_000);
    const gaps = ages.slice(1).map((age, index) => age - (ages[index] ?? 0));
    expect(gaps[0]).toBe(2_000);
    expect(gaps.at(-1)).toBe(15_000);
    expect(gaps).toEqual(gaps.toSorted((a, b) => a - b));
  });
});

test("a long tail is looked at ever more rarely once the median has passed", () => {
  const ages = looks(tail, 900_000).filter((age) => age > 150_000);
  const gaps = ages.slice(1).map((age, index) => age - (ages[index] ?? 0));
  expect(gaps.at(-1)).toBeGreaterThan(gaps[0] ?? Number.NaN);
});

test("every look is in the future, by a sensible step, and the grid is the same for every caller in between", () => {
  const timing = fc.oneof(
    fc
      .record({ minMs: fc.integer({ min: 0, max: 1e6 }), width: fc.integer({ min: 0, max: 1e6 }) })
      .map(({ minMs, width }): Timing => ({ minMs, maxMs: minMs + width })),
    fc
      .record({ p50Ms: fc.integer({ min: 1_000, max: 3e5 }), factor: fc.double({ min: 1.1, max: 10, noNaN: true }) })
      .map(({ p50Ms, factor }): Timing => ({ p50Ms, p90Ms: p50Ms * factor })),
  );
  fc.assert(
    fc.property(timing, fc.integer({ min: 0, max: 2e6 }), (given, age) => {
      const next = nextCheck(given, age);
      const [latest] = "minMs" in given ? [Math.max(given.maxMs, age + 15_000)] : [Math.max(age + 16_000, given.p50Ms)];
      expect(next).toBeGreaterThan(age);
      expect(next).toBeLessThanOrEqual(latest + 1);
    }),
    { numRuns: 300, seed: 4 },
  );
});

test("the timing of a length is its own; of an unknown length, the widest range; of a model without any, none", () => {
  const row = {
    timing: [
      { duration: 5, ...range },
      { duration: 10, minMs: 80_000, maxMs: 100_000 },
    ],
  };
  expect(timingOf(row, 10)).toMatchObject({ minMs: 80_000 });
  expect(timingOf(row, undefined)).toEqual({ minMs: 50_000, maxMs: 100_000 });
  expect(timingOf({ timing: [tail] }, 5)).toBe(tail);
  expect(timingOf({}, 5)).toBeUndefined();
});

test("a task of any age is looked at later, and not much later, without long sums: not even one of 1970", () => {
  const ages = fc.oneof(fc.nat(3_600_000), fc.double({ min: 0, max: 1.8e12, noNaN: true }));
  const timings = fc.constantFrom<Timing>(
    range,
    tail,
    { p50Ms: 100_000, p90Ms: 110_000 },
    { minMs: 60_000, maxMs: 60_000 },
  );
  const looks = fc.property(timings, ages, (timing, age) => {
    const next = nextCheck(timing, age);
    expect(next).toBeGreaterThanOrEqual(Math.round(age));
    expect(next - age).toBeLessThanOrEqual(Math.max(60_000, 15_001));
  });
  expect(cpuMs(() => fc.assert(looks, { numRuns: 300, seed: 4 }))).toBeLessThan(5_000);
});
