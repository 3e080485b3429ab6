// Every two seconds one step of each video that has not ended. The table is yours, and says when to look again.
import { DatabaseSync } from "node:sqlite";
import { createApixo, step } from "@vidtask/apixo";
import { sqliteJournal } from "@vidtask/apixo/node";
import { Cron } from "croner";

const db = new DatabaseSync(process.env["VIDEOS_DB"] ?? "videos.db");
db.exec(`CREATE TABLE IF NOT EXISTS video
  (id INTEGER PRIMARY KEY, prompt TEXT NOT NULL, again TEXT NOT NULL DEFAULT '', url TEXT, error TEXT)`);
const journal = sqliteJournal(process.env["SUBMITS_DB"] ?? "submits.db");
const apixo = createApixo({ journal, limits: { concurrentTasks: 20 } });
const set = (column: "again" | "url" | "error", value: string, id: number) =>
  db.prepare(`UPDATE video SET ${column} = ? WHERE id = ?`).run(value, id);

async function look(id: number, prompt: string): Promise<void> {
  try {
    const request = { model: "kling-2-6", prompt } as const;
    const found = await step(apixo, { idempotencyKey: `video:cron:${id}`, request });
    if ("again" in found) set("again", found.again, id);
    else if ("unknown" in found) set("error", found.unknown.message, id); // a person looks: `settleSubmit`
    else if (found.done.state === "failed") set("error", found.done.failure.message, id);
    else set("url", found.done.videos[0].url, id);
  } catch (error) {
    set("error", (error as Error).message, id); // refused: what can pass by itself is `again`
  }
}

// `protect`: a tick that takes long is not overtaken by the next.
new Cron("*/2 * * * * *", { protect: true }, async () => {
  const open = "SELECT id, prompt FROM video WHERE url IS NULL AND error IS NULL AND again <= ?";
  for (const row of db.prepare(open).all(new Date().toISOString()))
    await look(Number(row["id"]), String(row["prompt"]));
});
