// What can become of a Redis while it is in use. Every one is a real server in that state.
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, test } from "vitest";
import { redisStore, type Eval } from "./redis.ts";
import { endure } from "./test/outage.ts";
import { startProxy, type Proxy } from "./test/proxy.ts";
import { startRedis, type Running } from "./test/servers.ts";

const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
});

const connect = (port: number, more: { maxRetriesPerRequest?: number | null } = {}): Redis => {
  const redis = new Redis({ port, host: "127.0.0.1", ...more });
  redis.on("error", () => {});
  closing.push(() => redis.disconnect());
  return redis;
};
const evalOf =
  (redis: Redis): Eval =>
  (script, keys, args) =>
    redis.eval(script, keys.length, ...keys, ...args);
const storeOf = (redis: Redis) => redisStore(evalOf(redis), { durability: "always" });

async function start(...more: string[]): Promise<Running> {
  const server = await startRedis("--appendonly", "yes", "--appendfsync", "always", ...more);
  closing.push(() => server.stop());
  return server;
}

describe("a Redis", () => {
  let server: Running;
  let proxy: Proxy;
  let admin: Redis;
  let redis: Redis;
  beforeAll(async () => {
    server = await start();
    proxy = await startProxy(server.port);
    closing.push(() => proxy.close());
    admin = connect(server.port);
    redis = connect(proxy.port);
  }, 60_000);

  test("that has become a replica, and read-only", { timeout: 120_000 }, async () => {
    const primary = await start();
    const begin = async () => {
      // Its data first, as a failover has it: a replica takes over all of its primary's.
      const other = connect(primary.port);
      await other.replicaof("127.0.0.1", String(server.port));
      while (!/master_link_status:up/.test(await other.info("replication"))) await pause(50);
      await other.replicaof("NO", "ONE");
      await admin.replicaof("127.0.0.1", String(primary.port));
      while (!/master_link_status:up/.test(await admin.info("replication"))) await pause(50);
    };
    await endure(storeOf(redis), {
      begin,
      says: /READONLY|read only replica/,
      end: () => admin.replicaof("NO", "ONE"),
      isDown: true,
    });
  });
  test("whose memory is full", { timeout: 120_000 }, async () => {
    await endure(storeOf(redis), {
      begin: () => admin.config("SET", "maxmemory", "1"),
      says: "OOM",
      isDown: true,
      end: () => admin.config("SET", "maxmemory", "0"),
      writesEnds: true, // a script that has begun to write is carried out
    });
  });
  test("that is slow: all takes its time, and nothing is a fault", { timeout: 120_000 }, async () => {
    let isOver = false;
    const begin = () => void pauses();
    const pauses = async () => {
      for (; !isOver; await pause(1_010)) await admin.call("CLIENT", "PAUSE", "1000", "ALL").catch(() => {});
    };
    await endure(storeOf(redis), { begin, end: () => void (isOver = true), writesEnds: true });
  });
  test("that does not answer", { timeout: 240_000 }, async () => {
    await endure(storeOf(redis), {
      begin: () => void (proxy.isSilent = true),
      says: "no answer within 10000 ms",
      end: () => void (proxy.isSilent = false),
      isDown: true,
    });
  });
  test("that is stopped, and started again", { timeout: 120_000 }, async () => {
    const impatient = connect(server.port, { maxRetriesPerRequest: 1 });
    await endure(storeOf(impatient), {
      begin: () => server.halt(),
      says: /max retries per request|Connection is closed|ECONNREFUSED/,
      end: () => server.again(),
      isDown: true,
    });
  });
  test(
    "that is stopped, by a client that keeps what it could not send, as BullMQ has one",
    { timeout: 240_000 },
    async () => {
      const patient = connect(server.port, { maxRetriesPerRequest: null });
      await endure(storeOf(patient), {
        begin: () => server.halt(),
        says: "no answer within 10000 ms",
        end: () => server.again(),
        isDown: true,
      });
    },
  );
  test("that has begun to evict keys", { timeout: 120_000 }, async () => {
    const store = storeOf(redis);
    // Of a process that is started meanwhile: one that runs has looked, and looks no more.
    const late = storeOf(redis).journal;
    const journal = { ...store.journal };
    const begin = async () => {
      await admin.config("SET", "maxmemory", "1gb");
      await admin.config("SET", "maxmemory-policy", "allkeys-lru");
      journal.begin = late.begin;
    };
    const end = () => admin.config("SET", "maxmemory-policy", "noeviction");
    await endure({ ...store, journal }, { begin, says: "evicts keys (allkeys-lru)", end, writesEnds: true });
  });
});

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
