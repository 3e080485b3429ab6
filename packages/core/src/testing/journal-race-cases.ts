// Several at once, over both handles.
import assert from "node:assert/strict";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import type { JournalState } from "../journal/states.ts";
import { entry, keysIn, randomOf, refTo, type Case } from "./journal-suite.ts";

const MANY = Array.from({ length: 32 }, (_, index) => index);
// Those that can be replaced are there twice: a key then comes to have several attempts.
const STATES: [JournalState, ...JournalState[]] = [
  "begun",
  "sending",
  "accepted",
  "refused",
  "refused",
  "unknown",
  "lost",
  "lost",
];

export function raceCases(test: Case): void {
  test("of many that begin one key at once, one wins and all others see its entry", async ({ one, two, name }) => {
    const key = name("k");
    await assertOneWins(key, (index) => (index % 2 ? one : two).begin(entry(key, { owner: `${index}` })), one);
  });

  test("of many that replace one refused entry at once, one wins", async ({ one, two, name }) => {
    const key = name("k");
    await one.begin(entry(key, { state: "refused" }));
    const next = (index: number) => entry(key, { version: 2, owner: `${index}` });
    await assertOneWins(key, (index) => (index % 2 ? one : two).begin(next(index)), two);
  });

  test("of many updates at one version, one applies", async ({ one, two, name }) => {
    const key = name("k");
    await one.begin(entry(key));
    const write = (index: number) => (index % 2 ? one : two).update(key, 1, { owner: `${index}` });
    const applied = (await Promise.all(MANY.map(write))).filter((row) => row !== undefined);
    assert.equal(applied.length, 1);
    assert.deepEqual(await one.get(key), applied[0]);
    assert.equal(applied[0]?.version, 2);
  });

  test("of many keys that claim one task at once, one gets it", async ({ one, two, name }) => {
    const ref = refTo(name("id"));
    const keys = MANY.map((index) => name(`k${index}`));
    for (const key of keys) await one.begin(entry(key));
    // A database may also reject the loser of a race it cannot wait for; what counts is that it wrote nothing.
    const claims = await Promise.allSettled(
      keys.map((key, index) => (index % 2 ? one : two).update(key, 1, { state: "accepted", ref })),
    );
    const winners = claims.flatMap((claim) => (claim.status === "fulfilled" && claim.value ? [claim.value.key] : []));
    assert.equal(winners.length, 1);
    assert.equal((await two.findByTask(ref))?.key, winners[0]);
    for (const key of keys) assert.equal((await one.get(key))?.version, key === winners[0] ? 2 : 1);
  });

  for (const seed of [1, 2, 3])
    test(`no write is lost when writers interleave (seed ${seed})`, async ({ one, two, name }) => {
      const key = name("k");
      const random = randomOf(seed);
      await one.begin(entry(key, { priceUsd: 0 }));
      const rest = async () => {
        for (let turns = random() * 4; turns > 1; turns--) await new Promise((wake) => setTimeout(wake, 0));
      };
      let applied = 0;
      const work = async (journal: Journal) => {
        for (let turn = 0; turn < 12; turn++) {
          await rest();
          const seen = await journal.get(key);
          await rest();
          if (!seen) continue;
          const { version, priceUsd = 0 } = seen;
          if (await journal.update(key, version, { priceUsd: priceUsd + 1 })) applied++;
        }
      };
      await Promise.all([one, two, one, two].map(work));
      const { version, priceUsd } = (await one.get(key)) ?? {};
      assert.deepEqual([version, priceUsd], [applied + 1, applied]);
      assert.ok(applied >= 12);
    });

  for (const seed of [4, 5, 6])
    test(`any order of calls has the answers of the journal in memory (seed ${seed})`, async ({ one, two, name }) => {
      const random = randomOf(seed);
      const pick = <T>(from: readonly [T, ...T[]]): T => from[Math.floor(random() * from.length)] ?? from[0];
      const model = memoryJournal();
      const key = () => name(pick(["a", "b", "c"]));
      const ref = () => refTo(name(pick(["x", "y", "z"])), pick(["acme", "other"]));
      const state = () => pick(STATES);
      const version = () => pick([1, 2, 3, 4, 5, 6, 7]);
      const calls: ((journal: Journal) => Promise<JournalEntry | undefined>)[] = Array.from({ length: 150 }, () => {
        const row = entry(key(), { state: state(), version: version(), priceUsd: random() });
        const patch: Partial<JournalEntry> = { state: state(), ...(random() < 0.5 ? { ref: ref() } : {}) };
        const sought = ref();
        return pick([
          (journal) => journal.begin(row),
          // At the current version often enough to get somewhere.
          async (journal) => journal.update(row.key, (await model.get(row.key))?.version ?? 1, patch),
          (journal) => journal.update(row.key, row.version, patch),
          (journal) => journal.get(row.key),
          (journal) => journal.findByTask(sought),
        ]);
      });
      for (const [index, call] of calls.entries()) {
        const actual = await call(pick([one, two]));
        assert.deepEqual(actual, await call(model), `call ${index}`);
      }
      const keys = ["a", "b", "c"].map(name);
      assert.deepEqual(
        (await keysIn(two.list({ state: STATES }), keys)).toSorted(),
        (await keysIn(model.list({ state: STATES }), keys)).toSorted(),
      );
    });
}

async function assertOneWins(
  key: string,
  begin: (index: number) => Promise<JournalEntry | undefined>,
  journal: Journal,
): Promise<void> {
  const answers = await Promise.all(MANY.map(begin));
  const winners = answers.flatMap((found, index) => (found ? [] : [`${index}`]));
  assert.equal(winners.length, 1);
  const there = await journal.get(key);
  assert.equal(there?.owner, winners[0]);
  for (const found of answers) if (found) assert.deepEqual(found, there);
}
