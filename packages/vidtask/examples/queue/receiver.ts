import { createServer } from "node:http";
import { createReceiver } from "@vidtask/apixo";
import { toNodeHandler } from "@vidtask/apixo/node";
import { Queue } from "bullmq";
import { apixo, connection, jobIdOf, QUEUE, type Video } from "./client.ts";

const queue = new Queue<Video, string>(QUEUE, { connection });
const receiver = createReceiver({
  clients: [apixo],
  // The journal has the end already: the job that wakes up finds it there, and asks nothing.
  async onTask(_task, { idempotencyKey }) {
    const job = await queue.getJob(jobIdOf(idempotencyKey));
    if (await job?.isDelayed()) await job?.promote().catch(() => {}); // it was just woken by its time
  },
});
createServer(toNodeHandler(receiver)).listen(Number(process.env["PORT"] ?? 3000), "127.0.0.1");
