// One of several processes on one store: takes its share of the keys through `step`, so many at a time, and says how it goes.
import { redisStore } from "@vidtask/stores/redis";
import { sqlStore } from "@vidtask/stores/sql";
import { Redis } from "ioredis";
import { createApixo, step } from "vidtask";
import { postgresPool, queryOf } from "../stores/clients.ts";

export type Job = {
  kind: "redis" | "postgres";
  port: number;
  /** The keys `from` ≤ n < `to`. */
  from: number;
  to: number;
  atOnce: number;
  limit: number;
  /** How much faster than real time passes. */
  speed: number;
  connection: { apiKey: string; baseUrl: string };
};
export type Told = {
  done: number;
  unknown: number;
  steps: number;
  noRoom: number;
  trips: number;
  cpuMs: number;
};

const job = JSON.parse(process.argv[2] ?? "") as Job;
const { kind, port, from, to, atOnce, limit, speed, connection } = job;
const told: Told = { done: 0, unknown: 0, steps: 0, noRoom: 0, trips: 0, cpuMs: 0 };
const redis = kind === "redis" ? new Redis({ port, host: "127.0.0.1" }) : undefined;
const pool = kind === "postgres" ? postgresPool(port, 8) : undefined;
const query = pool && queryOf(pool);
const store = redis
  ? redisStore((script, keys, args) => (told.trips++, redis.eval(script, keys.length, ...keys, ...args)), {
      durability: "always",
    })
  : sqlStore(async (text, values) => (told.trips++, (await query?.(text, values)) ?? []), { dialect: "postgres" });
const client = createApixo({
  ...connection,
  journal: store.journal,
  limits: { concurrentTasks: limit, requestsPerMinute: Infinity, shared: store.slots },
  poll: { first: 60_000 / speed, interval: 10_000 / speed },
});

async function video(n: number): Promise<void> {
  const options = {
    idempotencyKey: `video:scale:${n}`,
    request: { model: "kling-2-6", prompt: `number ${n}` },
  } as const;
  for (;;) {
    told.steps++;
    const found = await step(client, options);
    if ("unknown" in found) {
      console.log(`  number ${n} is unknown: ${found.unknown.message} (${String(found.unknown.cause)})`);
      return void told.unknown++;
    }
    if ("done" in found) {
      if (found.done.state !== "succeeded") throw new Error(`number ${n} is ${found.done.state}`);
      return void told.done++;
    }
    if (found.why === "no-room") told.noRoom++;
    await new Promise((resolve) => setTimeout(resolve, Date.parse(found.again) - Date.now()));
  }
}

const began = process.cpuUsage();
const tell = () => {
  const { user, system } = process.cpuUsage(began);
  process.send?.({ ...told, cpuMs: (user + system) / 1000 });
};
const timer = setInterval(tell, 1_000);
let next = from;
const work = async () => {
  while (next < to) await video(next++);
};
await Promise.all(Array.from({ length: atOnce }, work));
clearInterval(timer);
tell();
redis?.disconnect();
await pool?.end();
process.disconnect?.();
