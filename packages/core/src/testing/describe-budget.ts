import assert from "node:assert/strict";
import type { Budget } from "../limits/budget.ts";

/** How the suite of a budget is run. */
export type DescribeBudgetOptions = {
  /** How your test runner declares a test. @default the global `test` */
  test?: ((name: string, run: () => Promise<void>) => void) | undefined;
};

/**
 * Conformance of a budget that processes share: one call in a test file is its test. `open` gives a handle on the store, and
 * is called twice per test. Accounts are unique, so the store may hold others; nothing is closed: do that after the tests.
 */
export function describeBudget(open: () => Promise<Budget> | Budget, options: DescribeBudgetOptions = {}): void {
  const test = options.test ?? (globalThis as { test?: DescribeBudgetOptions["test"] }).test;
  if (!test)
    throw new TypeError("describeBudget: pass `test`, your runner's function, or run where `test` is a global");
  type Handles = { one: Budget; two: Budget; account: string };
  const declare = (name: string, run: (handles: Handles) => Promise<void>) =>
    test(name, async () => run({ one: await open(), two: await open(), account: `acme ${crypto.randomUUID()}` }));
  const DAY = "2026-01-01";

  declare("of many reservations at once no more are made than fit", async ({ one, two, account }) => {
    const holders = Array.from({ length: 40 }, (_, n) => `k${n}`);
    const made = await Promise.all(
      holders.map((holder, n) => (n % 2 ? one : two).reserve(account, holder, 0.1, 1, DAY)),
    );
    assert.equal(made.filter(({ ok }) => ok).length, 10); // ten times $0.1 is $1
    for (const reservation of made) if (!reservation.ok) assert.ok(reservation.reservedUsd <= 1);
    assert.deepEqual(await one.reserve(account, "more", 0.000001, 1, DAY), { ok: false, reservedUsd: 1 });
  });

  declare("a holder has one reservation, however often it asks", async ({ one, two, account }) => {
    const asks = [one, two, one, two].map((budget) => budget.reserve(account, "a", 0.5, 1, DAY));
    assert.ok((await Promise.all(asks)).every(({ ok }) => ok));
    assert.deepEqual(await two.reserve(account, "b", 0.5, 1, DAY), { ok: true });
    assert.deepEqual(await one.reserve(account, "a", 0.5, 1, "2026-01-02"), { ok: true });
    assert.deepEqual(await one.reserve(account, "c", 0.5, 1, DAY), { ok: false, reservedUsd: 1 });
  });

  declare("what is released fits again, once, and only the holder's", async ({ one, two, account }) => {
    await one.reserve(account, "a", 1, 1, DAY);
    await two.release(account, "b");
    await two.release(`${account}2`, "a");
    assert.deepEqual(await two.reserve(account, "b", 1, 1, DAY), { ok: false, reservedUsd: 1 });
    await two.release(account, "a");
    await two.release(account, "a");
    assert.deepEqual(await one.reserve(account, "b", 0.75, 1, DAY), { ok: true });
    assert.deepEqual(await two.reserve(account, "a", 0.75, 1, DAY), { ok: false, reservedUsd: 0.75 });
  });

  declare("of releases at once one counts", async ({ one, two, account }) => {
    await one.reserve(account, "a", 1, 2, DAY);
    await one.reserve(account, "b", 1, 2, DAY);
    await Promise.all([one, two, one, two].map((budget) => budget.release(account, "a")));
    assert.deepEqual(await two.reserve(account, "c", 1.5, 2, DAY), { ok: false, reservedUsd: 1 });
  });

  declare("periods and accounts are apart", async ({ one, two, account }) => {
    assert.deepEqual(await one.reserve(account, "a", 1, 1, DAY), { ok: true });
    assert.deepEqual(await two.reserve(account, "b", 1, 1, "batch 'x'"), { ok: true });
    assert.deepEqual(await two.reserve(`${account}2`, "a", 1, 1, DAY), { ok: true });
    assert.deepEqual(await two.reserve(account, "c", 1, 1, DAY), { ok: false, reservedUsd: 1 });
  });

  declare("a limit that is lower than what is reserved lets nothing more in", async ({ one, two, account }) => {
    await one.reserve(account, "a", 3, 5, DAY);
    assert.deepEqual(await two.reserve(account, "b", 0.01, 2, DAY), { ok: false, reservedUsd: 3 });
    assert.deepEqual(await two.reserve(account, "b", 2, 5, DAY), { ok: true });
  });
}
