// The store's own clock, where a journal has one.
import assert from "node:assert/strict";
import type { Journal } from "../journal/journal.ts";
import type { Case } from "./journal-suite.ts";

/** In 1973; a time in seconds is before it. */
const FIRST_MS = 1e11;
/** In ms: two handles read one clock, one after the other, on a machine that may be busy. */
const APART = 5_000;

export function clockCases(test: Case): void {
  test("a clock of the store's tells milliseconds since 1970", async ({ one }) => {
    for (const now of await readings(one, 3)) {
      assert.equal(typeof now, "number");
      assert.ok(now > FIRST_MS && Number.isFinite(now), `${now}`);
    }
  });

  test("it never goes back, and goes on", async ({ one }) => {
    const times = await readings(one, 20);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    const last = times.at(-1);
    for (let tries = 0; tries < 200; tries++) {
      const [now] = await readings(one, 1);
      if (now !== last || now === undefined) return;
      await new Promise((wake) => setTimeout(wake, 10));
    }
    assert.fail("the clock stands still");
  });

  test("it is one clock: every handle reads the same time", async ({ one, two }) => {
    assert.equal(one.now === undefined, two.now === undefined);
    const [first, second] = [...(await readings(one, 1)), ...(await readings(two, 1))];
    if (first !== undefined && second !== undefined) assert.ok(Math.abs(second - first) < APART, `${first} ${second}`);
  });
}

/** None of a journal that has no clock. */
async function readings(journal: Journal, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count && journal.now; index++) times.push(await journal.now());
  return times;
}
