// What a journal in a file is given, with what it may not be: refused where it is opened.
import { expect, test } from "vitest";
import { thrownBy } from "../test/thrown-by.ts";
import { blamed, rows } from "../test/wrong-values.ts";
import { sqliteJournal } from "./sqlite-journal.ts";

const open = (path: unknown, options?: unknown) => sqliteJournal(path as string, options as never);

test.each(rows("path", [undefined, null, "", 7, {}, ":memory:", "file:x.db?mode=memory", "a\u0000b", ["x.db"]]))(
  "the path $value is refused",
  ({ value }) => {
    expect(blamed(thrownBy(() => open(value)))).toEqual(["path"]);
  },
);

test.each([...rows("prompts", ["no", 0, {}]), ...rows("prompt", [false]), ...rows("durable", [true])])(
  "$option: $value is refused",
  ({ option, value }) => {
    expect(blamed(thrownBy(() => open("journal.db", { [option]: value })))).toEqual([option]);
  },
);

test.each(["no", 7, []])("options that are %j are refused", (options) => {
  expect(blamed(thrownBy(() => open("journal.db", options)))).toEqual(["options"]);
});

test("a journal in memory is asked for by its own function", () => {
  expect(() => open(":memory:")).toThrow("memoryJournal()");
});
