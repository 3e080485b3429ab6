import { expect, test } from "vitest";
import { createRandom } from "./random.ts";

test("the seed decides what is drawn, and serials do not come back", () => {
  const draw = (seed: number) => {
    const random = createRandom(seed);
    return Array.from({ length: 20 }, () => [random.between(5, 6), random.serial()]);
  };
  expect(draw(3)).toEqual(draw(3));
  expect(draw(-3)).not.toEqual(draw(3));
  const random = createRandom(Number.MAX_SAFE_INTEGER);
  const serials = Array.from({ length: 50_000 }, () => random.serial());
  expect(new Set(serials).size).toBe(50_000);
  expect(serials.every((serial) => Number.isInteger(serial) && serial >= 0 && serial < 1e8)).toBe(true);
});
