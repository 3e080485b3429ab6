// A primary that is cut off from its replica, which is then promoted: what is acknowledged and forgotten is paid for twice.
import { createAPIModels } from "@vidtask/apimodels";
import type { Journal } from "@vidtask/core";
import { createEmulator } from "@vidtask/emulator";
import { Redis } from "ioredis";
import { Pool } from "pg";
import { afterAll, expect, test } from "vitest";
import { redisStore, type RedisStoreOptions } from "./redis.ts";
import { sqlStore } from "./sql.ts";
import { startPostgres, startRedis, startStandby, type Running } from "./test/servers.ts";

const running: Running[] = [];
const connections: Redis[] = [];
const pools: Pool[] = [];
afterAll(async () => {
  for (const pool of pools) void pool.end(); // some wait for a primary that waits
  for (const connection of connections) connection.disconnect();
  for (const server of running) await server.stop();
});

const connect = (port: number): Redis => {
  const redis = new Redis({ port, host: "127.0.0.1" });
  redis.on("error", () => {});
  connections.push(redis);
  return redis;
};
async function start(...more: string[]): Promise<Redis> {
  const server = await startRedis("--appendonly", "yes", "--repl-diskless-sync-delay", "0", ...more);
  running.push(server);
  return connect(server.port);
}

async function pair(): Promise<{ primary: Redis; replica: Redis }> {
  const primary = await start();
  const replica = await start("--replicaof", "127.0.0.1", String(primary.options.port));
  for (const until = Date.now() + 20_000; !/master_link_status:up/.test(await replica.info("replication"));) {
    expect(Date.now()).toBeLessThan(until);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { primary, replica };
}

function vendor() {
  const emulator = createEmulator({ clock: "real", vendors: ["apimodels"] });
  const submitTo = (journal: Journal, key: string) => {
    const client = createAPIModels({ ...emulator.for("apimodels"), journal });
    const request = { model: "kling-v2-6", prompt: "a waterfall" } as const;
    return client.submit(request, { idempotencyKey: key, submitTimeout: 0 }).catch((error: unknown) => error);
  };
  return { submitTo, ledger: () => emulator.ledger };
}

const durabilities: { what: string; of: (redis: Redis) => RedisStoreOptions["durability"]; charges: number }[] = [
  { what: "without WAIT", of: () => "always", charges: 7 },
  {
    what: "with WAIT for the replica",
    of: (redis) => ({ replicas: 1, wait: (replicas, ms) => redis.wait(replicas, ms) }),
    charges: 4,
  },
];

test.each(durabilities)(
  "four keys over a failover, $what: $charges charges",
  { timeout: 60_000 },
  async ({ of, charges }) => {
    const { primary, replica } = await pair();
    const journalOn = (redis: Redis): Journal =>
      redisStore((script, keys, args) => redis.eval(script, keys.length, ...keys, ...args), { durability: of(redis) })
        .journal;
    const { submitTo, ledger } = vendor();
    const onPrimary = journalOn(primary);
    await submitTo(onPrimary, "before");
    await primary.wait(1, 5_000);

    await replica.replicaof("NO", "ONE"); // cut off, and promoted
    for (const key of ["a", "b", "c"]) await submitTo(onPrimary, key); // a process that has not noticed
    // The new primary promises nothing more than it has: it is alone.
    const onReplica = redisStore((script, keys, args) => replica.eval(script, keys.length, ...keys, ...args), {
      durability: "always",
    }).journal;
    for (const key of ["before", "a", "b", "c"]) await submitTo(onReplica, key);
    expect(ledger().filter(({ kind }) => kind === "charge")).toHaveLength(charges);
  },
);

const standbys = [
  { what: "that may lag", names: "", charges: 7 },
  { what: "that is synchronous", names: "*", charges: 4 },
];
test.each(standbys)(
  "four keys over the failover of a Postgres to a standby $what: $charges charges",
  { timeout: 180_000 },
  async ({ names, charges }) => {
    const primary = await startPostgres();
    running.push(primary);
    const standby = await startStandby(primary);
    running.push(standby);
    const open = ({ port }: Running) => {
      const pool = new Pool({ port, host: "127.0.0.1", user: "postgres", database: "postgres" });
      pool.on("error", () => {});
      pools.push(pool);
      const store = sqlStore(async (sql, values) => (await pool.query(sql, values)).rows, { dialect: "postgres" });
      return { pool, ...store };
    };
    const onPrimary = open(primary);
    await onPrimary.migrate();
    await onPrimary.pool.query(`ALTER SYSTEM SET synchronous_standby_names = '${names}'`);
    await onPrimary.pool.query("SELECT pg_reload_conf()");
    const { submitTo, ledger } = vendor();
    await submitTo(onPrimary.journal, "before");
    const isBehind = "SELECT 1 FROM pg_stat_replication WHERE replay_lsn < pg_current_wal_lsn()";
    while ((await onPrimary.pool.query(isBehind)).rows.length > 0)
      await new Promise((resolve) => setTimeout(resolve, 50));

    const onStandby = open(standby);
    await onStandby.pool.query("SELECT pg_promote()");
    for (const key of ["a", "b", "c"]) await submitTo(onPrimary.journal, key); // a process that has not noticed
    for (const key of ["before", "a", "b", "c"]) await submitTo(onStandby.journal, key);
    expect(ledger().filter(({ kind }) => kind === "charge")).toHaveLength(charges);
  },
);
