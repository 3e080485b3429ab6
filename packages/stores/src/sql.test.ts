// The SQL store on databases that need no server: PGlite, which is Postgres in WebAssembly, and SQLite.
import { DatabaseSync } from "node:sqlite";
import { PGlite } from "@electric-sql/pglite";
import { describeBudget, describeJournal, describeSlots } from "@vidtask/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sqlStore, type Query, type SqlStoreOptions } from "./sql.ts";
import { describeClockAhead } from "./test/clock-ahead.ts";
import { describeLostAnswers } from "./test/lost-answers.ts";

type Kind = { name: string; dialect: SqlStoreOptions["dialect"]; query: Query };

const lite = new PGlite();
const file = new DatabaseSync(":memory:");
afterAll(async () => {
  await lite.close();
  file.close();
});

const kinds: Kind[] = [
  {
    name: "PGlite",
    dialect: "postgres",
    query: async (sql, values) => (await lite.query<Record<string, unknown>>(sql, values)).rows,
  },
  { name: "SQLite", dialect: "sqlite", query: async (sql, values) => file.prepare(sql).all(...values) },
];

describe.each(kinds)("$name", ({ dialect, query }) => {
  const open = () => sqlStore(query, { dialect });
  beforeAll(() => open().migrate(), 60_000);
  describeJournal(() => open().journal, { test });
  describeSlots(() => open().slots, { test, ordered: false });
  if (dialect === "sqlite") describeClockAhead(open);
  describeBudget(() => open().budget, { test });

  describeLostAnswers((wire) => sqlStore((sql, values) => wire(() => query(sql, values)), { dialect }));

  test("migrating again changes nothing", async () => {
    const { migrate, budget } = open();
    await budget.reserve("kept", "a", 1, 1, "x");
    await migrate();
    expect(await budget.reserve("kept", "b", 1, 1, "x")).toEqual({ ok: false, reservedUsd: 1 });
  });
});
