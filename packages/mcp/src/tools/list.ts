import type { JournalEntry, JournalState } from "vidtask";
import { z } from "zod";
import { taskView, type Data } from "../answers.ts";
import type { Desk } from "../desk.ts";

const STATES: { readonly [name: string]: readonly JournalState[] } = {
  running: ["begun", "sending", "accepted"],
  unknown: ["unknown"],
  succeeded: ["succeeded"],
  failed: ["failed", "refused", "lost"],
};

export const listInput = z.strictObject({
  state: z.enum(["running", "unknown", "succeeded", "failed", "all"]).default("all"),
  limit: z.number().int().min(1).max(100).default(20).describe("at most so many, the newest first"),
});

/** What the journal has, the newest first. Asks no vendor. */
export async function list({ journal }: Desk, { state, limit }: z.output<typeof listInput>): Promise<Data> {
  let newest: JournalEntry[] = [];
  let count = 0;
  const states = STATES[state];
  for await (const row of journal.list(states ? { state: states } : {})) {
    count++;
    newest.push(row);
    if (newest.length > 2 * limit) newest = newest.toSorted(byAge).slice(0, limit);
  }
  return { tasks: newest.toSorted(byAge).slice(0, limit).map(viewOf), count };
}

const byAge = (a: JournalEntry, b: JournalEntry): number => (a.createdAt < b.createdAt ? 1 : -1);

function viewOf(row: JournalEntry): Data {
  const { task, ref } = row;
  if (task?.state === "succeeded" || task?.state === "failed") return { ...taskView(task, row), next: undefined };
  return {
    ...(ref ? { task: `${ref.vendor}:${ref.model}:${ref.id}` } : {}),
    idempotencyKey: row.key,
    vendor: row.vendor,
    model: row.model,
    state: row.state === "accepted" ? "running" : row.state,
    priceUsd: row.priceUsd,
    submittedAt: row.sentAt ?? row.createdAt,
    reason: row.error,
  };
}
