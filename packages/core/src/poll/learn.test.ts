import { expect, test } from "vitest";
import { durationOf } from "./learn.ts";

const time = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();
const wall = (ms: number) => Date.UTC(2026, 0, 1) + ms;
const submittedAt = time(0);

test.each<{ what: string; told?: [number, number]; seen: number; before?: number; duration: number | undefined }>([
  {
    what: "the vendor's times, within what was seen",
    told: [0, 60_000],
    seen: 62_000,
    before: 55_000,
    duration: 60_000,
  },
  {
    what: "the vendor's times, by a clock that is off",
    told: [9e6, 9e6 + 60_000],
    seen: 62_000,
    before: 55_000,
    duration: 60_000,
  },
  { what: "the vendor's times without a check before", told: [0, 60_000], seen: 62_000, duration: 60_000 },
  {
    what: "times before the check that still saw it running",
    told: [0, 20_000],
    seen: 62_000,
    before: 55_000,
    duration: 58_500,
  },
  { what: "times after it was seen", told: [0, 90_000], seen: 62_000, before: 55_000, duration: 58_500 },
  { what: "no times and a small gap", seen: 62_000, before: 55_000, duration: 58_500 },
  { what: "no times and a wide gap", seen: 62_000, before: 20_000, duration: undefined },
  { what: "no times and no check before", seen: 62_000, duration: undefined },
])("$what: $duration ms", ({ told, seen, before, duration }) => {
  const times = told ? { createdAt: time(told[0]), completedAt: time(told[1]) } : {};
  const checks = { at: wall(seen), before: before === undefined ? undefined : wall(before) };
  expect(durationOf({ submittedAt, ...times }, checks)).toBe(duration);
});

test("a task of unknown age says nothing", () => {
  expect(durationOf({ createdAt: time(0), completedAt: time(60_000) }, { at: wall(62_000) })).toBeUndefined();
});
