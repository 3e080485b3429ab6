// What became of a POST: written to the journal first, then told, then given to the caller.
import type { JournalEntry } from "../journal/journal.ts";
import { recordOutcome } from "../journal/rows.ts";
import { readTask } from "../poll/read.ts";
import { reason, safeCause } from "../redact.ts";
import { SubmitUnknownError } from "../task/errors.ts";
import type { Task, TaskRef } from "../task/task.ts";
import { isoTime } from "../time/clock.ts";
import { openTask, taskOfRow } from "./claim.ts";
import { outcomeOf, type Outcome } from "./outcome.ts";
import type { Sent } from "./paid-post.ts";
import type { Submission } from "./submission.ts";

/** An outcome after which the same submit may send anew. */
export type Retryable = Extract<Outcome, { kind: "not-sent" | "limited" }>;

export function judge({ context, key, emit, redact }: Submission, sent: Sent): Outcome {
  if ("notSent" in sent) return { kind: "not-sent", cause: safeCause(sent.notSent, redact) };
  if ("lost" in sent) return { kind: "unknown", cause: safeCause(sent.lost, redact) };
  emit({ type: "response", phase: "submit", idempotencyKey: key, status: sent.answer.status });
  return outcomeOf(sent.answer, { adapter: context.adapter, redact, phase: "submit", asked: "submit", key });
}

/** Settles a final outcome: journal first, then events, then the caller. `recover` looks for the task of a lost answer. */
export async function finish(
  run: Submission,
  row: JournalEntry,
  outcome: Exclude<Outcome, Retryable>,
  recover: (row: JournalEntry) => Promise<Task | undefined> | undefined,
): Promise<Task> {
  if (outcome.kind === "accepted") return accept(run, row, outcome.id, outcome.odd);
  if (outcome.kind === "refused") {
    run.mayBeAccepted = false;
    throw outcome.error;
  }
  const { context, key, emit } = run;
  const { id, unconfirmedTaskId, cause } = outcome;
  if (unconfirmedTaskId !== undefined && (await exists(run, unconfirmedTaskId)))
    return accept(
      run,
      row,
      unconfirmedTaskId,
      "the answer was damaged; its task id was confirmed by asking for the task",
    );
  const ref = id === undefined ? undefined : refTo(run, id);
  const patch = {
    state: "unknown" as const,
    ...(ref ? { ref } : {}),
    ...(unconfirmedTaskId === undefined ? {} : { unconfirmedTaskId }),
  };
  await recordOutcome(context, row, patch, emit);
  const settled = await context.journal.get(key).catch(() => undefined);
  if (settled?.ref && settled.state !== "unknown") return taskOfRow(run, settled);
  const recovered = ref ? undefined : await recover(row);
  if (recovered) return recovered;
  const where = { vendor: context.adapter.vendor, phase: "submit" as const, idempotencyKey: key };
  const why = `no usable answer from ${where.vendor} to a request that had left (${reason(cause)})`;
  throw new SubmitUnknownError(why, { ...where, ref, unconfirmedTaskId, retryable: run.mayRecover, cause });
}

/** Of a second sending only an id counts: one at its documented place, or one that the vendor knows. */
export const taken =
  (run: Submission) =>
  async (row: JournalEntry, outcome: Outcome): Promise<Task | undefined> => {
    if (outcome.kind === "accepted") return accept(run, row, outcome.id, outcome.odd);
    const id = outcome.kind === "unknown" ? (outcome.id ?? outcome.unconfirmedTaskId) : undefined;
    return id !== undefined && (await exists(run, id)) ? accept(run, row, id) : undefined;
  };

async function accept(run: Submission, row: JournalEntry, id: string, odd?: string): Promise<Task> {
  const { context, key, emit } = run;
  const ref = refTo(run, id);
  const task = openTask(run, ref);
  await recordOutcome(context, row, { state: "accepted", ref, task }, emit);
  emit({ type: "accepted", idempotencyKey: key, ref });
  if (odd)
    emit({ type: "warning", idempotencyKey: key, warning: { about: "response", kind: "odd-answer", message: odd } });
  return task;
}

const refTo = ({ context, plan, variant }: Submission, id: string): TaskRef => ({
  vendor: plan.vendor,
  model: plan.request.model,
  id,
  ...variant,
  submittedAt: isoTime(context.clock.now()),
});

const exists = (run: Submission, id: string): Promise<boolean> => {
  const { context, key, emit } = run;
  return readTask(context, refTo(run, id), { key, emit }).then(
    () => true,
    () => false,
  );
};
