// The writes of a submit to its journal row. Every one is a compare-and-set on the version.
import { safeCause, type Redact } from "../redact.ts";
import type { OnEvent } from "../task/events.ts";
import { isTerminal, refOf, type Task } from "../task/task.ts";
import { track, type InFlight } from "../time/abort.ts";
import { isoTime, backoff, type Clock } from "../time/clock.ts";
import { whenBegun } from "./checked-journal.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import { forgetTimes } from "./row-time.ts";
import { mayFollow, type JournalState } from "./states.ts";
import { updateRow } from "./write.ts";

/** What a write needs of the client that makes it. */
export type Writer = {
  readonly adapter: { readonly vendor: string };
  journal: Journal;
  readonly clock: Clock;
  readonly redact: Redact;
  account(): string;
  readonly inFlight: InFlight;
  readonly shared: { end(key: string, isPaid: boolean): Promise<void> };
};

/** How often a write that must not be lost is tried again in the background: for about ten minutes. */
const WRITE_TRIES = 30;

const AGING: ReadonlySet<JournalState> = new Set(["begun", "sending", "unknown"]);

/** Writes `patch` to a row if it has not moved; when nothing comes back, the row is no longer ours. */
export async function moveRow(
  context: Writer,
  row: JournalEntry,
  patch: Partial<JournalEntry>,
  writeId: string = crypto.randomUUID(),
): Promise<JournalEntry | undefined> {
  const moved = await updateRow(context.journal, row, {
    updatedAt: isoTime(context.clock.now()),
    ...patch,
    writeId,
  });
  if (moved && !AGING.has(moved.state)) forgetTimes(context.journal, moved.key);
  return moved;
}

type OutcomePatch = Partial<JournalEntry> & Pick<JournalEntry, "state">;

/**
 * Writes what became of a POST. A failure is an alarm, never an exception: the outcome is known and goes to the caller.
 *
 * @param lostWrite of the write before, when its answer was lost: the row may carry it by now, and is ours all the same
 */
export async function recordOutcome(
  context: Writer,
  row: JournalEntry,
  patch: OutcomePatch,
  emit: OnEvent,
  lostWrite?: string,
): Promise<void> {
  try {
    await writeOutcome(context, row, patch, emit, lostWrite);
  } catch (error) {
    alarm(row, patch, safeCause(error, context.redact).message, emit);
    // A row left at `sending` becomes unknown for good, although it is known that there is no task. One left at `begun`
    // frees its key by itself, and one that is unknown says so as well.
    if (patch.state === "refused" && row.state !== "sending" && lostWrite === undefined) return;
    if (patch.state === "unknown" && !patch.ref && patch.unconfirmedTaskId === undefined) return;
    const work = keepWriting(context, row, patch, emit, lostWrite);
    track(context, `the journal write of key ${row.key}`, work).catch(() => {});
  }
}

async function writeOutcome(
  context: Writer,
  row: JournalEntry,
  patch: OutcomePatch,
  emit: OnEvent,
  lostWrite: string | undefined,
): Promise<void> {
  if (await moveRow(context, row, patch)) return;
  const now = lostWrite === undefined ? undefined : await context.journal.get(row.key);
  if (now?.writeId !== undefined && now.writeId === lostWrite) await moveRow(context, now, patch);
  else await overtake(context, row, patch, emit);
}

/** Writes a terminal answer to the row of its task, if the journal has one. */
export async function recordEnd(context: Writer, task: Task, emit: OnEvent): Promise<void> {
  if (!isTerminal(task)) return;
  let key: string | undefined;
  try {
    const row = await context.journal.findByTask(task);
    if (!row || row.account !== context.account()) return;
    key = row.key;
    if (row.state === "succeeded" || row.state === "failed") return;
    const accepted =
      row.state === "accepted" ? row : await moveRow(context, row, { state: "accepted", ref: refOf(task) });
    if (accepted?.state === "accepted") await moveRow(context, accepted, { state: task.state, task });
  } catch (error) {
    const message = `the end of the task was not journaled: ${safeCause(error, context.redact).message}`;
    emit({ type: "alarm", alarm: "journal_failed", message, ref: refOf(task) });
  }
  // By the key: the slot is free at once, also in the process that submitted it.
  if (key !== undefined) await context.shared.end(key, !(task.state === "failed" && task.failure.billed === "no"));
}

// The row moved while the POST was out: by a callback, by hand, by a process that took this one for dead.
async function overtake(context: Writer, row: JournalEntry, patch: OutcomePatch, emit: OnEvent): Promise<void> {
  if (patch.state !== "accepted") return;
  const now = await context.journal.get(row.key);
  if (!now) return alarm(row, patch, "its row is gone", emit);
  if (now.ref?.id === patch.ref?.id) return;
  if (now.version === row.version) {
    // Refused although the row has not moved: another key has this task. The key must not send again all the same.
    await moveRow(context, now, { state: "unknown", ...(patch.ref ? { unconfirmedTaskId: patch.ref.id } : {}) });
    return alarm(row, patch, "another key already has this task", emit);
  }
  if (now.ref) {
    const message = `key ${row.key} already has the task ${now.ref.id}; another was accepted`;
    return emit({
      type: "alarm",
      alarm: "double_charge",
      message,
      idempotencyKey: row.key,
      ...(patch.ref ? { ref: patch.ref } : {}),
    });
  }
  // The row was given up and begun again, so it belongs to another attempt: this task is reported, never bound to it.
  const isOurs = now.attempt === row.attempt && mayFollow(now.state, "accepted");
  if (isOurs && !(await moveRow(context, now, patch))) return overtake(context, now, patch, emit);
  if (isOurs && now.state === "unknown" && now.resentAt !== undefined) return; // two send it again at once: nothing was closed
  const message = `key ${row.key} was ${now.state} (attempt ${now.attempt}) in the journal when the task of attempt ${row.attempt} was accepted`;
  emit({
    type: "alarm",
    alarm: "late_accept",
    message,
    idempotencyKey: row.key,
    ...(patch.ref ? { ref: patch.ref } : {}),
  });
}

async function keepWriting(
  context: Writer,
  row: JournalEntry,
  patch: OutcomePatch,
  emit: OnEvent,
  lostWrite: string | undefined,
): Promise<void> {
  for (let tries = 1; tries <= WRITE_TRIES; tries++) {
    await context.clock.sleep(Math.max(250, backoff(tries)));
    try {
      return await writeOutcome(context, row, patch, emit, lostWrite);
    } catch {
      // Reported before.
    }
  }
}

/** How often is looked for a write that was lost and may come late: for half a minute or so of a journal that answers. */
const LOOKS = 6;

/** Refuses a row of a POST that has not left, whose own write failed: it may have been made, or be made late. */
export function withdrawRow(context: Writer, { key, writeId }: JournalEntry): void {
  const work = async () => {
    await whenBegun(context.journal, key);
    for (let tries = 1, looks = 0; looks < LOOKS && tries <= WRITE_TRIES; tries++) {
      const row = await context.journal.get(key).then(
        (found) => (looks++, found),
        () => undefined,
      );
      // Nobody else writes this id. A row that has moved on is no longer ours.
      const isOurs = row !== undefined && row.writeId === writeId;
      if (isOurs && (await moveRow(context, row, { state: "refused" }).catch(() => undefined))) return;
      await context.clock.sleep(Math.max(250, backoff(tries)));
    }
  };
  track(context, `the journal write of key ${key}`, work()).catch(() => {});
}

function alarm({ key }: JournalEntry, { state, ref }: Partial<JournalEntry>, why: string, emit: OnEvent): void {
  const message = `the journal does not say that key ${key} is ${state}: ${why}`;
  emit({ type: "alarm", alarm: "journal_failed", message, idempotencyKey: key, ...(ref ? { ref } : {}) });
}

/** Others can win this many races for a row before the journal is taken to be broken. */
const MAX_RACES = 50;

/**
 * Changes a row by compare-and-set for as long as `patch` wants it changed; the changed row, or nothing. `seen` is the row as it
 * was just read or written: where it has not moved since, it need not be read again.
 */
export async function changeRow(
  context: Writer,
  key: string,
  patch: (row: JournalEntry) => Partial<JournalEntry> | undefined,
  seen?: JournalEntry,
): Promise<JournalEntry | undefined> {
  let known = seen;
  for (let races = 0; races < MAX_RACES; races++) {
    const row = known ?? (await context.journal.get(key));
    const wanted = row && patch(row);
    const changed = row && wanted && (await moveRow(context, row, wanted));
    if (changed) return changed;
    if (!known && !wanted) return undefined;
    known = undefined;
  }
  return undefined;
}
