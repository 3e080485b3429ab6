import { Queue } from "bullmq";
import { connection, QUEUE, type Video } from "./client.ts";

const queue = new Queue<Video, string>(QUEUE, { connection });
const count = Number(process.argv[2] ?? 100);
const jobs = Array.from({ length: count }, (_, n) => ({
  name: "video",
  data: { model: "kling-2-6" as const, prompt: `a waterfall, number ${n}` },
  // No integer and no colon: BullMQ refuses both. What it throws away may be submitted again under the same key for free.
  opts: { jobId: `row-${n}`, attempts: 10, backoff: { type: "exponential", delay: 200 } },
}));
await queue.addBulk(jobs);
await queue.close();
connection.disconnect();
