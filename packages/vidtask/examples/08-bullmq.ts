import { createApixo, VidtaskError, type Journal } from "@vidtask/apixo";
import { Worker, DelayedError, UnrecoverableError, type Job } from "bullmq";
declare const postgresJournal: Journal; // five methods over the product's own database
const apixo = createApixo({ journal: postgresJournal });
new Worker("video", async (job: Job<{ prompt: string }>, token) => {
  try {
    const task = await apixo.submit({ model: "kling-2-6", prompt: job.data.prompt }, { idempotencyKey: job.id }); // 2nd run: one read, no POST
    if (task.state === "succeeded") return task.videos[0].url;
    if (task.state === "failed") throw new UnrecoverableError(task.failure.message);
    await job.moveToDelayed(Date.parse(task.nextPollAt), token);
  } catch (e) {
    if (VidtaskError.isInstance(e) && !e.retryable) throw new UnrecoverableError(e.message);
    throw e;
  }
  throw new DelayedError();
});
