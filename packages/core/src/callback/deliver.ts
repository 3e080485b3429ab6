// Runs `onTask` for the end of a task until it has resolved once, and never twice at the same time. A lease in
// the key's row, renewed while it runs, keeps other processes away; a crash lets it lapse.
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

/** The submit that a task's end belongs to, and what only its callback says. */
export type AboutTask = { idempotencyKey: string; unverified?: Unverified };
export type OnTask = (task: EndedTask, about: AboutTask) => unknown;

/** `done`: `onTask` has resolved, now or before; `busy`: it runs elsewhere; `failed`: it threw, so call again. */
export type Delivery = "done" | "busy" | "failed";

/** How long a lease outlives its process, in ms, and how often a live process renews it. */
const LEASE = 30_000;
const RENEW = 10_000;

export async function deliver(
  context: ClientContext,
  task: EndedTask,
  { key, unverified, onTask, emit }: { key: string; unverified: Unverified | undefined; onTask: OnTask; emit: OnEvent },
): Promise<Delivery> {
  const lease = await takeLease(context, task, key);
  if (lease === "done" || lease === "busy") return lease;
  const stop = new AbortController();
  const renewing = lease.until === undefined ? undefined : renewLease(context, key, lease.until, stop.signal);
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
    // The lease need not lapse by itself.
    if (until !== undefined)
      await changeRow(context, key, (row) =>
        row.deliveryLeaseUntil === until ? { deliveryLeaseUntil: isoTime(context.clock.now()) } : undefined,
      ).catch(() => {});
    return "failed";
  }
  if (until !== undefined) await recordHandled(context, task, key, emit);
  return "done";
}

/** Without a row of this task there is nothing to lease. */
async function takeLease(
  context: ClientContext,
  { id }: EndedTask,
  key: string,
): Promise<{ until?: string } | "done" | "busy"> {
  const now = context.clock.now();
  const until = isoTime(now + LEASE);
  let found: "done" | "busy" | undefined;
  const leased = await changeRow(context, key, (row) => {
    if (row.ref?.id !== id) return undefined;
    found =
      row.deliveredAt !== undefined ? "done" : Date.parse(row.deliveryLeaseUntil ?? "") > now ? "busy" : undefined;
    return found ? undefined : { deliveryLeaseUntil: until };
  });
  return found ?? (leased ? { until } : {});
}

/** Renews until told to stop; resolves with the time the lease then holds to. */
async function renewLease(context: ClientContext, key: string, first: string, stop: AbortSignal): Promise<string> {
  const { clock } = context;
  let mine = first;
  for (;;) {
    await clock.sleep(RENEW, stop).catch(() => {});
    if (stop.aborted) return mine;
    const next = isoTime(clock.now() + LEASE);
    const renew = (row: JournalEntry) => (row.deliveryLeaseUntil === mine ? { deliveryLeaseUntil: next } : undefined);
    // A journal that fails for a moment: the lease still holds for two more tries.
    if (await changeRow(context, key, renew).catch(() => undefined)) mine = next;
  }
}

/** A failure only raises an alarm: `onTask` has resolved, and at worst runs once more. */
async function recordHandled(context: ClientContext, task: EndedTask, key: string, emit: OnEvent): Promise<void> {
  const handled = (row: JournalEntry) =>
    row.deliveredAt === undefined ? { deliveredAt: isoTime(context.clock.now()) } : undefined;
  for (let tries = 1; ; tries++) {
    try {
      await changeRow(context, key, handled);
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
