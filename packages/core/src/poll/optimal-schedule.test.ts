import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cpuMs } from "../test/turns.ts";
import { timingOf, type Timing } from "../vendor-spec/models.ts";
import { LOOSE, scheduleOf, TIGHT, type Schedule } from "./optimal-schedule.ts";
import { phaseOf } from "./phase.ts";

const SECOND = 1_000;
const range: Timing = { minMs: 50_000, maxMs: 70_000 };
const tail: Timing = { p50Ms: 142_000, p90Ms: 486_000 };

/** The ages at which a task that ends at `endMs` is checked, the last one included. */
function checks(schedule: Schedule, endMs: number, phase = 0): number[] {
  const ages = [schedule(0, phase)];
  for (let age = ages[0] ?? 0; age < endMs; ages.push(age)) age = schedule(age, phase);
  return ages;
}

/** Mean checks, mean and worst lag in seconds over tasks that end evenly between two times. */
function cost(schedule: Schedule, fromMs: number, toMs: number) {
  const ends = Array.from({ length: 400 }, (_, index) => fromMs + ((index + 0.5) / 400) * (toMs - fromMs));
  const runs = ends.map((end) => checks(schedule, end));
  const lags = runs.map((ages, index) => ((ages.at(-1) ?? 0) - (ends[index] ?? 0)) / SECOND);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return { checks: mean(runs.map((ages) => ages.length)), lag: mean(lags), worst: Math.max(...lags) };
}

/** Ends that are spread evenly over a range, in no order. */
const ends = (count: number, fromMs: number, toMs: number): number[] =>
  Array.from({ length: count }, (_, index) => fromMs + (toMs - fromMs) * ((index * 0.618) % 1));

describe("whatever a task really takes", () => {
  test.each([5, 10, 20, 35, 60, 90, 120, 180, 300, 400, 600, 1_200])(
    "%i s instead of the documented 50 to 70: the end is seen within the bounds",
    (seconds) => {
      const { lag, worst } = cost(scheduleOf(range), 0.95 * seconds * SECOND, 1.05 * seconds * SECOND);
      expect(worst).toBeLessThanOrEqual(Math.max(7, 0.15 * 1.05 * seconds) + 0.1);
      expect(lag).toBeLessThanOrEqual(Math.max(5, 0.1 * seconds));
    },
  );

  test.each([
    ["50 to 70 s", range],
    ["half up to 142 s, nine of ten up to 486 s", tail],
  ])("tasks that all take equally long are early in the mean, however long that is; documented: %s", (_, timing) => {
    const schedule = scheduleOf(timing);
    const phases = Array.from({ length: 50 }, (_, n) => phaseOf(`task-${n}`));
    for (let end = 1; end < 100; end += 1.5) {
      const lags = phases.map((phase) => (checks(schedule, end * SECOND, phase).at(-1) ?? 0) / SECOND - end);
      expect(lags.reduce((sum, lag) => sum + lag, 0) / lags.length).toBeLessThanOrEqual(Math.max(5, 0.1 * end));
      expect(Math.max(...lags)).toBeLessThanOrEqual(Math.max(7, 0.15 * end));
    }
  });

  test("the bound holds for any documented time, any ends seen, and any duration up to 20 minutes", () => {
    const timings = fc.oneof(
      fc
        .record({ minMs: fc.nat(600_000), width: fc.nat(600_000) })
        .map(({ minMs, width }): Timing => ({ minMs, maxMs: minMs + width })),
      fc
        .record({
          p50Ms: fc.integer({ min: 1_000, max: 300_000 }),
          factor: fc.double({ min: 1, max: 10, noNaN: true }),
        })
        .map(({ p50Ms, factor }): Timing => ({ p50Ms, p90Ms: p50Ms * factor })),
    );
    const seen = fc.array(fc.integer({ min: 1, max: 2_000_000 }), { maxLength: 32 });
    fc.assert(
      fc.property(timings, seen, fc.integer({ min: 1, max: 1_200_000 }), (timing, durations, end) => {
        const last = checks(scheduleOf(timing, durations), end).at(-1) ?? 0;
        expect(last - end).toBeLessThanOrEqual(Math.max(7_000, 0.15 * end));
      }),
      { numRuns: 200, seed: 4 },
    );
  });

  test("past 20 minutes the gap stays as it is: 50 minutes are no storm and no silence", () => {
    const gaps = checks(scheduleOf(range), 3_000_000)
      .filter((age) => age > 1_300_000)
      .map((age, index, ages) => age - (ages[index - 1] ?? Number.NaN))
      .slice(1);
    expect(new Set(gaps.map((gap) => Math.round(gap / SECOND))).size).toBe(1);
    expect(gaps[0]).toBeGreaterThan(60_000);
    expect(gaps[0]).toBeLessThan(180_000);
  });
});

describe("a documented time that is right", () => {
  test.each([
    ["50 to 70 s", range, 50_000, 70_000, { checks: 12, lag: 1.2 }],
    ["30 to 45 s", { minMs: 30_000, maxMs: 45_000 }, 30_000, 45_000, { checks: 9, lag: 1 }],
  ] as const)("%s costs few checks and little lag", (_, timing, from, to, limit) => {
    const ours = cost(scheduleOf(timing), from, to);
    expect(ours.checks).toBeLessThan(limit.checks);
    expect(ours.lag).toBeLessThan(limit.lag);
  });

  test("is checked more often where an end is likely", () => {
    const ages = checks(scheduleOf(range), 70_000);
    const within = (from: number, to: number) => ages.filter((age) => age >= from && age < to).length;
    expect(within(50_000, 70_000)).toBeGreaterThan(2 * within(30_000, 50_000));
  });

  test("a check costs as much as a quarter of a second of lag: at four times that price there are fewer", () => {
    const dear = cost(scheduleOf(range, [], LOOSE, 1_000), 50_000, 70_000);
    expect(dear.checks).toBeLessThan(cost(scheduleOf(range, [], LOOSE), 50_000, 70_000).checks - 1);
  });
});

describe("ends that were seen", () => {
  test.each([
    ["early", 20_000, 25_000, 1.5],
    ["late", 150_000, 200_000, 2],
  ] as const)("five %s ones move the checks to where ends really are", (_, from, to, lag) => {
    expect(cost(scheduleOf(range, ends(5, from, to)), from, to).lag).toBeLessThan(lag);
  });

  test("two outliers in ten do not: the documented time keeps its weight", () => {
    const seen = [...ends(8, 50_000, 70_000), 300_000, 310_000];
    expect(cost(scheduleOf(range, seen), 50_000, 70_000).lag).toBeLessThan(1.3);
  });

  test("of two modes both are checked", () => {
    const seen = [...ends(10, 38_000, 42_000), ...ends(10, 170_000, 190_000)];
    const schedule = scheduleOf(range, seen);
    expect(cost(schedule, 38_000, 42_000).lag).toBeLessThan(1.6);
    expect(cost(schedule, 170_000, 190_000).lag).toBeLessThan(3);
  });

  test("an end counts for the times beside it too", () => {
    const seen = Array.from({ length: 32 }, () => 200_000);
    const beside = [185_000, 218_000];
    for (const end of beside)
      expect(cost(scheduleOf(range, seen), 0.99 * end, 1.01 * end).lag).toBeLessThan(
        cost(scheduleOf(range), 0.99 * end, 1.01 * end).lag,
      );
  });
});

test("a check that is left out because the one before was less than a second ago makes no gap too long", () => {
  const schedule = scheduleOf({ minMs: 26_394, maxMs: 26_576 }, ends(8, 4_400, 4_850));
  const ages = checks(schedule, 60_000);
  const gaps = ages.map((age, index) => age - (ages[index - 1] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(SECOND);
  expect(Math.max(...gaps.slice(0, 5))).toBeLessThanOrEqual(7 * SECOND);
});

test("the loose floor asks less often, and still within 20 s or 40 %", () => {
  const [tight, loose] = [TIGHT, LOOSE].map((floor) => cost(scheduleOf(range, [], floor), 50_000, 70_000));
  expect(loose?.checks).toBeLessThan((tight?.checks ?? 0) - 3);
  for (const seconds of [10, 35, 120, 400]) {
    const { worst } = cost(scheduleOf(range, [], LOOSE), 0.95 * seconds * SECOND, 1.05 * seconds * SECOND);
    expect(worst).toBeLessThanOrEqual(Math.max(20, 0.4 * 1.05 * seconds) + 0.1);
  }
});

test("every check is at least a second away, on a grid that is the same for every process", () => {
  fc.assert(
    fc.property(fc.constantFrom(range, tail), fc.nat(2_000_000), (timing, age) => {
      const schedule = scheduleOf(timing);
      const next = schedule(age);
      expect(next - age).toBeGreaterThanOrEqual(SECOND);
      expect(schedule(Math.max(age, next - SECOND - 10))).toBeGreaterThanOrEqual(next);
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

test.each<Timing>([
  { minMs: 0, maxMs: 0 },
  { p50Ms: 0, p90Ms: 0 },
  { p50Ms: 0, p90Ms: 1_000 },
  { p50Ms: 1, p90Ms: 1 },
])("a documented time of nothing, %j, makes no storm, and no end late", (timing) => {
  const ages = checks(scheduleOf(timing), 1_200_000);
  for (const [index, age] of ages.entries()) {
    const before = ages[index - 1] ?? 0;
    expect(age - before).toBeGreaterThanOrEqual(SECOND);
    expect(age - before).toBeLessThanOrEqual(Math.max(7 * SECOND, 0.15 * before));
  }
});

test("a task of any age is checked later, and not much later, without long sums: not even one of 1970", () => {
  const ages = fc.oneof(fc.nat(3_600_000), fc.double({ min: 0, max: 1.8e12, noNaN: true }));
  const timings = fc.constantFrom<Timing>(
    range,
    tail,
    { p50Ms: 100_000, p90Ms: 100_000 },
    { minMs: 60_000, maxMs: 60_000 },
  );
  const later = fc.property(timings, ages, (timing, age) => {
    const next = scheduleOf(timing)(age);
    expect(next).toBeGreaterThan(age);
    expect(next - age).toBeLessThanOrEqual(180_000);
  });
  expect(cpuMs(() => fc.assert(later, { numRuns: 300, seed: 4 }))).toBeLessThan(5_000);
});
