// Runs `onTask` for the end of a task until it has resolved once, and never twice at the same time.
import type { ClientContext } from "../context/context.ts";
import type { JournalEntry } from "../journal/journal.ts";
import { changeRow } from "../journal/rows.ts";
import { safeCause } from "../redact.ts";
import { VidtaskError } from "../task/errors.ts";
import type { OnEvent } from "../task/events.ts";
import { refOf, type EndedTask } from "../task/task.ts";
import { track } from "../time/abort.ts";
import { isoTime } from "../time/clock.ts";
import type { Unverified } from "../vendor-spec/readings.ts";
import { giveBack, renewLease, takeLease } from "./lease.ts";

/** The submit that a task's end belongs to, and what only its callback says. */
export type AboutTask = { idempotencyKey: string; unverified?: Unverified };
export type OnTask = (task: EndedTask, about: AboutTask) => unknown;

/** `done`: `onTask` has resolved, now or before; `busy`: it runs elsewhere; `failed`: it threw, so call again. */
export type Delivery = "done" | "busy" | "failed";

type About = {
  key: string;
  /** The row of the key, where it was just read. */
  row?: JournalEntry | undefined;
  unverified: Unverified | undefined;
  onTask: OnTask;
  emit: OnEvent;
};

export async function deliver(
  context: ClientContext,
  task: EndedTask,
  { key, row, unverified, onTask, emit }: About,
): Promise<Delivery> {
  const lease = await takeLease(context, key, task.id, row);
  if (lease === "done" || lease === "busy") return lease;
  const leased = lease === "none" ? undefined : lease;
  const stop = new AbortController();
  const renewing = leased && renewLease(context, key, leased.until, stop.signal);
  let failure: { error: unknown } | undefined;
  try {
    const about = { idempotencyKey: key, ...(unverified && { unverified }) };
    await track(context, `onTask of key ${key}`, (async () => onTask(task, about))());
  } catch (error) {
    failure = { error };
  }
  stop.abort();
  const until = await renewing;
  if (failure) {
    emit({
      type: "fault",
      phase: "callback",
      idempotencyKey: key,
      ref: refOf(task),
      error: shown(context, failure.error),
    });
    if (until !== undefined) await giveBack(context, key, until).catch(() => {});
    return "failed";
  }
  if (leased) await recordHandled(context, task, leased.row, emit);
  return "done";
}

/** A failure only raises an alarm: `onTask` has resolved, and at worst runs once more. */
async function recordHandled(context: ClientContext, task: EndedTask, row: JournalEntry, emit: OnEvent): Promise<void> {
  const { key } = row;
  const handled = (row: JournalEntry) =>
    row.deliveredAt === undefined ? { deliveredAt: isoTime(context.clock.now()) } : undefined;
  for (let tries = 1; ; tries++) {
    try {
      await changeRow(context, key, handled, tries === 1 ? row : undefined);
      return;
    } catch (error) {
      if (tries < 3) continue;
      const why = safeCause(error, context.redact).message;
      const message = `the journal does not say that the end of key ${key} was handled: ${why}`;
      return emit({ type: "alarm", alarm: "journal_failed", message, idempotencyKey: key, ref: refOf(task) });
    }
  }
}

/** What an event shows of a thrown value. */
export const shown = ({ redact }: Pick<ClientContext, "redact">, error: unknown) =>
  VidtaskError.isInstance(error) ? error.toJSON() : { message: safeCause(error, redact).message };
