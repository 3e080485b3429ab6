// How a callback's key and task id relate: by the journal, and by what the vendor says of the id.
// The token proves the key, and nothing proves the id: it is bound to the key only where all of this agrees.
import type { ClientContext } from "../context/context.ts";
import type { Answer } from "../http/answer.ts";
import type { JournalEntry } from "../journal/journal.ts";
import { ageOf } from "../journal/row-time.ts";
import { recordEnd, changeRow } from "../journal/rows.ts";
import { mayFollow } from "../journal/states.ts";
import { readTask } from "../poll/read.ts";
import { ofVariant } from "../request/plan.ts";
import type { OnEvent, VidtaskEvent } from "../task/events.ts";
import { isTerminal, refOf, type EndedTask, type Task, type TaskRef } from "../task/task.ts";
import { isoTime } from "../time/clock.ts";
import { lengthOf } from "../vendor-spec/models.ts";
import type { TaskStatus, Unverified } from "../vendor-spec/readings.ts";
import { TICKET_LIFE, type Ticket } from "./token.ts";

/** What a caller with a token claims: that the key's task is this one, and what no status says. */
export type Notice = {
  ticket: Ticket;
  id: string;
  unverified?: Unverified;
  /** The end that a body signed by the account says of its task; of a task that the key has, it need not be asked for. */
  end?: ((ref: TaskRef) => EndedTask | undefined) | undefined;
};

/**
 * `known`: the key has this task; `open`: it has none yet; `alone`: the journal does not know the key; `earlier`: the
 * callback is of another attempt than the row; `other`: the key has another task.
 */
export type Standing = "known" | "open" | "alone" | "earlier" | "other";

/** In ms: a task that began further from the POST than this was started by another one. Clocks may differ by less. */
const CLOSE = 3_600_000;

export function standingOf(row: JournalEntry | undefined, { ticket, id }: Notice): Standing {
  if (!row) return "alone";
  if (row.vendor === ticket.vendor && row.ref?.id === id) return "known";
  if (!isAttemptOf(row, ticket)) return "earlier";
  return row.ref ? "other" : "open";
}

const isAttemptOf = (row: JournalEntry, { vendor, model, attempt }: Ticket): boolean =>
  row.vendor === vendor && row.model === model && row.attempt === attempt;

/** What the vendor says of the id now, and whether that can be the task of the ticket's POST: of the key's own task it is. */
export async function confirm(
  context: ClientContext,
  { ticket, id }: Notice,
  row: JournalEntry | undefined,
  emit: OnEvent,
): Promise<{ task: Task; fits: boolean }> {
  const { vendor, model, key, variant, expiresAt } = ticket;
  const sentAt = expiresAt - TICKET_LIFE;
  const known = row?.ref?.id === id ? row.ref : undefined;
  const ref: TaskRef = known ?? refOf({ vendor, model, id, ...ofVariant(variant), submittedAt: isoTime(sentAt) });
  // The machine that wrote the time of the POST may have a clock that is hours off. Ages need none that is right: ours is by
  // the clock that wrote it, the task's by the vendor's own.
  const isTold = !known && row !== undefined && isAttemptOf(row, ticket) && row.sentAt !== undefined;
  const told = isTold ? await ageOf(context, row, row.sentAt).catch(() => undefined) : undefined;
  const age = told ?? context.clock.now() - sentAt;
  let answeredAt = Number.NaN;
  const onAnswer = ({ header }: Answer) => void (answeredAt = Date.parse(header("date") ?? ""));
  let fits = true;
  const seen = (read: TaskStatus) => {
    const began = Date.parse(read.createdAt ?? "");
    const isNear =
      Number.isNaN(began) || Math.abs(began - sentAt) <= CLOSE || Math.abs(answeredAt - began - age) <= CLOSE;
    fits = isNear && (read.model === undefined || read.model === model || read.model.endsWith(`/${model}`));
  };
  const duration = row && lengthOf(context.adapter.models, model, row.request);
  const task = await readTask(context, ref, { key, emit, onAnswer, seen, duration });
  return { task, fits };
}

/**
 * Writes a confirmed task to its key, whatever state the submit is in. The row, when it has the task now. `row` is the one
 * before the task was read, which has written its end where the key had it.
 */
export async function bind(
  context: ClientContext,
  { ticket, id }: Notice,
  task: Task,
  { row, emit }: { row: JournalEntry | undefined; emit: OnEvent },
): Promise<JournalEntry | undefined> {
  const { key } = ticket;
  if (!(row?.ref?.id === id && isBound(row))) await bindOpen(context, { ticket, id }, task, emit);
  const read = async () => context.journal.get(key);
  let now = await read();
  if (isTerminal(task) && now?.state === "accepted") {
    await recordEnd(context, task, emit);
    now = await read();
  }
  return now?.ref?.id === id ? now : undefined;
}

const isBound = ({ state }: JournalEntry): boolean =>
  state === "accepted" || state === "succeeded" || state === "failed";

async function bindOpen(context: ClientContext, { ticket, id }: Notice, task: Task, emit: OnEvent): Promise<void> {
  const { key } = ticket;
  const ref = refOf(task);
  let from: JournalEntry | undefined;
  const isOpen = (row: JournalEntry) =>
    row.ref ? row.ref.id === id && row.state !== "accepted" : isAttemptOf(row, ticket);
  // A vendor that accepted what looked refused or unsent: by way of `sending`, which keeps every process from sending.
  await changeRow(context, key, (row) => (isOpen(row) && row.state === "begun" ? { state: "sending" } : undefined));
  const bound = await changeRow(context, key, (row) => {
    if (!isOpen(row) || row.state === "accepted" || !mayFollow(row.state, "accepted")) return undefined;
    from = row;
    return { state: "accepted", ref, task };
  });
  if (!bound) return;
  emit({ type: "accepted", idempotencyKey: key, ref });
  if (from?.state === "refused" || from?.state === "lost") emit(lateAccept(key, ref, `was ${from.state}`));
}

type Alarm = Extract<VidtaskEvent, { type: "alarm" }>;

export const lateAccept = (key: string, ref: TaskRef, why: string): Alarm => ({
  type: "alarm",
  alarm: "late_accept",
  message: `the vendor has accepted the task ${ref.id} for key ${key}, which ${why}: check whether you paid twice`,
  idempotencyKey: key,
  ref,
});

export const doubleCharge = (key: string, ref: TaskRef, row: JournalEntry | undefined): Alarm => ({
  type: "alarm",
  alarm: "double_charge",
  message: `key ${key} already has the task ${row?.ref?.id}; the vendor has ${ref.id} for it as well`,
  idempotencyKey: key,
  ref,
});

export const mismatch = (key: string, ref: TaskRef, why: string): Alarm => ({
  type: "alarm",
  alarm: "callback_mismatch",
  message: `a callback for key ${key} named the task ${ref.id}, ${why}; nothing was done`,
  idempotencyKey: key,
  ref,
});
