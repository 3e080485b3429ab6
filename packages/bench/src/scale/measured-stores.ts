// Redis and Postgres as servers of their own, and what they tell of themselves.
import { readFileSync } from "node:fs";
import { sqlStore } from "@vidtask/stores/sql";
import { Redis } from "ioredis";
import { startPostgres, startRedis } from "../../../stores/src/test/servers.ts";
import { HOST, postgresPool, queryOf } from "../stores/clients.ts";
import { started } from "../stores/databases.ts";

export type MeasuredStore = {
  kind: "redis" | "postgres";
  name: string;
  port: number;
  /** Slots that are taken now. */
  held(): Promise<number>;
  rows(): Promise<number>;
  /** Of memory in Redis, on disk in Postgres, with indexes. */
  bytes(): Promise<number>;
  /** Of CPU since its start, in ms; of Postgres that of the connections that have ended. Not a number where it cannot be told. */
  cpuMs(): Promise<number>;
  close(): Promise<void>;
};

const HELD = `local held = 0
for _, name in ipairs(redis.call('KEYS', '{vidtask}:held:*')) do held = held + redis.call('ZCARD', name) end
return held`;
const ROWS = `local rows = 0
for _, name in ipairs(redis.call('KEYS', '{vidtask}:state:*')) do rows = rows + redis.call('ZCARD', name) end
return rows`;

export async function measuredRedis(): Promise<MeasuredStore> {
  const server = await started(startRedis("--appendonly", "yes", "--appendfsync", "everysec"));
  const redis = new Redis({ port: server.port, host: HOST });
  redis.on("error", () => {}); // a call that fails says so
  const told = async (section: string, field: string) =>
    Number(new RegExp(`^${field}:([\\d.]+)`, "m").exec(await redis.info(section))?.[1]);
  return {
    kind: "redis",
    name: "Redis, everysec",
    port: server.port,
    held: async () => Number(await redis.eval(HELD, 0)),
    rows: async () => Number(await redis.eval(ROWS, 0)),
    bytes: () => told("memory", "used_memory"),
    cpuMs: async () => 1000 * ((await told("cpu", "used_cpu_sys")) + (await told("cpu", "used_cpu_user"))),
    async close() {
      redis.disconnect();
      await server.stop();
    },
  };
}

export async function measuredPostgres(): Promise<MeasuredStore> {
  const server = await started(startPostgres());
  const pool = postgresPool(server.port, 2);
  const run = queryOf(pool);
  await sqlStore(run, { dialect: "postgres" }).migrate();
  const one = async (sql: string) => Number((await run(`SELECT (${sql}) AS n`, []))[0]?.["n"]);
  return {
    kind: "postgres",
    name: "Postgres",
    port: server.port,
    held: () => one("SELECT count(*) FROM video_submits_slots WHERE holder <> ''"),
    rows: () => one("SELECT count(*) FROM video_submits"),
    bytes: () => one("SELECT pg_total_relation_size('video_submits')"),
    cpuMs: async () => cpuOf(server.process.pid ?? 0),
    async close() {
      await pool.end();
      await server.stop();
    },
  };
}

/** Of a process and those of its children that have ended. */
function cpuOf(pid: number): number {
  try {
    const [, rest = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
    const TICK_MS = 10; // 100 a second on every Linux that runs here
    const [user, system, usersOfChildren, systemOfChildren] = rest.split(" ").slice(11, 15).map(Number);
    return TICK_MS * (Number(user) + Number(system) + Number(usersOfChildren) + Number(systemOfChildren));
  } catch {
    return Number.NaN;
  }
}
