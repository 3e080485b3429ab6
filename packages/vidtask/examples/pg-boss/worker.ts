import { createApixo, step, type FailedTask, type SucceededTask } from "@vidtask/apixo";
import { sqlStore } from "@vidtask/stores/sql";
import { PgBoss, type Job } from "pg-boss";

type Video = { id: string; prompt: string };
const boss = new PgBoss(process.env["DATABASE_URL"] ?? "postgres://localhost/videos");
boss.on("error", (error) => console.error(error.message));
await boss.start();
for (const queue of ["videos", "videos-ended"]) await boss.createQueue(queue);

// The same database, through the pool of pg-boss.
const store = sqlStore(async (sql, values) => (await boss.getDb().executeSql(sql, values)).rows, {
  dialect: "postgres",
});
await store.migrate();
const apixo = createApixo({ journal: store.journal, limits: { concurrentTasks: 20, shared: store.slots } });

async function look({ data }: Job<Video>): Promise<void> {
  const request = { model: "kling-2-6", prompt: data.prompt } as const;
  const found = await step(apixo, { idempotencyKey: `video:videos:${data.id}`, request }).catch(
    (error: Error) => ({ refused: error }), // what can pass by itself is `again`
  );
  // A job is one step: the next one is a job of its own. A worker that dies here leaves two, of one key: one charge.
  if ("again" in found) await boss.send("videos", data, { startAfter: new Date(found.again) });
  else await boss.send("videos-ended", { id: data.id, ...endOf(found) });
}

type Ended = { done: SucceededTask | FailedTask } | { unknown: Error } | { refused: Error };
function endOf(found: Ended) {
  if ("refused" in found) return { error: found.refused.message };
  if ("unknown" in found) return { error: found.unknown.message }; // a person looks: `settleSubmit`
  return found.done.state === "failed" ? { error: found.done.failure.message } : { url: found.done.videos[0].url };
}

await boss.work<Video>("videos", { batchSize: 20, pollingIntervalSeconds: 0.5 }, async (jobs) => {
  await Promise.all(jobs.map(look));
});
