import { expect, test } from "vitest";
import { handClock } from "../test/hand-clock.ts";
import { createReadBudget } from "./read-budget.ts";

function budget(requestsPerMinute?: number) {
  const clock = handClock();
  const { reserve } = createReadBudget(clock);
  const limits = requestsPerMinute === undefined ? {} : { requestsPerMinute };
  return {
    clock,
    own: (id: string) => reserve({ key: `key of ${id}`, id, isOwn: true }, limits),
    other: (id: string, key = `key of ${id}`) => reserve({ key, id, isOwn: false }, limits),
  };
}
const many = (count: number, prefix = "t") => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

test("own tasks may use half of the requests a minute, at once", () => {
  const { own } = budget(40);
  expect(many(20).map(own)).toEqual(many(20).map(() => 0));
  expect(own("late")).toBe(60_000);
});

test("what own tasks have used is free again a minute later", async () => {
  const { own, clock } = budget(40);
  many(20).forEach(own);
  await clock.advance(59_999);
  expect(own("a")).toBe(1);
  await clock.advance(1);
  expect(own("b")).toBe(0);
});

test("without a limit own tasks are read at once, however many end in a second", () => {
  const { own } = budget();
  expect(many(1_000).map(own)).toEqual(many(1_000).map(() => 0));
});

test.each([1, 2, 3])("a limit of %i requests a minute leaves one for own tasks", (requestsPerMinute) => {
  const { own } = budget(requestsPerMinute);
  expect(own("a")).toBe(0);
  expect(own("b")).toBe(60_000);
});

test("all other ids share five reads a second", () => {
  const { other } = budget(10_000);
  expect(many(12).map((id) => other(id))).toEqual([0, 0, 0, 0, 0, 1_000, 1_000, 1_000, 1_000, 1_000, 2_000, 2_000]);
});

test("a flood of other ids takes nothing from own tasks", () => {
  const { own, other } = budget(10_000);
  for (const id of many(10_000, "x")) other(id);
  expect(own("t")).toBe(0);
});

test("a flood of ids under one key leaves the next turn to another key", () => {
  const { other } = budget();
  for (const id of many(1_000, "x")) other(id, "leaked");
  expect(other("t", "lost")).toBe(2_000);
});

test("what has left makes room under its key, and no more than that", async () => {
  const { other, clock } = budget();
  expect(other("first", "leaked")).toBe(0);
  for (const id of many(20, "x")) other(id);
  for (const id of many(5)) expect(other(id, "leaked")).toBeGreaterThan(2_000);
  await clock.advance(2_000);
  expect(other("late", "leaked")).toBeUndefined();
  await clock.advance(3_000);
  expect(other("late", "leaked")).toBe(0);
});

test("other ids that would wait for more than ten minutes are refused", () => {
  const { other } = budget();
  const waits = many(4_000).map((id) => other(id));
  expect(waits.filter((wait) => wait === undefined)).toHaveLength(4_000 - 5 * 601);
  expect(Math.max(...waits.flatMap((wait) => wait ?? []))).toBe(600_000);
});

test("one task is read every two seconds at most, of any key", async () => {
  const { own, other, clock } = budget();
  expect(other("t")).toBe(0);
  await clock.advance(1_999);
  expect(own("t")).toBeUndefined();
  await clock.advance(1);
  expect(own("t")).toBe(0);
  expect(other("t")).toBeUndefined();
});

test("an id keeps no other id away, under the same key either", () => {
  const { other } = budget();
  expect(other("invented", "k")).toBe(0);
  expect(other("true", "k")).toBe(0);
});
