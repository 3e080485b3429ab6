// What worker, producer and receiver share: one Redis, one client, and the name of a job's video.
import { createApixo } from "@vidtask/apixo";
import { redisStore } from "@vidtask/stores/redis";
import { Redis } from "ioredis";

const { REDIS_URL = "redis://127.0.0.1:6379", CALLBACK_URL, CALLBACK_SECRET = "" } = process.env;
export const QUEUE = "videos";
/** What a job asks for. */
export type Video = { model: "kling-2-6"; prompt: string };

export const connection = new Redis(REDIS_URL, { maxRetriesPerRequest: null });
// This Redis has `appendonly yes`, `appendfsync always` and `maxmemory-policy noeviction`.
const store = redisStore((script, keys, args) => connection.eval(script, keys.length, ...keys, ...args), {
  durability: "always",
});
export const apixo = createApixo({
  journal: store.journal,
  limits: { concurrentTasks: 20, requestsPerMinute: 3_000, shared: store.slots },
  ...(CALLBACK_URL && { callback: { url: CALLBACK_URL, secret: CALLBACK_SECRET } }),
});

// With the queue in it: another queue has jobs of the same id.
export const keyOf = (jobId: string): string => `video:${QUEUE}:${jobId}`;
export const jobIdOf = (key: string): string => key.slice(keyOf("").length);
