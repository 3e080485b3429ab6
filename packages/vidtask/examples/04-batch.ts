import { readFileSync } from "node:fs";
import { createApixo, createAPIModels, createVidtask, VidtaskError, type FamilyRequest } from "vidtask";
import { saveVideo, sqliteJournal } from "vidtask/node";
const journal = sqliteJournal("nightly.db"),
  vendors = [createApixo({ journal }), createAPIModels({ journal })] as const;
const vidtask = createVidtask({ vendors });
const rows = readFileSync("prompts.jsonl", "utf8")
  .trim()
  .split("\n")
  .map((l) => JSON.parse(l) as { id: string; prompt: string });
let spent = 0;
for await (const e of journal.list({ state: ["accepted", "unknown", "succeeded"] })) spent += e.priceUsd ?? 0; // survives a restart
for (const row of rows) {
  const request: FamilyRequest<typeof vendors> = { model: "kling-2.6", prompt: row.prompt, duration: 5 };
  const before = await journal.get(row.id);
  if (!before?.ref && spent >= 20) continue;
  try {
    const done = await vidtask.generate(request, { idempotencyKey: row.id, prefer: "cheapest", maxPrice: 0.1 }); // same key: re-attaches, never pays again
    await saveVideo(vidtask, done, `out/${row.id}.mp4`);
    if (!before?.ref) spent += (await journal.get(row.id))?.priceUsd ?? 0;
  } catch (e) {
    if (!VidtaskError.isInstance(e)) throw e;
    console.error(row.id, e.code, e.billed, e.message); // submit_unknown: listed again on each run until settled
  }
}
