import { expect, onTestFinished, test, vi } from "vitest";
import { entry, refTo } from "../testing/journal-suite.ts";
import { checkedJournal } from "./checked-journal.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import { memoryJournal } from "./memory-journal.ts";

test("every call reaches the journal as it was made, and its answer comes back", async () => {
  const calls: unknown[][] = [];
  const journal: Journal = {
    begin: async (...given) => void calls.push(["begin", ...given]),
    update: async (...given) => (calls.push(["update", ...given]), entry("k", { version: 2 })),
    get: async (...given) => (calls.push(["get", ...given]), entry("k")),
    findByTask: async (...given) => (calls.push(["findByTask", ...given]), entry("k")),
    async *list(...given) {
      calls.push(["list", ...given]);
      yield entry("k");
    },
  };
  const checked = checkedJournal(journal);
  expect(await checked.begin(entry("k"))).toBeUndefined();
  expect(await checked.update("k", 1, { state: "sending" }, entry("k"))).toEqual(entry("k", { version: 2 }));
  expect(await checked.get("k")).toEqual(entry("k"));
  expect(await checked.findByTask(refTo("t"))).toEqual(entry("k"));
  for await (const row of checked.list({ state: ["begun"] })) expect(row).toEqual(entry("k"));
  expect(calls).toEqual([
    ["begin", entry("k")],
    ["update", "k", 1, { state: "sending" }, entry("k")],
    ["get", "k"],
    ["findByTask", refTo("t")],
    ["list", { state: ["begun"] }],
  ]);
});

test("it is the same for the same journal, and for itself", () => {
  const journal = memoryJournal();
  expect(checkedJournal(journal)).toBe(checkedJournal(journal));
  expect(checkedJournal(checkedJournal(journal))).toBe(checkedJournal(journal));
  expect(checkedJournal(memoryJournal())).not.toBe(checkedJournal(journal));
});

test("it is durable where the journal is", () => {
  expect(checkedJournal(memoryJournal()).durable).toBeUndefined();
  expect(checkedJournal({ ...memoryJournal(), durable: true }).durable).toBe(true);
});

test("null is no row, as undefined is none", async () => {
  const none = async () => null as never;
  const checked = checkedJournal({ ...memoryJournal(), begin: none, update: none, get: none, findByTask: none });
  const answers = [
    checked.begin(entry("k")),
    checked.update("k", 1, {}),
    checked.get("k"),
    checked.findByTask(refTo("t")),
  ];
  expect(await Promise.all(answers)).toEqual([undefined, undefined, undefined, undefined]);
});

test("a call that throws at once rejects", async () => {
  const broken = {
    ...memoryJournal(),
    get: () => {
      throw new Error("no connection");
    },
  };
  await expect(checkedJournal(broken).get("k")).rejects.toThrow("no connection");
});

test("the row of another key is none of this one", async () => {
  const checked = checkedJournal({ ...memoryJournal(), get: async () => entry("other") });
  await expect(checked.get("k")).rejects.toThrow(/key k .* belongs to another key/);
});

test("the row of a task that cannot be used is told by its key", async () => {
  const checked = checkedJournal({ ...memoryJournal(), findByTask: async () => ({ key: "k" }) as JournalEntry });
  await expect(checked.findByTask(refTo("t"))).rejects.toThrow(/task t .*key k/);
});

test("a journal that is silent has failed, in the time in which its answer would be of use", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const silent = () => new Promise<never>(() => {});
  const journal = checkedJournal({
    ...memoryJournal(),
    begin: silent,
    update: silent,
    get: silent,
    findByTask: silent,
  });
  const calls: { [name: string]: () => Promise<unknown> } = {
    begin: () => journal.begin(entry("k")),
    update: () => journal.update("k", 1, {}),
    get: () => journal.get("k"),
    findByTask: () => journal.findByTask(refTo("t")),
  };
  for (const [name, call] of Object.entries(calls)) {
    const ms = name === "findByTask" ? 5_000 : 10_000;
    const failing = call().catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(ms);
    expect(String(await failing)).toContain(`no answer within ${ms} ms`);
  }
});
