// One of several processes on one store: submits videos under keys of its own, and polls until all have ended.
import { createAPIModels } from "@vidtask/apimodels";
import { sqliteJournal } from "@vidtask/apimodels/node";
import { step } from "@vidtask/core";
import { Redis } from "ioredis";
import { Pool } from "pg";
import { redisStore } from "../redis.ts";
import { sqlStore } from "../sql.ts";

const { kind, place, name, videos, limit, usd, connection } = JSON.parse(process.argv[2] ?? "") as {
  kind: "redis" | "postgres" | "sqlite";
  place: number | string;
  name: string;
  videos: number;
  limit: number;
  usd: number;
  connection: { apiKey: string; baseUrl: string };
};
const host = "127.0.0.1";
const port = Number(place);
const redis = kind === "redis" ? new Redis({ port, host }) : undefined;
const pool = kind === "postgres" ? new Pool({ port, host, user: "postgres", database: "postgres", max: 8 }) : undefined;
const file = kind === "sqlite" ? sqliteJournal(String(place)) : undefined;
const { journal, slots, budget } = file
  ? { journal: file, ...file }
  : redis
    ? redisStore((script, keys, args) => redis.eval(script, keys.length, ...keys, ...args), { durability: "always" })
    : sqlStore(async (sql, values) => (await pool?.query(sql, values))?.rows ?? [], { dialect: "postgres" });
const client = createAPIModels({
  ...connection,
  journal,
  limits: { concurrentTasks: limit, shared: slots },
  budget: { usd, period: "the test", shared: budget },
  poll: { first: 200, interval: 200 },
});

async function video(n: number): Promise<"done" | "refused"> {
  const options = { idempotencyKey: `${name}-${n}`, request: { model: "kling-v2-6", prompt: `number ${n}` } } as const;
  for (;;) {
    try {
      const found = await step(client, options);
      if ("unknown" in found) throw found.unknown;
      if ("done" in found) return "done";
      await new Promise((resolve) => setTimeout(resolve, Math.min(1_000, Date.parse(found.again) - Date.now())));
    } catch (error) {
      if ((error as Error).message.startsWith("budget")) return "refused";
      throw error;
    }
  }
}
const ends = await Promise.all(Array.from({ length: videos }, (_, n) => video(n)));
process.send?.(ends.filter((end) => end === "done").length);
redis?.disconnect();
await pool?.end();
file?.close();
process.disconnect?.();
