import { step, VidtaskError } from "@vidtask/apixo";
import { DelayedError, UnrecoverableError, Worker, type Job } from "bullmq";
import { apixo, connection, keyOf, QUEUE, type Video } from "./client.ts";

async function work(job: Job<Video>, token?: string): Promise<string> {
  const found = await step(apixo, { idempotencyKey: keyOf(job.id ?? ""), request: job.data }).catch(
    (error: unknown) => {
      throw VidtaskError.isInstance(error) && !error.retryable ? new UnrecoverableError(error.message) : error;
    },
  );
  if ("again" in found) {
    // Never by rate-limiting the worker: its other jobs are the polls that free the room.
    await job.moveToDelayed(Date.parse(found.again), token);
    throw new DelayedError();
  }
  if ("unknown" in found) throw new UnrecoverableError(found.unknown.message); // a person looks: `settleSubmit`
  if (found.done.state === "failed") throw new UnrecoverableError(found.done.failure.message);
  return found.done.videos[0].url;
}

const worker = new Worker<Video, string>(QUEUE, work, {
  connection,
  concurrency: 50,
  maxStalledCount: 1_000, // a killed worker is no fault of its job: the default fails it the second time
  stalledInterval: Number(process.env["STALLED_INTERVAL"] ?? 30_000),
  lockDuration: Number(process.env["LOCK_DURATION"] ?? 30_000),
});
worker.on("error", (error) => console.error(error.message));

process.once("SIGTERM", async () => {
  await worker.close();
  await apixo.drain({ timeout: 25_000 });
  connection.disconnect();
});
