import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, test } from "vitest";
import { describeBudget } from "../testing/describe-budget.ts";
import { describeSlots } from "../testing/describe-slots.ts";
import { sqliteJournal } from "./sqlite-journal.ts";

const folder = mkdtempSync(join(tmpdir(), "vidtask-"));
const file = join(folder, "videos.db");
const opened: { close(): void }[] = [];
const open = (path = file) => {
  const journal = sqliteJournal(path);
  opened.push(journal);
  return journal;
};
afterAll(() => {
  for (const journal of opened) journal.close();
  rmSync(folder, { recursive: true });
});

describeSlots(() => open().slots, { test, ordered: false });
describeBudget(() => open().budget, { test });

test("a file that an earlier version made has them too", async () => {
  const path = join(folder, "earlier.db");
  sqliteJournal(path).close();
  const db = new DatabaseSync(path);
  db.exec("DROP TABLE slots; DROP TABLE reserved; DROP TABLE spent");
  db.close();
  const { slots, budget } = open(path);
  expect(await slots.take({ account: "a", holder: "k", limit: 1, forMs: 1e6 })).toEqual({ ok: true });
  expect(await budget.reserve("a", "k", 1, 1, "x")).toEqual({ ok: true });
});

test("after close every call says that it is closed", async () => {
  const journal = sqliteJournal(file);
  journal.close();
  await expect(journal.slots.pass("a", 1)).rejects.toThrow("closed");
  await expect(journal.budget.release("a", "k")).rejects.toThrow("closed");
});
