// The videos of this program: a row for each, and one journal, in files that outlive the server.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createVidtaskProvider, vidtaskErrorOf, type VidtaskMetadata } from "@vidtask/ai-sdk-provider";
import { createApixo, openVideo, type Task } from "@vidtask/apixo";
import { sqliteJournal } from "@vidtask/apixo/node";
import {
  experimental_getVideoStatus as getVideoStatus,
  experimental_startVideo as startVideo,
  type JSONValue,
} from "ai";

/** What a page shows of a video. */
export type Seen =
  | { state: "running"; task: Task | undefined; startedAt: string }
  | { state: "done"; task: Task }
  | { state: "failed"; why: string };

type Row = { id: string; prompt: string; started_at: string; operation: string | null };

// Not at the top of the module: `next build` runs that, and a build makes no videos.
let opened: ReturnType<typeof open> | undefined;
const here = () => (opened ??= open());

function open() {
  const folder = process.env["DATA_DIR"] ?? "data";
  mkdirSync(folder, { recursive: true });
  const db = new DatabaseSync(join(folder, "videos.db"));
  db.exec("CREATE TABLE IF NOT EXISTS videos (id TEXT PRIMARY KEY, prompt TEXT, started_at TEXT, operation TEXT)");
  const client = createApixo({ journal: sqliteJournal(join(folder, "journal.db")) });
  return { db, client, model: createVidtaskProvider({ client }).video("kling-2-6") };
}

const rowOf = (id: string): Row | undefined =>
  here().db.prepare("SELECT * FROM videos WHERE id = ?").get(id) as Row | undefined;

/** The row comes first: what happens after it, a crash too, is gone on with by `lookAt`. */
export async function make(id: string, prompt: string): Promise<void> {
  const row = here().db.prepare("INSERT INTO videos VALUES (?, ?, ?, NULL) ON CONFLICT DO NOTHING");
  row.run(id, prompt, new Date().toISOString());
  await operationOf(id).catch(() => {}); // the page says why
}

/** What was started for a row, now or before: the id is the key, so it is paid for once. */
async function operationOf(id: string): Promise<JSONValue | undefined> {
  const row = rowOf(id);
  if (!row) return undefined;
  if (row.operation) return JSON.parse(row.operation) as JSONValue;
  const { model, db } = here();
  const { operation } = await startVideo({
    model,
    prompt: row.prompt,
    headers: { "idempotency-key": id },
    abortSignal: AbortSignal.timeout(5_000), // a page does not wait for a start that another process has under way
  });
  db.prepare("UPDATE videos SET operation = ? WHERE id = ?").run(JSON.stringify(operation), id);
  return operation;
}

/** One look, from any process; nothing where there is no such video. */
export async function lookAt(id: string): Promise<Seen | undefined> {
  const row = rowOf(id);
  if (!row) return undefined;
  try {
    const operation = await operationOf(id);
    const status = await getVideoStatus(here().model, { operation: operation ?? null });
    if (status.status === "error") return { state: "failed", why: status.error };
    const metadata = status.providerMetadata?.["vidtask"] as VidtaskMetadata | undefined;
    if (status.status === "completed" && metadata) return { state: "done", task: metadata.task };
    return { state: "running", task: metadata?.task, startedAt: row.started_at };
  } catch (error) {
    const found = vidtaskErrorOf(error);
    if (!found) throw error;
    if (found.code === "aborted") return { state: "running", task: undefined, startedAt: row.started_at };
    return { state: "failed", why: `${found.message} (${found.code}, billed: ${found.billed})` };
  }
}

/** The video, whole, from wherever the vendor has it. */
export const streamOf = async (task: Task) => openVideo(here().client, task);
