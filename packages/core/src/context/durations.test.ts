import { expect, test } from "vitest";
import { createDurations, type Durations } from "./durations.ts";

/** Ends of so many tasks. */
const ends = (...durations: number[]) => durations.map((ms, n): [string, number] => [`t${n}`, ms]);
const seen = (durations: Durations, model: string, length: number) => [...durations.of(model, length).values()];

test("durations are kept per model and length, in their order", () => {
  const durations = createDurations();
  durations.see("a", 5, [["t1", 100]]);
  durations.see("a", 10, [["t2", 200]]);
  durations.see("b", 5, [["t3", 300]]);
  durations.see("a", 5, [["t4", 400]]);
  expect(seen(durations, "a", 5)).toEqual([100, 400]);
  expect(seen(durations, "a", 10)).toEqual([200]);
  expect(seen(durations, "b", 5)).toEqual([300]);
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("%s is no duration", (durationMs) => {
  const durations = createDurations();
  durations.see("a", 5, [["t1", durationMs]]);
  expect(seen(durations, "a", 5)).toEqual([]);
});

test("only the last 32 count", () => {
  const durations = createDurations();
  for (let n = 1; n <= 40; n++) durations.see("a", 5, [[`t${n}`, n]]);
  expect(seen(durations, "a", 5)).toEqual(Array.from({ length: 32 }, (_, index) => index + 9));
});

test("the same array comes until another end is seen", () => {
  const durations = createDurations();
  const before = durations.of("a", 5);
  expect(durations.of("a", 5)).toBe(before);
  durations.see("a", 5, [["t1", 100]]);
  const after = durations.of("a", 5);
  expect(after).not.toBe(before);
  durations.see("a", 5, [["t1", 100]]); // read again
  expect(durations.of("a", 5)).toBe(after);
});

test("of very many models those used last are kept", () => {
  const durations = createDurations();
  for (let n = 0; n < 100; n++) durations.see(`m${n}`, 5, [["t1", 100]]);
  expect(seen(durations, "m99", 5)).toEqual([100]);
  expect(seen(durations, "m0", 5)).toEqual([]);
});

test("models of which nothing was seen take no place of the others", () => {
  const durations = createDurations();
  durations.see("a", 5, [["t1", 100]]);
  for (let n = 0; n < 1_000; n++) durations.of(`m${n}`, 5);
  expect(seen(durations, "a", 5)).toEqual([100]);
});

test("what was seen earlier comes before what was seen, and the last 32 of both count", () => {
  const durations = createDurations();
  durations.see("a", 5, [["own", 100]]);
  durations.see("a", 5, ends(1, Number.NaN, 2), true);
  expect(seen(durations, "a", 5)).toEqual([1, 2, 100]);
  durations.see("a", 5, [...ends(...Array.from({ length: 40 }, () => 7)), ["own", 100]], true);
  expect(seen(durations, "a", 5)).toHaveLength(32);
  expect(seen(durations, "a", 5).filter((ms) => ms === 100)).toHaveLength(1);
  expect(seen(durations, "a", 5).at(-1)).toBe(100);
});
