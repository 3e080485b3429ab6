// The SQL store on databases that need no server: PGlite, which is Postgres in WebAssembly, and SQLite.
import { DatabaseSync } from "node:sqlite";
import { setFlagsFromString } from "node:v8";
import { PGlite } from "@electric-sql/pglite";
import { describeBudget, describeJournal, describeSlots } from "@vidtask/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sqlStore, type Query, type SqlStoreOptions } from "./sql.ts";
import { describeClockAhead } from "./test/clock-ahead.ts";
import { describeLostAnswers } from "./test/lost-answers.ts";

type Kind = { name: string; dialect: SqlStoreOptions["dialect"]; query: Query };

setFlagsFromString("--liftoff-only"); // Postgres runs for seconds: to optimize its code costs more than it gives
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

  test("the newest come first, page by page, where that is asked for", async () => {
    const { journal } = open();
    const keys = Array.from({ length: 205 }, (_, n) => `newest ${n}`);
    const [time, about] = [new Date(0).toISOString(), { vendor: "v", model: "m", account: "a", request: {} }];
    const row = { ...about, requestHash: "h", version: 1, attempt: 1, createdAt: time, updatedAt: time };
    for (const key of keys) await journal.begin({ ...row, state: "lost", key });
    const listed: string[] = [];
    for await (const { key } of journal.list({ state: ["lost", "refused"], newestFirst: true }))
      if (key.startsWith("newest ")) listed.push(key);
    expect(listed).toEqual(keys.toReversed());
  });

  test("migrating again changes nothing", async () => {
    const { migrate, budget } = open();
    await budget.reserve("kept", "a", 1, 1, "x");
    await migrate();
    expect(await budget.reserve("kept", "b", 1, 1, "x")).toEqual({ ok: false, reservedUsd: 1 });
  });
});

test("in Postgres a listing of open rows goes through their index, however many have ended", async () => {
  const seen: string[] = [];
  const query: Query = async (sql, values) => (seen.push(sql), (await lite.query<object>(sql, values)).rows as never);
  const { journal, migrate } = sqlStore(query, { dialect: "postgres", table: "many" });
  await migrate();
  // So many that Postgres knows better than to read them all.
  await lite.query(`INSERT INTO many (key, version, state, updated_at, entry) SELECT 'k' || n, 1,
    CASE WHEN n % 100 = 0 THEN 'accepted' ELSE 'succeeded' END, '2026-01-01', '{}' FROM generate_series(1, 3000) AS n`);
  await lite.query("ANALYZE many");
  const listed: string[] = [];
  for await (const { key } of journal.list({ state: ["begun", "sending", "accepted", "unknown"] })) listed.push(key);
  expect(listed).toHaveLength(30);
  const { rows } = await lite.query<{ "QUERY PLAN": string }>(`EXPLAIN ${seen.at(-1)}`, [
    0,
    "",
    "begun",
    "sending",
    "accepted",
    "unknown",
  ]);
  const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
  expect(plan).not.toContain("Seq Scan");
  expect(plan.match(/Index Scan (using|on) many_by_state/g)).toHaveLength(4);
});
