// One row from its submit to its file. Under its key it pays once, however often it is run.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { formatRef, type VidtaskEvent, type VideoRequest } from "vidtask";
import { saveVideo } from "vidtask/node";
import { endOf } from "../clients/ends.ts";
import { tellEvent } from "../clients/follow.ts";
import { fileName } from "../clients/savable.ts";
import type { Session } from "../clients/session.ts";
import { EXIT } from "../exit-codes.ts";
import { explain } from "../output/explain.ts";
import { bytes, clockTime, oneLine } from "../output/format.ts";
import type { RowLine } from "../output/lines.ts";
import type { Show } from "../output/live.ts";
import type { Output } from "../output/output.ts";
import { offersOf } from "../request/offers.ts";
import type { Job } from "./check-rows.ts";

export type How = {
  session: Session;
  out: Output;
  folder: string;
  signal: AbortSignal;
  maxPrice?: number | undefined;
  submitTimeout: number;
  waitTimeout?: number | undefined;
  poll?: number | undefined;
};

/** The row's line; nothing when it was interrupted, which leaves it as the journal has it. */
export async function runRow(job: Job, how: How, show: Show): Promise<RowLine | undefined> {
  const { id, line, key } = job;
  const { session, signal } = how;
  const base = { type: "row", id, line, key } as const;
  try {
    const saved = await make(job, how, show);
    return { ...base, state: "saved", ...saved, ...(await paid(session, key)) };
  } catch (error) {
    if (signal.aborted) return undefined;
    const { exitCode, code, message, billed = "unknown", ref, issues = [] } = explain(error);
    if (exitCode === EXIT.fault) throw error;
    const why = issues.length > 0 ? issues.map((found) => `${found.path} ${found.message}`).join("; ") : message;
    return {
      ...base,
      state: stateOf(exitCode, code),
      ...(ref === undefined ? {} : { ref }),
      ...(exitCode === EXIT.refused || exitCode === EXIT.usage ? {} : await paid(session, key)),
      error: { code, message: why, billed },
    };
  }
}

function stateOf(exitCode: number, code: string): RowLine["state"] {
  if (exitCode === EXIT.failed) return "failed";
  if (exitCode === EXIT.unknown) return "unknown";
  if (exitCode === EXIT.open) return code === "download" ? "not-saved" : "running";
  return "refused";
}

async function make(
  { id, key, request, chosen }: Job,
  { session, out, folder, signal, maxPrice, submitTimeout, waitTimeout, poll }: How,
  show: Show,
): Promise<Pick<RowLine, "ref" | "file" | "bytes">> {
  const started = Date.now();
  const tell = (what: string) => show(`${id} · ${what} · ${clockTime(Date.now() - started)} · ${promptOf(request)}`);
  let what = "submitting";
  tell(what);
  const timer = setInterval(() => tell(what), 1_000);
  const onEvent = (event: VidtaskEvent) => {
    if (event.type === "alarm" || out.isVerbose) tellEvent(out, event);
    if (event.type !== "state") return;
    const { task } = event;
    what =
      "progress" in task && task.progress !== undefined
        ? `${task.state} ${Math.round(task.progress * 100)} %`
        : task.state;
    tell(what);
  };
  try {
    const task = await session.router.submit(request, {
      idempotencyKey: key,
      prefer: offersOf(session, request, chosen)
        .filter(({ ok }) => ok)
        .map(({ vendor }) => vendor),
      dropFields: chosen.dropFields,
      submitTimeout,
      signal,
      onEvent,
      ...(maxPrice === undefined ? {} : { maxPrice }),
    });
    what = task.state;
    const done = await endOf(session, { ...out, kind: "plain", emit: () => {} }, task, {
      ref: task,
      key,
      signal,
      waitTimeout,
      poll,
      onEvent,
    });
    const file = fileName(id);
    const path = join(folder, file);
    const ref = formatRef(done);
    const before = await sizeIfSaved(session, key, path);
    if (before !== undefined) return { ref, file, bytes: before };
    const { bytes: size } = await saveVideo(session.router, done, path, {
      signal,
      onProgress: (count) => (what = `saving ${bytes(count)}`),
    });
    return { ref, file, bytes: size };
  } finally {
    clearInterval(timer);
  }
}

/** A run that was killed after it had saved the video, and before it had said so. */
async function sizeIfSaved({ journal }: Session, key: string, path: string): Promise<number | undefined> {
  const row = await journal.get(key);
  const found = await stat(path).catch(() => undefined);
  return row && found?.isFile() && found.mtimeMs >= Date.parse(row.createdAt) ? found.size : undefined;
}

async function paid({ journal }: Session, key: string): Promise<{ priceUsd?: number }> {
  const row = await journal.get(key).catch(() => undefined);
  return row?.priceUsd === undefined ? {} : { priceUsd: row.priceUsd };
}

const promptOf = ({ prompt = "" }: VideoRequest): string => oneLine(prompt);
