// Rows that cannot be used: none of them keeps another submit from being finished.
import { expect, test } from "vitest";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { accepted, acmeClient, done, request } from "../test/acme.ts";
import { answer } from "../testing/stub-fetch.ts";
import { errorOf } from "../testing/vendor-suite.ts";
import type { ResumeResult } from "./resume.ts";

/** A journal with two accepted submits, whose first row is given as something else. */
async function spoilt(value: unknown): Promise<Journal> {
  const journal = memoryJournal();
  for (const [index, key] of ["a", "b"].entries())
    await acmeClient([answer(200, { id: `t${index}` })], { journal }).client.submit(request, {
      idempotencyKey: key,
    });
  const spoil = (row: JournalEntry | undefined) => (row?.key === "a" ? (value as JournalEntry) : row);
  return {
    ...journal,
    durable: true,
    get: async (key) => spoil(await journal.get(key)),
    findByTask: async (ref) => spoil(await journal.findByTask(ref)),
    async *list(filter) {
      for await (const row of journal.list(filter)) yield spoil(row) as JournalEntry;
    },
  };
}

async function resumed(journal: Journal): Promise<ResumeResult[]> {
  const items: ResumeResult[] = [];
  for await (const item of acmeClient([done], { journal }).client.resume()) items.push(item);
  return items.toSorted((one, two) => (one.idempotencyKey < two.idempotencyKey ? -1 : 1));
}

const named: [string, unknown][] = [
  ["an object with nothing but its key", { key: "a" }],
  ["of a state that only a later version knows", { key: "a", vendor: "acme", state: "paused" }],
  ["without a version", { key: "a", vendor: "acme", state: "accepted", version: null }],
];

test.each(named)("a row that is %s is an item with an error that names its key", async (_what, value) => {
  expect(await resumed(await spoilt(value))).toMatchObject([
    { idempotencyKey: "a", error: { code: "journal", idempotencyKey: "a", message: expect.stringContaining("key a") } },
    { idempotencyKey: "b", task: { id: "t1", state: "succeeded" } },
  ]);
});

test.each([[null], ["text"], [7], [[]]])("a row that is %j is an item with an error", async (value) => {
  expect(await resumed(await spoilt(value))).toMatchObject([
    { error: { code: "journal" } },
    { idempotencyKey: "b", task: { id: "t1", state: "succeeded" } },
  ]);
});

test("a row of another vendor that cannot be used is that vendor's to tell", async () => {
  const items = await resumed(await spoilt({ key: "a", vendor: "other" }));
  expect(items).toMatchObject([{ idempotencyKey: "b" }]);
});

test("a journal that breaks off in the middle: what was read is finished, then the error comes", async () => {
  const journal = memoryJournal();
  await acmeClient([accepted], { journal }).client.submit(request, { idempotencyKey: "a" });
  const broken: Journal = {
    ...journal,
    async *list(filter) {
      for await (const row of journal.list(filter)) {
        yield row;
        throw new Error("the connection is lost");
      }
    },
  };
  const items: ResumeResult[] = [];
  const read = async () => {
    for await (const item of acmeClient([done], { journal: broken }).client.resume()) items.push(item);
  };
  expect(await errorOf(read())).toMatchObject({
    code: "journal",
    message: expect.stringContaining("connection is lost"),
  });
  expect(items).toMatchObject([{ idempotencyKey: "a", task: { state: "succeeded" } }]);
});

test("a submit under a key whose row cannot be used sends nothing, and says why", async () => {
  const { client, posts } = acmeClient([accepted], { journal: await spoilt({ key: "a" }) });
  expect(await errorOf(client.submit(request, { idempotencyKey: "a" }))).toMatchObject({
    code: "journal",
    billed: "no",
    idempotencyKey: "a",
  });
  expect(posts()).toBe(0);
});

test("the same where the row is first met by `begin`", async () => {
  const journal = await spoilt({ key: "a" });
  const { client, posts } = acmeClient([accepted], {
    journal: { ...journal, get: async () => undefined, begin: async () => ({ key: "a" }) as JournalEntry },
  });
  expect(await errorOf(client.submit(request, { idempotencyKey: "a" }))).toMatchObject({
    code: "journal",
    billed: "no",
  });
  expect(posts()).toBe(0);
});

test("a task whose row cannot be used can be asked for, and an alarm says that its end is not journaled", async () => {
  const { client, events } = acmeClient([done], { journal: await spoilt({ key: "a" }) });
  expect(await client.get({ vendor: "acme", model: "acme-1", id: "t0" })).toMatchObject({ state: "succeeded" });
  expect(events).toContainEqual(expect.objectContaining({ type: "alarm", alarm: "journal_failed" }));
});
