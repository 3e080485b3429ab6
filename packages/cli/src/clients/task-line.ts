// Rows of the journal, and tasks, as lines.
import { formatRef, type JournalEntry, type Task } from "vidtask";
import type { TaskLine } from "../output/lines.ts";

const STATES: { readonly [state in JournalEntry["state"]]: TaskLine["state"] } = {
  begun: "unsent",
  sending: "sending",
  accepted: "running",
  refused: "refused",
  unknown: "unknown",
  lost: "lost",
  succeeded: "succeeded",
  failed: "failed",
};

export function lineOfRow(entry: JournalEntry): TaskLine {
  const { key, ref, vendor, model, state, request, priceUsd, createdAt, task } = entry;
  const { prompt } = request ?? {}; // a row that cannot be read has none
  return {
    type: "task",
    key,
    ...(ref ? { ref: formatRef(ref) } : {}),
    vendor,
    model,
    state: STATES[state],
    ...(typeof prompt === "string" ? { prompt } : {}),
    ...(priceUsd === undefined ? {} : { priceUsd }),
    submittedAt: ref?.submittedAt ?? entry.sentAt ?? createdAt,
    ...(task ? endOf(task) : {}),
  };
}

/** What a vendor says of a task now, over what the journal knows of it. */
export function lineOfTask(task: Task, entry?: JournalEntry): TaskLine {
  const { vendor, model, submittedAt } = task;
  return {
    type: "task",
    vendor,
    model,
    ...(submittedAt === undefined ? {} : { submittedAt }),
    ...(entry ? lineOfRow(entry) : {}),
    ref: formatRef(task),
    state: task.state === "succeeded" || task.state === "failed" ? task.state : "running",
    ...endOf(task),
  };
}

function endOf(task: Task): Partial<TaskLine> {
  const { completedAt } = task;
  const when = completedAt === undefined ? {} : { completedAt };
  if (task.state === "failed") {
    const { code, message, billed } = task.failure;
    return { ...when, failure: { code, message, billed } };
  }
  if (task.state !== "succeeded") return task.progress === undefined ? {} : { progress: task.progress };
  const [{ expiresAt }] = task.videos;
  return { ...when, urls: task.videos.map(({ url }) => url), ...(expiresAt === undefined ? {} : { expiresAt }) };
}
