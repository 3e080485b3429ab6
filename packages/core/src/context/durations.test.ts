import { expect, test } from "vitest";
import { createDurations } from "./durations.ts";

test("durations are kept per model and length, in their order", () => {
  const durations = createDurations();
  durations.see("a", 5, 100);
  durations.see("a", 10, 200);
  durations.see("b", 5, 300);
  durations.see("a", 5, 400);
  expect(durations.of("a", 5)).toEqual([100, 400]);
  expect(durations.of("a", 10)).toEqual([200]);
  expect(durations.of("b", 5)).toEqual([300]);
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("%s is no duration", (durationMs) => {
  const durations = createDurations();
  durations.see("a", 5, durationMs);
  expect(durations.of("a", 5)).toEqual([]);
});

test("only the last 32 count", () => {
  const durations = createDurations();
  for (let n = 1; n <= 40; n++) durations.see("a", 5, n);
  expect(durations.of("a", 5)).toEqual(Array.from({ length: 32 }, (_, index) => index + 9));
});

test("the same array comes until another end is seen", () => {
  const durations = createDurations();
  const before = durations.of("a", 5);
  expect(durations.of("a", 5)).toBe(before);
  durations.see("a", 5, 100);
  expect(durations.of("a", 5)).not.toBe(before);
});

test("of very many models those used last are kept", () => {
  const durations = createDurations();
  for (let n = 0; n < 100; n++) durations.see(`m${n}`, 5, 100);
  expect(durations.of("m99", 5)).toEqual([100]);
  expect(durations.of("m0", 5)).toEqual([]);
});

test("models of which nothing was seen take no place of the others", () => {
  const durations = createDurations();
  durations.see("a", 5, 100);
  for (let n = 0; n < 1_000; n++) durations.of(`m${n}`, 5);
  expect(durations.of("a", 5)).toEqual([100]);
});

test("what is recalled comes before what was seen, and the last 32 of both count", () => {
  const durations = createDurations();
  durations.see("a", 5, 100);
  durations.recall("a", 5, [1, Number.NaN, 2]);
  expect(durations.of("a", 5)).toEqual([1, 2, 100]);
  durations.recall(
    "a",
    5,
    Array.from({ length: 40 }, () => 7),
  );
  expect(durations.of("a", 5)).toHaveLength(32);
  expect(durations.of("a", 5).at(-1)).toBe(100);
});
