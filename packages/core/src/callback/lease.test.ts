// How long a process that died or froze inside `onTask` keeps others from running it.
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { acmeAnswers, acmeReceiver, callbackTo, DONE, durableJournal } from "../test/acme-callbacks.ts";
import { handClock } from "../test/hand-clock.ts";
import { turns, until } from "../test/turns.ts";

const SECOND = 1_000;

/** Two processes over one journal; the first has begun `onTask`, and stops before it can renew its lease. */
async function frozenInOnTask() {
  const journal = durableJournal();
  const clock = handClock();
  const frozen = { ...clock, sleep: () => new Promise<never>(() => {}) };
  let calls = 0;
  const hang = () => (calls++, new Promise<never>(() => {}));
  const first = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), { journal, clock: frozen, onTask: hang });
  const second = acmeReceiver(acmeAnswers([], { t1: DONE }), { journal, clock });
  await first.pay();
  const [url] = first.urls();
  void first.receiver.fetch(callbackTo(url));
  await until(() => calls === 1);
  return { clock, second, callBack: () => clock.until(second.callBack(url)) };
}

test("a process that does not renew its lease keeps it for almost 30 s", async () => {
  const { clock, callBack } = await frozenInOnTask();
  await clock.advance(29 * SECOND);
  expect(await callBack()).toBe(503);
});

test("another process runs onTask once the lease has lapsed", async () => {
  const { clock, second, callBack } = await frozenInOnTask();
  await clock.advance(31 * SECOND);
  expect(await callBack()).toBe(200);
  expect(second.handled).toHaveLength(1);
});

const HOUR = 3_600_000;

/** Machines over one store, with a clock of the store's or without; the first runs `onTask` until it is told to end. */
async function machines(withClock: boolean, aheadOfOther: number) {
  const clock = handClock();
  const shared = memoryJournal();
  const journal = (): Journal => ({
    ...shared,
    durable: true,
    ...(withClock ? { now: async () => clock.now() } : {}),
  });
  let end = () => {};
  let calls = 0;
  const work = () => (calls++, new Promise<void>((resolve) => (end = resolve)));
  const first = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), { journal: journal(), clock, onTask: work });
  const second = acmeReceiver(acmeAnswers([], { t1: DONE }), {
    journal: journal(),
    clock: { ...clock, now: () => clock.now() + aheadOfOther },
  });
  await first.pay();
  const [url] = first.urls();
  const running = first.receiver.fetch(callbackTo(url));
  await until(() => calls === 1);
  const row = async () => (await shared.get("k")) as JournalEntry;
  return {
    clock,
    second,
    running,
    end: () => end(),
    callBack: () => second.callBack(url), // it needs no time
    row,
    leave: async (patch: Partial<JournalEntry>) => shared.update("k", (await row()).version, patch),
  };
}

describe.each([true, false])("on machines whose clocks are hours apart (the store has a clock: %s)", (withClock) => {
  test.each([3 * HOUR, -3 * HOUR])("one that is %i ms ahead never runs what another runs", async (ahead) => {
    const all = await machines(withClock, ahead);
    for (let passed = 0; passed < 120; passed += 15) {
      expect(await all.callBack()).toBe(503);
      await all.clock.advance(15 * SECOND);
    }
    all.end();
    expect((await all.running).status).toBe(200);
    expect(await all.callBack()).toBe(200);
    expect(all.second.handled).toEqual([]);
  });

  test.each([3 * HOUR, -3 * HOUR])("one that is %i ms ahead runs what a dead one has left", async (ahead) => {
    const all = await machines(withClock, ahead);
    // As a machine that died left it: nothing renews it.
    const lease = new Date(all.clock.now() + 25 * SECOND).toISOString();
    await all.leave({ deliveryLeaseUntil: lease });
    expect(await all.callBack()).toBe(503);
    await all.clock.advance(31 * SECOND);
    expect(await all.callBack()).toBe(200);
    expect(all.second.handled).toHaveLength(1);
  });

  test("a lease that onTask has given back by failing is free at once", async () => {
    const all = await machines(withClock, -3 * HOUR);
    await all.leave({ deliveryLeaseUntil: new Date(0).toISOString() });
    expect(await all.callBack()).toBe(200);
  });
});

test("under a clock that is slower than time a lease is renewed all the same, before it lapses", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const journal = durableJournal();
  const clock = { ...handClock(), sleep: () => new Promise<never>(() => {}) };
  const first = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), {
    journal,
    clock,
    onTask: () => new Promise(() => {}),
  });
  await first.pay();
  void first.receiver.fetch(callbackTo(first.urls()[0]));
  await until(async () => (await journal.get("k"))?.deliveryLeaseUntil !== undefined);
  const { version = 0 } = (await journal.get("k")) ?? {};
  await vi.advanceTimersByTimeAsync(25 * SECOND);
  await turns();
  expect((await journal.get("k"))?.version).toBeGreaterThan(version);
});
