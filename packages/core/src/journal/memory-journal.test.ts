import { expect, test } from "vitest";
import type { JournalEntry } from "./journal.ts";
import { memoryJournal } from "./memory-journal.ts";
import { mayFollow, type JournalState } from "./states.ts";

const entry = (key: string, more: Partial<JournalEntry> = {}): JournalEntry => ({
  key,
  vendor: "acme",
  model: "acme-1",
  account: "a",
  request: { prompt: "x" },
  requestHash: "v1:0",
  state: "begun",
  version: 1,
  attempt: 0,
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:00.000Z",
  ...more,
});
const ref = (id: string, vendor = "acme") => ({ vendor, model: "acme-1", id });
async function collect(list: AsyncIterable<JournalEntry>): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const found of list) entries.push(found);
  return entries;
}
const all = async (list: AsyncIterable<JournalEntry>) => (await collect(list)).map(({ key }) => key);
const states: JournalState[] = ["begun", "sending", "accepted", "refused", "unknown", "lost", "succeeded", "failed"];

test("a key is begun once: the second call gets the entry that is there", async () => {
  const journal = memoryJournal();
  expect(await journal.begin(entry("k"))).toBeUndefined();
  expect(await journal.begin(entry("k", { model: "other" }))).toMatchObject({ model: "acme-1" });
  expect(await journal.get("k")).toEqual(entry("k"));
  expect(await journal.get("K")).toBeUndefined();
});

test("only a refused or lost entry is replaced, and only by a newer version", async () => {
  for (const state of states) {
    const journal = memoryJournal();
    await journal.begin(entry("k", { state, version: 3 }));
    const isFree = state === "refused" || state === "lost";
    expect(await journal.begin(entry("k", { version: 3 }))).toMatchObject({ state });
    expect([state, await journal.begin(entry("k", { version: 4 }))]).toEqual([
      state,
      isFree ? undefined : expect.objectContaining({ state, version: 3 }),
    ]);
  }
});

test("of two that begin at once, one wins", async () => {
  const journal = memoryJournal();
  const [a, b] = await Promise.all([journal.begin(entry("k")), journal.begin(entry("k"))]);
  expect([a === undefined, b === undefined].toSorted()).toEqual([false, true]);
});

test("an update applies at its version only, and raises it by one", async () => {
  const journal = memoryJournal();
  await journal.begin(entry("k"));
  expect(await journal.update("k", 1, { state: "sending" })).toMatchObject({ state: "sending", version: 2 });
  expect(await journal.update("k", 1, { state: "refused" })).toBeUndefined();
  expect(await journal.update("k", 3, { state: "refused" })).toBeUndefined();
  expect(await journal.update("absent", 1, {})).toBeUndefined();
  expect(await journal.get("k")).toMatchObject({ state: "sending", version: 2 });
});

test("an update cannot rename a key or set its version", async () => {
  const journal = memoryJournal();
  await journal.begin(entry("k"));
  await journal.update("k", 1, { key: "other", version: 99 });
  expect(await journal.get("k")).toMatchObject({ key: "k", version: 2 });
  expect(await journal.get("other")).toBeUndefined();
});

test("a task belongs to one key; ids of two vendors do not meet", async () => {
  const journal = memoryJournal();
  for (const key of ["a", "b", "c"]) await journal.begin(entry(key));
  expect(await journal.update("a", 1, { ref: ref("1") })).toBeDefined();
  expect(await journal.update("b", 1, { ref: ref("1"), state: "accepted" })).toBeUndefined();
  expect(await journal.get("b")).toEqual(entry("b"));
  expect(await journal.update("b", 1, { ref: ref("1", "other") })).toBeDefined();
  expect(await journal.update("a", 2, { ref: ref("1"), state: "accepted" })).toBeDefined();
  expect((await journal.findByTask(ref("1")))?.key).toBe("a");
  expect((await journal.findByTask(ref("1", "other")))?.key).toBe("b");
  expect(await journal.findByTask(ref("2"))).toBeUndefined();
});

test("the task of an earlier, lost attempt is not found under the key's new one", async () => {
  const journal = memoryJournal();
  await journal.begin(entry("k", { state: "lost", ref: ref("old") }));
  await journal.begin(entry("k", { version: 2 }));
  expect(await journal.findByTask(ref("old"))).toBeUndefined();
  await journal.update("k", 2, { ref: ref("new") });
  expect(await journal.findByTask(ref("old"))).toBeUndefined();
  expect((await journal.findByTask(ref("new")))?.key).toBe("k");
  await journal.begin(entry("late"));
  expect(await journal.update("late", 1, { ref: ref("old") })).toBeDefined();
});

test("a list can be asked for states and for what changed since", async () => {
  const journal = memoryJournal();
  for (const [index, state] of states.entries())
    await journal.begin(entry(state, { state, updatedAt: `2026-01-0${index + 1}T00:00:00.000Z` }));
  expect(await all(journal.list())).toEqual(states);
  expect(await all(journal.list({ state: ["unknown", "begun"] }))).toEqual(["begun", "unknown"]);
  expect(await all(journal.list({ since: "2026-01-07T00:00:00.000Z" }))).toEqual(["succeeded", "failed"]);
  expect(await all(journal.list({ state: ["begun"], since: "2026-01-02T00:00:00.000Z" }))).toEqual([]);
});

test("what goes in and comes out is a copy", async () => {
  const journal = memoryJournal();
  const given = entry("k");
  await journal.begin(given);
  const patch = { ref: ref("1") };
  const updated = await journal.update("k", 1, patch);
  const got = await journal.get("k");
  const found = await journal.findByTask(ref("1"));
  const [listed] = await collect(journal.list());
  for (const object of [given, updated!, got!, found!, listed!]) {
    object.request["prompt"] = "changed";
    object.state = "lost";
  }
  patch.ref.id = "changed";
  expect(await journal.get("k")).toEqual(entry("k", { version: 2, ref: ref("1") }));
  expect((await journal.begin(entry("k")))?.request).toEqual({ prompt: "x" });
});

test("of ended submits without a key of the caller's the last ten thousand stay; all others stay for good", async () => {
  const journal = memoryJournal();
  const open = ["begun", "sending", "accepted", "unknown"] as const;
  await journal.begin(entry("mine", { state: "succeeded", ref: ref("mine") }));
  for (const state of open) await journal.begin(entry(state, { state, generatedKey: true }));
  const ends = ["succeeded", "failed", "refused", "lost"] as const;
  for (let n = 0; n < 10_050; n++) {
    await journal.begin(entry(`k${n}`, { generatedKey: true, ref: ref(`t${n}`) }));
    await journal.update(`k${n}`, 1, { state: ends[n % 4]! });
    // What was written last counts, so a row whose end is being handled stays.
    if (n === 10_000) await journal.update("k1", 2, { deliveredAt: "2026-01-02T00:00:00.000Z" });
  }
  const keys = await all(journal.list());
  expect(keys.length).toBe(10_000 + open.length + 1);
  expect(keys).toEqual(expect.arrayContaining(["mine", ...open, "k1", "k51", "k10049"]));
  expect(await journal.get("k50")).toBeUndefined();
  expect(await journal.findByTask(ref("t50"))).toBeUndefined();
  expect((await journal.findByTask(ref("t51")))?.key).toBe("k51");
});

test("a list begins with what was begun last, where that is asked for", async () => {
  const journal = memoryJournal();
  for (const key of ["a", "b", "c"]) await journal.begin(entry(key));
  await journal.update("a", 1, { state: "sending" });
  expect(await all(journal.list({ newestFirst: true }))).toEqual(["c", "b", "a"]);
});

test("it does not claim to outlive the process", () => {
  expect(memoryJournal().durable).toBeUndefined();
});

test("nothing less follows acceptance, and nothing follows the end", () => {
  const after = (from: JournalState) => states.filter((to) => to !== from && mayFollow(from, to));
  expect(after("accepted")).toEqual(["succeeded", "failed"]);
  expect([...after("succeeded"), ...after("failed")]).toEqual([]);
  expect(after("begun")).toEqual(["sending", "refused"]);
  expect(after("unknown")).toEqual(["accepted", "lost"]);
  for (const state of states) expect(mayFollow(state, state)).toBe(true);
});
