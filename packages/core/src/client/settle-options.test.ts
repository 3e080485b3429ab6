// What `settleSubmit` is given, with what it may not be: refused before the journal is asked.
import { expect, test } from "vitest";
import { memoryJournal } from "../journal/memory-journal.ts";
import { blamed, issuesOf, rows } from "../test/wrong-values.ts";
import { errorOf } from "../testing/vendor-suite.ts";
import { settleSubmit } from "./settle.ts";

const right = { journal: memoryJournal(), key: "k", outcome: "lost", options: {} };
const settle = (change: Record<string, unknown>) => {
  const { journal, key, outcome, options } = { ...right, ...change };
  return settleSubmit(journal as never, key, outcome as never, options);
};
const thrown = async (change: Record<string, unknown>) => errorOf(settle(change));

test.each(rows("journal", [undefined, null, new Map(), {}, "journal.db", 7]))(
  "the journal $value is refused",
  async ({ value }) => {
    expect(blamed(await thrown({ journal: value }))).toEqual(["journal"]);
  },
);

test.each(rows("key", [undefined, null, "", 7, {}]))("the key $value is refused", async ({ value }) => {
  expect(blamed(await thrown({ key: value }))).toEqual(["idempotencyKey"]);
});

const wrongOutcomes = [undefined, null, "Lost", "lost ", "", "a:b", 7, true, {}, [], { vendor: "acme" }];
test.each(rows("outcome", wrongOutcomes))("the outcome $value is refused", async ({ value }) => {
  expect(blamed(await thrown({ outcome: value }))).toEqual(["outcome"]);
});

test.each([...rows("force", ["yes", 1, 0, {}]), ...rows("client", [{}, "acme", 7, []]), ...rows("forced", [true])])(
  "the option $option: $value is refused",
  async ({ option, value }) => {
    expect(blamed(await thrown({ options: { [option]: value } }))).toEqual([option]);
  },
);

test.each(["force", 7, []])("options that are %j are refused", async (options) => {
  expect(blamed(await thrown({ options }))).toEqual(["options"]);
});

test("a part of the ref that is missing is named where it was given", async () => {
  const [first] = issuesOf(await thrown({ outcome: { vendor: "acme", model: "acme-1" } }));
  expect(first).toMatchObject({ path: "outcome.id", message: "is required: a non-empty string" });
});

test("everything that is wrong is said at once", async () => {
  const error = await thrown({ journal: {}, key: "", outcome: 7, options: { force: "yes", forced: 1 } });
  expect(blamed(error)).toEqual(["journal", "idempotencyKey", "outcome", "forced", "force"]);
});

test("null for its options is the same as nothing", async () => {
  const error = await thrown({ options: null });
  expect(issuesOf(error)[0]?.rule).toBe("a key of the journal");
});
