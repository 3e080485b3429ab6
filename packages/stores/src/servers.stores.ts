// The stores on real servers: `npm run test:stores`. Nothing is skipped; what is not installed is an error that says so.
import { describeBudget, describeJournal, describeSlots } from "@vidtask/core/testing";
import { Redis } from "ioredis";
import { Pool, type PoolConfig } from "pg";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { redisStore, type Eval } from "./redis.ts";
import { sqlStore, type Query } from "./sql.ts";
import { describeClockAhead } from "./test/clock-ahead.ts";
import { describeLostAnswers } from "./test/lost-answers.ts";
import { startPostgres, startRedis, type Running } from "./test/servers.ts";

const running: Running[] = [];
const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
  for (const server of running) await server.stop();
});

const connect = (port: number): Redis => {
  const redis = new Redis({ port, host: "127.0.0.1" });
  redis.on("error", () => {});
  closing.push(async () => redis.disconnect());
  return redis;
};
const evalOf =
  (redis: Redis): Eval =>
  (script, keys, args) =>
    redis.eval(script, keys.length, ...keys, ...args);

const connectPool = (port: number, more: PoolConfig = {}): Pool => {
  const pool = new Pool({ port, host: "127.0.0.1", user: "postgres", database: "postgres", max: 16, ...more });
  pool.on("error", () => {});
  closing.push(() => pool.end());
  return pool;
};

/** Two in turn, as two processes have them. */
function inTurn<T>(make: () => T): () => T {
  const made: T[] = [];
  return () => {
    const [oldest] = made.length < 2 ? [make()] : made.splice(0, 1);
    made.push(oldest as T);
    return oldest as T;
  };
}

describe("Redis", () => {
  let server: Running;
  beforeAll(async () => {
    server = await startRedis("--appendonly", "yes", "--appendfsync", "always");
    running.push(server);
  }, 60_000);
  const next = inTurn(() => connect(server.port));
  const open = () => redisStore(evalOf(next()), { durability: "always" });
  describeLostAnswers((wire) => {
    const run = evalOf(next());
    return redisStore((...call) => wire(() => run(...call)), { durability: "always" });
  });
  describeJournal(() => open().journal, { test });
  describeSlots(() => open().slots, { test });
  describeClockAhead(open);
  describeBudget(() => open().budget, { test });
});

describe("Postgres", () => {
  let server: Running;
  const nextPool = inTurn(() => connectPool(server.port));
  beforeAll(async () => {
    server = await startPostgres();
    running.push(server);
    await sqlStore(queryOf(nextPool()), { dialect: "postgres" }).migrate();
  }, 60_000);
  const queryOf =
    (pool: Pool): Query =>
    async (sql, values) =>
      (await pool.query(sql, values)).rows as Record<string, unknown>[];
  const open = () => sqlStore(queryOf(nextPool()), { dialect: "postgres" });
  describeLostAnswers((wire) => {
    const query = queryOf(nextPool());
    return sqlStore((...call) => wire(() => query(...call)), { dialect: "postgres" });
  });
  describeJournal(() => open().journal, { test });
  describeSlots(() => open().slots, { test, ordered: false });
  describeClockAhead(open);
  describeBudget(() => open().budget, { test });

  describe("through postgres.js", () => {
    let sql: postgres.Sql;
    beforeAll(() => {
      sql = postgres({ port: server.port, host: "127.0.0.1", user: "postgres", database: "postgres", max: 8 });
      closing.push(() => sql.end());
    });
    const open = () => sqlStore(async (text, values) => sql.unsafe(text, values), { dialect: "postgres" });
    describeJournal(() => open().journal, { test });
    describeSlots(() => open().slots, { test, ordered: false });
    describeBudget(() => open().budget, { test });
  });

  test("with synchronous_commit off is refused, with the reason", async () => {
    const pool = connectPool(server.port, { options: "-c synchronous_commit=off" });
    const { journal } = sqlStore(queryOf(pool), { dialect: "postgres" });
    await expect(journal.begin({} as never)).rejects.toThrow("synchronous_commit is off");
  });
});
