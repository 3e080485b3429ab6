// What a journal's own calls are given, with what it may not be.
import { expect, test } from "vitest";
import { blamed, rows } from "../test/wrong-values.ts";
import { errorOf } from "../testing/vendor-suite.ts";
import type { JournalEntry } from "./journal.ts";
import { checkPrune } from "./list-options.ts";
import { memoryJournal } from "./memory-journal.ts";

const list = async (filter: unknown) => {
  const found: JournalEntry[] = [];
  for await (const entry of memoryJournal().list(filter as never)) found.push(entry);
  return found;
};

const wrong = [
  ...rows("state", ["accepted", 7, {}, ["acepted"], [7], [["begun"]]]),
  ...rows("since", ["yesterday", "", 0, Number.NaN, new Date(), {}]),
  ...rows("states", [["begun"]]),
  ...rows("options", ["accepted", 7, []]),
];
test.each(wrong)("a list with $option: $value is refused", async ({ option, value }) => {
  expect(blamed(await errorOf(list(option === "options" ? value : { [option]: value })))).toEqual([option]);
});

test.each([undefined, null, {}, { state: null, since: null }, { state: [] }])("a list takes %j", async (filter) => {
  expect(await list(filter)).toEqual([]);
});

test("a list takes a time in any zone", async () => {
  const journal = memoryJournal();
  const entry = { key: "k", state: "begun", updatedAt: "2026-02-01T00:30:00.000Z" } as JournalEntry;
  await journal.begin(entry);
  const since = async (time: string) => {
    for await (const { key } of journal.list({ since: time })) return key;
    return undefined;
  };
  expect(await since("2026-02-01T01:00:00+01:00")).toBe("k");
  expect(await since("2026-02-01T02:00:00+01:00")).toBeUndefined();
});

const prune = (options: unknown) => async () => checkPrune(options as never);

test.each(rows("before", [undefined, null, "yesterday", "", 0, Number.NaN, new Date(), {}]))(
  "prune with $option: $value is refused",
  async ({ option, value }) => {
    expect(blamed(await errorOf(prune({ [option]: value })()))).toEqual(["before"]);
  },
);

test("prune without options, or with another name, is refused", async () => {
  expect(blamed(await errorOf(prune(undefined)()))).toEqual(["before"]);
  expect(blamed(await errorOf(prune({ until: "2026-01-01" })()))).toEqual(["until", "before"]);
});
