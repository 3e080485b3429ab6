import { expect, test } from "vitest";
import { createRandom } from "./random.ts";

test("the seed decides what is drawn, and serials do not come back", () => {
  const draw = (seed: number) => {
    const random = createRandom(seed);
    return Array.from({ length: 20 }, () => [
      random.draw([
        [0, 5],
        [1, 6],
      ]),
      random.serial(),
    ]);
  };
  expect(draw(3)).toEqual(draw(3));
  expect(draw(-3)).not.toEqual(draw(3));
  const random = createRandom(Number.MAX_SAFE_INTEGER);
  const serials = Array.from({ length: 50_000 }, () => random.serial());
  expect(new Set(serials).size).toBe(50_000);
  expect(serials.every((serial) => Number.isInteger(serial) && serial >= 0 && serial < 1e8)).toBe(true);
});

test("what is drawn has the quantiles that were asked for", () => {
  const random = createRandom(1);
  const drawn = Array.from({ length: 20_000 }, () =>
    random.draw([
      [0, 10],
      [0.5, 20],
      [0.9, 100],
      [1, 300],
    ]),
  ).toSorted((a, b) => a - b);
  expect(drawn[0]).toBeGreaterThanOrEqual(10);
  expect(drawn.at(-1)).toBeLessThan(300);
  expect(drawn[10_000]).toBeCloseTo(20, 0);
  expect(Math.abs((drawn[18_000] ?? 0) - 100)).toBeLessThan(5);
});
