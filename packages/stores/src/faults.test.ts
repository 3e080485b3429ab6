// What databases, drivers and options can do wrong, and what is said of it.
import { DatabaseSync } from "node:sqlite";
import { memoryJournal, type JournalEntry } from "@vidtask/core";
import { describe, expect, onTestFinished, test } from "vitest";
import { redisStore, type Eval, type RedisStoreOptions } from "./redis.ts";
import { sqlStore, type Query, type SqlStoreOptions } from "./sql.ts";

const AT = "2026-01-01T00:00:00.000Z";
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
  createdAt: AT,
  updatedAt: AT,
  ...more,
});
const never: Query = async () => [];

function sqlite() {
  const db = new DatabaseSync(":memory:");
  onTestFinished(() => db.close());
  const seen: string[] = [];
  const query: Query = async (sql, values) => {
    seen.push(sql);
    return db.prepare(sql).all(...values);
  };
  return { db, seen, query, store: sqlStore(query, { dialect: "sqlite" }) };
}

describe("SQL", () => {
  test.each<{ what: string; query: unknown; options: unknown; says: string }>([
    { what: "no options", query: never, options: undefined, says: "dialect" },
    { what: "an unknown dialect", query: never, options: { dialect: "mysql" }, says: "dialect" },
    { what: "a pool in place of a function", query: {}, options: { dialect: "postgres" }, says: "query" },
    { what: "a table with a quote", query: never, options: { dialect: "sqlite", table: 'a"b' }, says: "table" },
    { what: "an empty table", query: never, options: { dialect: "sqlite", table: "" }, says: "table" },
    { what: "a table in a schema", query: never, options: { dialect: "postgres", table: "a.b" }, says: "table" },
  ])("$what is refused where it is given", ({ query, options, says }) => {
    expect(() => sqlStore(query as Query, options as SqlStoreOptions)).toThrow(says);
  });

  test("without tables every door is closed, and says what to run", async () => {
    const { journal, slots, budget } = sqlite().store;
    const ask = { account: "a", holder: "k", limit: 1, forMs: 1_000 };
    for (const call of [journal.begin(entry("k")), slots.take(ask), budget.reserve("a", "k", 1, 1, "x")])
      await expect(call).rejects.toThrow("migrate()");
  });

  test("a database of another dialect is told apart, before and after it has tables", async () => {
    const { query, store } = sqlite();
    const other = sqlStore(query, { dialect: "postgres" });
    const says = "does not speak the dialect postgres";
    await expect(other.migrate()).rejects.toThrow(says);
    await store.migrate();
    await expect(other.journal.begin(entry("k"))).rejects.toThrow(says);
    await expect(other.slots.take({ account: "a", holder: "k", limit: 1, forMs: 1 })).rejects.toThrow(says);
  });

  test("tables that come later are seen by the same store", async () => {
    const { store } = sqlite();
    await expect(store.journal.begin(entry("k"))).rejects.toThrow();
    await store.migrate();
    expect(await store.journal.begin(entry("k"))).toBeUndefined();
  });

  test.each([
    { version: 2, says: "upgrade @vidtask/stores" },
    { version: 0, says: "run migrate()" },
  ])("tables of version $version begin nothing: $says", async ({ version, says }) => {
    const { db, query, store } = sqlite();
    await store.migrate();
    db.exec(`UPDATE video_submits_schema SET version = ${version}`);
    const { journal } = sqlStore(query, { dialect: "sqlite" });
    await expect(journal.begin(entry("k"))).rejects.toThrow(says);
    expect(await journal.get("k")).toBeUndefined();
  });

  test("tables of a newer version are not migrated back", async () => {
    const { db, store } = sqlite();
    await store.migrate();
    db.exec("UPDATE video_submits_schema SET version = 9");
    await expect(store.migrate()).rejects.toThrow("upgrade");
    expect(db.prepare("SELECT version FROM video_submits_schema").get()).toEqual({ version: 9 });
  });

  test.each([undefined, null, {}, { rows: [] }, "ok", 1])(
    "a query function that gives %j is told what to give",
    async (answer) => {
      const { journal } = sqlStore((async () => answer) as unknown as Query, { dialect: "postgres" });
      await expect(journal.get("k")).rejects.toThrow("array of rows");
    },
  );

  test("a driver that gives numbers as strings changes nothing", async () => {
    const { query, store } = sqlite();
    await store.migrate();
    const text = (value: unknown) => (typeof value === "number" ? String(value) : value);
    const asText: Query = async (sql, values) =>
      (await query(sql, values)).map((row) =>
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, text(value)])),
      );
    const { journal, slots, budget } = sqlStore(asText, { dialect: "sqlite" });
    for (let n = 0; n < 450; n++) await journal.begin(entry(`k${n}`));
    expect(await journal.update("k0", 1, { state: "sending" })).toMatchObject({ version: 2 });
    const keys = new Set<string>();
    for await (const { key } of journal.list()) keys.add(key);
    expect(keys.size).toBe(450);
    expect(await slots.pass("a", 1)).toBe(0);
    expect(await slots.pass("a", 1)).toBeGreaterThan(50_000);
    await budget.reserve("a", "k", 0.25, 1, "x");
    expect(await budget.reserve("a", "l", 1, 1, "x")).toEqual({ ok: false, reservedUsd: 0.25 });
  });

  test("a question without an answer is an error, and no slot and no money", async () => {
    const answers: Query = async (sql) => (sql.includes("_schema") ? [{ version: 1, sync: "on" }] : []);
    const { slots, budget } = sqlStore(answers, { dialect: "postgres" });
    await expect(slots.take({ account: "a", holder: "k", limit: 1, forMs: 1 })).rejects.toThrow("no answer");
    await expect(budget.reserve("a", "k", 1, 1, "x")).rejects.toThrow("no answer");
  });

  test("a Postgres that forgets what it acknowledged is refused, with the reason", async () => {
    const { journal } = sqlStore(async () => [{ version: 1, sync: "off" }], { dialect: "postgres" });
    await expect(journal.begin(entry("k"))).rejects.toThrow("synchronous_commit is off");
  });

  test("a damaged row is an error that does not show it", async () => {
    const { db, store } = sqlite();
    await store.migrate();
    await store.journal.begin(entry("k"));
    db.exec("UPDATE video_submits SET entry = 'my prompt {'");
    const error = await store.journal.get("k").catch((thrown: unknown) => String(thrown));
    expect(error).toContain("damaged");
    expect(error).not.toContain("prompt");
    await store.journal.begin(entry("l"));
    const listed: unknown[] = [];
    for await (const { key, error } of store.journal.list()) listed.push([key, error]);
    expect(listed).toEqual([
      ["k", "the row of key k cannot be used: it is not JSON"],
      ["l", undefined],
    ]);
  });

  test("a damaged row does not end a list: it is an item that names its key and shows nothing of it", async () => {
    const { db, store } = sqlite();
    await store.migrate();
    for (const key of ["a", "b", "c"]) await store.journal.begin(entry(key));
    db.exec("UPDATE video_submits SET entry = 'my prompt {' WHERE key = 'b'");
    for (const filter of [{}, { state: ["begun" as const] }]) {
      const rows: JournalEntry[] = [];
      for await (const row of store.journal.list(filter)) rows.push(row);
      expect(rows.map(({ key }) => key)).toEqual(["a", "b", "c"]);
      expect(rows.map(({ error }) => error)).toEqual([undefined, expect.stringContaining("key b"), undefined]);
      expect(JSON.stringify(rows)).not.toContain("my prompt");
    }
  });

  test("its clock is the database's", async () => {
    const query: Query = async (sql) => [{ now: sql.includes("clock_timestamp()") ? "1800000000000.5" : 0 }];
    expect(await sqlStore(query, { dialect: "postgres" }).journal.now?.()).toBe(1_800_000_000_000.5);
  });

  test("with the row that it starts from an update is one statement", async () => {
    const { seen, store } = sqlite();
    await store.migrate();
    const first = entry("k");
    await store.journal.begin(first);
    const count = seen.length;
    await store.journal.update("k", 1, { state: "sending" }, first);
    expect(seen.length - count).toBe(1);
  });

  test("a listing of open rows goes through their index, however many have ended", async () => {
    const { db, seen, store } = sqlite();
    await store.migrate();
    for await (const _ of store.journal.list({ state: ["begun", "sending", "accepted", "unknown"] })) break;
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${seen.at(-1)}`).all(...Array<null>(12).fill(null));
    const steps = plan.map((row) => String(row["detail"])).filter((step) => step.includes("video_submits"));
    expect(steps).toHaveLength(4);
    for (const step of steps) expect(step).toMatch(/SEARCH .*video_submits_by_state \(state=\? AND seq>\?\)/);
  });

  test("pruning takes what has ended before, its budgets by day and month, and nothing else", async () => {
    const { store } = sqlite();
    await store.migrate();
    const { journal, budget } = store;
    const late = "2026-02-01T00:00:00.000Z";
    for (const state of ["begun", "accepted", "unknown", "succeeded", "failed", "refused", "lost"] as const) {
      await journal.begin(entry(`old ${state}`, { state }));
      await journal.begin(entry(`new ${state}`, { state, updatedAt: late }));
    }
    for (const period of ["2026-01-01", "2026-01-20", "2026-01", "batch"])
      await budget.reserve("a", period, 1, 1, period);
    expect(await journal.prune({ before: "2026-01-15" })).toBe(4);
    const keys: string[] = [];
    for await (const { key } of journal.list()) keys.push(key);
    expect(keys).toHaveLength(10);
    const isFull = async (period: string) => !(await budget.reserve("a", `new ${period}`, 1, 1, period)).ok;
    const full = [];
    for (const period of ["2026-01-01", "2026-01-20", "2026-01", "batch"]) full.push(await isFull(period));
    expect(full).toEqual([false, true, true, true]);
    await expect(journal.prune({ before: "yesterday" })).rejects.toThrow();
    await expect(journal.prune({} as never)).rejects.toThrow();
  });

  test("two tables of one database do not meet", async () => {
    const { query, store } = sqlite();
    const other = sqlStore(query, { dialect: "sqlite", table: "other" });
    for (const { migrate } of [store, other]) await migrate();
    await store.journal.begin(entry("k"));
    expect(await other.journal.get("k")).toBeUndefined();
    expect(await other.journal.begin(entry("k"))).toBeUndefined();
  });

  test("rows are moved from another journal as they are", async () => {
    const { store } = sqlite();
    await store.migrate();
    const old = memoryJournal();
    await old.begin(entry("k", { state: "accepted", version: 7, ref: { vendor: "acme", model: "acme-1", id: "t1" } }));
    for (let n = 0; n < 2; n++) for await (const row of old.list()) await store.journal.begin(row);
    expect(await store.journal.get("k")).toEqual(await old.get("k"));
  });
});

describe("Redis", () => {
  const info =
    (text: string): Eval =>
    async (script) =>
      script.includes("INFO") ? text : null;

  test.each<{ what: string; run: unknown; options: unknown; says: string }>([
    { what: "no options", run: info(""), options: undefined, says: "durability" },
    { what: "no durability", run: info(""), options: {}, says: "durability" },
    { what: "an unknown durability", run: info(""), options: { durability: "everysec" }, says: "durability" },
    {
      what: "no replica",
      run: info(""),
      options: { durability: { replicas: 0, wait: async () => 0 } },
      says: "durability",
    },
    { what: "replicas without wait", run: info(""), options: { durability: { replicas: 1 } }, says: "durability" },
    { what: "a client in place of a function", run: {}, options: { durability: "none" }, says: "function" },
    { what: "a prefix with a brace", run: info(""), options: { durability: "none", prefix: "a}" }, says: "prefix" },
  ])("$what is refused where it is given", ({ run, options, says }) => {
    expect(() => redisStore(run as Eval, options as RedisStoreOptions)).toThrow(says);
  });

  test("only what is stated to be durable says so", () => {
    const durable = (durability: RedisStoreOptions["durability"]) =>
      redisStore(info(""), { durability }).journal.durable;
    expect(durable("none")).toBeUndefined();
    for (const durability of ["always", "synchronous", { replicas: 1, wait: async () => 1 }] as const)
      expect(durable(durability)).toBe(true);
  });

  test.each([
    {
      what: "evicts keys",
      says: "evicts",
      text: "maxmemory:1000\r\nmaxmemory_policy:allkeys-lru\r\naof_enabled:1\r\n",
    },
    {
      what: "has no append-only file",
      says: "append-only",
      text: "maxmemory:0\r\nmaxmemory_policy:noeviction\r\naof_enabled:0\r\n",
    },
  ])("one that $what begins nothing", async ({ text, says }) => {
    const { journal } = redisStore(info(text), { durability: "always" });
    await expect(journal.begin(entry("k"))).rejects.toThrow(says);
  });

  test("a damaged row does not end a list: it is an item that names its key", async () => {
    const page = ["2", "a", JSON.stringify(entry("a")), "b", "my prompt {"];
    const run: Eval = async (script) => (script.includes("ZRANGEBYSCORE") ? page : null);
    const rows: JournalEntry[] = [];
    for await (const row of redisStore(run, { durability: "none" }).journal.list()) rows.push(row);
    expect(rows).toMatchObject([{ key: "a" }, { key: "b", error: expect.stringContaining("key b") }]);
    expect(JSON.stringify(rows)).not.toContain("my prompt");
  });

  test("the newest come first, from the other end, where that is asked for", async () => {
    const asked: [string, unknown][] = [];
    const run: Eval = async (script, _, ...args) => {
      asked.push([script.includes("ZREVRANGEBYSCORE") ? "back" : "forth", args.flat()]);
      return [""];
    };
    const { journal } = redisStore(run, { durability: "none" });
    for await (const _ of journal.list({ state: ["lost"], newestFirst: true }));
    for await (const _ of journal.list({ state: ["lost"] }));
    expect(asked.map(([way]) => way)).toEqual(["back", "forth"]);
    expect(JSON.stringify(asked[0])).toContain("+inf");
  });

  test("its clock is the server's", async () => {
    const run: Eval = async (script) => (script.includes("'TIME'") ? "1800000000000.500" : null);
    expect(await redisStore(run, { durability: "none" }).journal.now?.()).toBe(1_800_000_000_000.5);
  });

  test("a write that the replicas do not have has failed, and so has what is read after it until they have it", async () => {
    let replicas = 0;
    const stored = JSON.stringify(entry("k"));
    const run: Eval = async (script) => (script.includes("write(key") ? null : script.includes("'e'") ? stored : "");
    const { journal } = redisStore(run, { durability: { replicas: 2, wait: async () => replicas } });
    await expect(journal.begin(entry("k"))).rejects.toThrow("0 of 2 replicas");
    replicas = 1;
    await expect(journal.get("k")).rejects.toThrow("1 of 2 replicas");
    replicas = 2;
    expect(await journal.get("k")).toEqual(entry("k"));
  });

  test.each([null, "?", undefined])("an answer that is %j gives no slot and no money", async (answer) => {
    const { slots, budget } = redisStore(async () => answer, { durability: "none" });
    await expect(slots.take({ account: "a", holder: "k", limit: 1, forMs: 1 })).rejects.toThrow("no answer");
    await expect(budget.reserve("a", "k", 1, 1, "x")).rejects.toThrow("no answer");
  });
});
