// `npm run bench failover`: how many acknowledged rows a database forgets when it fails, each of them a video that may be paid for twice.
import { spawn } from "node:child_process";
import { redisStore, type RedisStoreOptions } from "@vidtask/stores/redis";
import { sqlStore, type Query } from "@vidtask/stores/sql";
import { Redis } from "ioredis";
import { startPostgres, startRedis, type Running } from "../../stores/src/test/servers.ts";
import { missingIn, write } from "./failover/writes.ts";
import { onInterrupt } from "./progress.ts";
import { HOST, postgresPool, queryOf } from "./stores/clients.ts";
import { setUpDatabases, started } from "./stores/databases.ts";
import { printTable, save } from "./tables.ts";

type Found = { name: string; acknowledged: number; refused: number; lost: number; isSafe: boolean };
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export async function benchFailover({ isQuick = false } = {}): Promise<number> {
  setUpDatabases();
  const ms = isQuick ? 500 : 2_000;
  const withWait = (redis: Redis): RedisStoreOptions["durability"] => ({
    replicas: 1,
    wait: (replicas, timeout) => redis.wait(replicas, timeout),
  });
  const scenes = [
    { name: "Redis, a replica is promoted, no WAIT", isSafe: false, run: () => promoted(() => "always", ms) },
    { name: "Redis, a replica is promoted, WAIT 1", isSafe: true, run: () => promoted(withWait, ms) },
    { name: "Postgres stops at once, synchronous_commit off", isSafe: false, run: () => stopped("off", ms) },
    { name: "Postgres stops at once, synchronous_commit on", isSafe: true, run: () => stopped("on", ms) },
  ];
  const found: Found[] = [];
  for (const { name, isSafe, run } of scenes) {
    console.log(`  ${name}`);
    found.push({ name, isSafe, ...(await run()) });
  }
  const cells = ({ name, acknowledged, refused, lost }: Found) => [name, ...[acknowledged, refused, lost].map(String)];
  printTable("Rows of a journal over a failure", ["", "acknowledged", "refused", "forgotten"], found.map(cells));
  save("failover", found);
  const broken = found.filter(({ isSafe, acknowledged, lost }) => acknowledged === 0 || (isSafe && lost > 0));
  for (const { name, lost } of broken) console.log(`Not as promised: ${name}: ${lost} rows are forgotten`);
  return broken.length === 0 ? 0 : 1;
}

/** A primary is cut off from its replica, which is promoted; a process that has not noticed goes on for a while. */
async function promoted(durabilityOf: (redis: Redis) => RedisStoreOptions["durability"], ms: number) {
  const servers: Running[] = [];
  const connections: Redis[] = [];
  const start = async (...more: string[]): Promise<Redis> => {
    const server = await started(startRedis("--appendonly", "yes", "--repl-diskless-sync-delay", "0", ...more));
    servers.push(server);
    const redis = new Redis({ port: server.port, host: HOST });
    redis.on("error", () => {});
    connections.push(redis);
    return redis;
  };
  const journalOn = (redis: Redis, durability: RedisStoreOptions["durability"]) =>
    redisStore((script, keys, args) => redis.eval(script, keys.length, ...keys, ...args), { durability }).journal;
  try {
    const primary = await start();
    const replica = await start("--replicaof", HOST, String(primary.options.port));
    while (!/master_link_status:up/.test(await replica.info("replication"))) await pause(50);
    const writing = write(journalOn(primary, durabilityOf(primary)));
    await pause(ms);
    await replica.replicaof("NO", "ONE");
    await pause(ms / 4);
    const { acknowledged, refused } = await writing.stop();
    const lost = await missingIn(journalOn(replica, "none"), acknowledged);
    return { acknowledged: acknowledged.length, refused, lost };
  } finally {
    for (const connection of connections) connection.disconnect();
    for (const server of servers) await server.stop();
  }
}

/** An immediate stop, as of a machine that is killed, and a start. A store refuses `off`, so that it is not told of it here. */
async function stopped(synchronousCommit: "on" | "off", ms: number) {
  const server = await started(startPostgres(`synchronous_commit=${synchronousCommit}`));
  const untold =
    (query: Query): Query =>
    async (text, values) =>
      (await query(text, values)).map((row) => ("sync" in row ? { ...row, sync: "on" } : row));
  const journalOn = async (port: number) => {
    const pool = postgresPool(port, 16);
    pool.on("error", () => {});
    const store = sqlStore(untold(queryOf(pool)), { dialect: "postgres" });
    return { pool, ...store };
  };
  try {
    const before = await journalOn(server.port);
    await before.migrate();
    const writing = write(before.journal);
    await pause(ms);
    const gone = new Promise((resolve) => server.process.once("close", resolve));
    server.process.kill("SIGQUIT");
    await gone;
    const { acknowledged, refused } = await writing.stop();
    await before.pool.end().catch(() => {});

    const { spawnfile, spawnargs } = server.process;
    const again = spawn(spawnfile, spawnargs.slice(1), { stdio: "ignore" });
    const interrupted = onInterrupt(() => again.kill("SIGKILL"));
    const after = await journalOn(server.port);
    try {
      while (
        !(await after.journal.now?.().then(
          () => true,
          () => false,
        ))
      )
        await pause(100);
      return { acknowledged: acknowledged.length, refused, lost: await missingIn(after.journal, acknowledged) };
    } finally {
      await after.pool.end();
      const ended = new Promise((resolve) => again.once("close", resolve));
      again.kill("SIGTERM");
      await ended;
      interrupted();
    }
  } finally {
    await server.stop();
  }
}
