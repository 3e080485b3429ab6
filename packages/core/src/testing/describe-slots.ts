import assert from "node:assert/strict";
import type { SlotAsk, Slots } from "../limits/shared-slots.ts";

/** How the suite of shared slots is run. */
export type DescribeSlotsOptions = {
  /** How your test runner declares a test. @default the global `test` */
  test?: ((name: string, run: () => Promise<void>) => void) | undefined;
  /** `false`: a free slot goes to the next that asks; the cases on order are left out. @default true */
  ordered?: boolean | undefined;
};

/** In ms of real time, because a store reads its own clock: long enough for a slow one to be inside. */
const SHORT = 400;
const LONG = 60_000;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Conformance of slots that processes share: one call in a test file is its test. `open` gives a handle on the store, and is
 * called twice per test. Accounts are unique, so the store may hold others; nothing is closed: do that after the tests.
 */
export function describeSlots(open: () => Promise<Slots> | Slots, options: DescribeSlotsOptions = {}): void {
  const test = options.test ?? (globalThis as { test?: DescribeSlotsOptions["test"] }).test;
  if (!test) throw new TypeError("describeSlots: pass `test`, your runner's function, or run where `test` is a global");
  type Handles = { one: Slots; two: Slots; account: string; ask: (holder: string, more?: Partial<SlotAsk>) => SlotAsk };
  const declare = (name: string, run: (handles: Handles) => Promise<void>) =>
    test(name, async () => {
      const account = `acme ${crypto.randomUUID()}`;
      const ask = (holder: string, more = {}) => ({ account, holder, limit: 1, forMs: LONG, ...more });
      await run({ one: await open(), two: await open(), account, ask });
    });
  const isTaken = async (slots: Slots, ask: SlotAsk) => (await slots.take(ask)).ok;
  /** Asks again when told to, until there is a slot. */
  async function soon(slots: Slots, ask: SlotAsk, patienceMs = 8_000): Promise<void> {
    for (const start = Date.now(); ;) {
      const answer = await slots.take(ask);
      if (answer.ok) return;
      assert.ok(Date.now() - start < patienceMs, `${ask.holder} has no slot after ${patienceMs} ms`);
      await pause(Math.min(answer.waitMs, 500));
    }
  }

  declare("of 64 that ask at once, as many as there are get a slot", async ({ one, two, ask }) => {
    const asks = Array.from({ length: 64 }, (_, n) => ask(`k${n}`, { limit: 10 }));
    const answers = await Promise.all(asks.map((each, n) => (n % 2 ? one : two).take(each)));
    assert.equal(answers.filter(({ ok }) => ok).length, 10);
    for (const answer of answers)
      if (!answer.ok) assert.ok(answer.waitMs >= 50 && answer.waitMs <= 30_000, `${answer.waitMs}`);
  });

  declare("a holder that asks again has its one slot", async ({ one, two, ask }) => {
    const twice = await Promise.all([one, two, one, two].map((slots) => slots.take(ask("a", { limit: 2 }))));
    assert.ok(twice.every(({ ok }) => ok));
    assert.ok(await isTaken(two, ask("b", { limit: 2 })));
    assert.ok(!(await isTaken(one, ask("c", { limit: 2 }))));
  });

  declare("what is freed can be taken, and only its holder's is freed", async ({ one, two, account, ask }) => {
    await one.take(ask("a"));
    await two.free(account, "b");
    await two.free(`${account}x`, "a");
    assert.ok(!(await isTaken(two, ask("b"))));
    await two.free(account, "a");
    await two.free(account, "a");
    await soon(two, ask("b"));
    assert.ok(!(await isTaken(one, ask("a"))));
  });

  declare("a slot lapses after its time, and not before", async ({ one, two, ask }) => {
    await one.take(ask("long", { limit: 2 }));
    await one.take(ask("a", { limit: 2, forMs: SHORT }));
    assert.ok(!(await isTaken(two, ask("b", { limit: 2 }))));
    await pause(SHORT + 50);
    await soon(two, ask("b", { limit: 2 }));
    assert.ok(!(await isTaken(one, ask("c", { limit: 2 }))), "one of the two has lapsed");
  });

  declare("asking again renews a slot, and never shortens it", async ({ one, two, ask }) => {
    await one.take(ask("a", { forMs: SHORT }));
    await one.take(ask("a", { forMs: LONG }));
    await two.take(ask("a", { forMs: 1 }));
    await pause(SHORT + 50);
    assert.ok(!(await isTaken(two, ask("b"))));
  });

  declare("holding lengthens a slot, and counts one that had none", async ({ one, two, ask }) => {
    await one.take(ask("a", { forMs: SHORT }));
    await two.hold(ask("a"));
    await one.hold(ask("b"));
    await one.hold(ask("a", { forMs: 1 }));
    await pause(SHORT + 50);
    assert.ok(!(await isTaken(two, ask("c", { limit: 2 }))));
    assert.ok(await isTaken(two, ask("d", { limit: 4 })), "two are held of four");
  });

  declare("accounts are apart", async ({ one, two, account, ask }) => {
    await one.take(ask("a"));
    assert.ok(await isTaken(two, ask("a", { account: `${account}2` })));
    assert.ok(await isTaken(two, ask("b", { account: `${account}3` })));
  });

  declare(
    "a lowered limit takes no slot away, and gives none before there is room",
    async ({ one, two, account, ask }) => {
      for (const holder of ["a", "b", "c"]) assert.ok(await isTaken(one, ask(holder, { limit: 3 })));
      assert.ok(await isTaken(two, ask("a", { limit: 1 })), "its own");
      for (const holder of ["a", "b"]) {
        assert.ok(!(await isTaken(two, ask("d", { limit: 1 }))));
        await one.free(account, holder);
      }
      assert.ok(!(await isTaken(two, ask("d", { limit: 1 }))));
      await one.free(account, "c");
      await soon(two, ask("d", { limit: 1 }));
    },
  );

  declare("a raised limit is there at once", async ({ one, two, ask }) => {
    assert.ok(await isTaken(one, ask("a")));
    for (const holder of ["b", "c", "d"]) assert.ok(await isTaken(two, ask(holder, { limit: 4 })));
    assert.ok(!(await isTaken(one, ask("e", { limit: 4 }))));
  });

  declare("requests a minute: a second's at once, then one by one", async ({ one, two, account }) => {
    const answers = await Promise.all([...Array(30).keys()].map((n) => (n % 2 ? one : two).pass(account, 600)));
    const passed = answers.filter((waitMs) => waitMs === 0).length;
    assert.ok(passed >= 10 && passed <= 20, `${passed} of 30 at 10 a second`);
    const waits = answers.filter((waitMs) => waitMs > 0);
    assert.ok(
      waits.every((ms) => ms > 0 && ms <= 1_000),
      String(waits),
    );
    await pause(Math.max(...waits) + 20);
    assert.equal(await one.pass(account, 600), 0);
    assert.equal(await two.pass(`${account}2`, 600), 0, "another account");
  });

  declare("a slot and its request are taken together, or neither", async ({ one, two, account, ask }) => {
    assert.equal(await one.pass(account, 1), 0);
    const answer = await two.take(ask("a", { requestsPerMinute: 1 }));
    assert.ok(!answer.ok && answer.waitMs >= 50 && answer.waitMs <= 30_000);
    assert.ok(await isTaken(two, ask("a")), "without a request there is a slot");
    const without = `${account}2`;
    assert.ok(!(await isTaken(one, ask("c", { account, requestsPerMinute: 1 }))));
    assert.ok(await isTaken(one, ask("a", { account: without })));
    assert.ok(!(await isTaken(one, ask("b", { account: without, requestsPerMinute: 1 }))));
    assert.equal(await two.pass(without, 1), 0, "no slot, so no request was taken");
  });

  if (options.ordered === false) return;

  declare("who asked first is served first", async ({ one, two, account, ask }) => {
    await one.take(ask("a"));
    assert.ok(!(await isTaken(one, ask("b"))));
    assert.ok(!(await isTaken(two, ask("c"))));
    await one.free(account, "a");
    assert.ok(!(await isTaken(two, ask("c"))), "b is before c");
    assert.ok(await isTaken(one, ask("b")));
    await one.free(account, "b");
    await soon(two, ask("c"));
  });

  declare("who does not come back is passed over", async ({ one, two, account, ask }) => {
    await one.take(ask("a"));
    await one.take(ask("gone"));
    assert.ok(!(await isTaken(two, ask("b"))));
    await one.free(account, "a");
    await soon(two, ask("b"));
  });

  declare("who frees its place in the line lets the next one in", async ({ one, two, account, ask }) => {
    await one.take(ask("a"));
    await one.take(ask("b"));
    await two.take(ask("c"));
    await one.free(account, "b");
    await one.free(account, "a");
    assert.ok(await isTaken(two, ask("c")));
  });
}
