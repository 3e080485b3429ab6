// After a restart: what the journal says was accepted is waited for, what nobody knows is named. Sends no POST.
import { BEGUN_GRACE, SENDING_LIFE } from "./claim.ts";
import type { ClientContext } from "./client-context.ts";
import { JournalError, VidtaskError } from "./errors.ts";
import { emitter } from "./events.ts";
import type { JournalEntry } from "./journal.ts";
import { readTask } from "./read.ts";
import { safeCause } from "./redact.ts";
import { moveRow } from "./rows.ts";
import { isTerminal, type FailedTask, type SucceededTask, type TaskRef } from "./task.ts";
import { watchTask, type WaitOptions } from "./wait.ts";

/**
 * What became of one open submit: its end; or why it stays open (`unknown`: nobody can say whether it was accepted, see
 * `settle`; `in-flight`: a live process works on it; `not-sent`: nothing left, submit it again; `other-account`: it
 * belongs to another account); or the error that ended the wait, with the row left as it was.
 */
export type Resumed =
  | { key: string; task: SucceededTask | FailedTask }
  | { key: string; open: "unknown" | "in-flight" | "not-sent" | "other-account"; entry: JournalEntry }
  | { key: string; error: VidtaskError };

/** Every open submit of this vendor, as each comes to its end. */
export async function* resumeAll(context: ClientContext, options: WaitOptions = {}): AsyncGenerator<Resumed, void> {
  const ends = new Map<string, Promise<Resumed>>();
  for (const row of await openRows(context)) ends.set(row.key, resumeRow(context, row, options));
  while (ends.size > 0) {
    const next = await Promise.race(ends.values());
    ends.delete(next.key);
    yield next;
  }
}

async function openRows({ journal, adapter, redact }: ClientContext): Promise<JournalEntry[]> {
  const rows: JournalEntry[] = [];
  try {
    for await (const row of journal.list({ state: ["begun", "sending", "accepted", "unknown"] }))
      if (row.vendor === adapter.vendor) rows.push(row);
    return rows;
  } catch (error) {
    const cause = safeCause(error, redact);
    const message = `the journal cannot be read (${cause.message}); repair it and resume again`;
    throw new JournalError(message, { vendor: adapter.vendor, phase: "poll", billed: "unknown", cause });
  }
}

async function resumeRow(context: ClientContext, entry: JournalEntry, options: WaitOptions): Promise<Resumed> {
  const { key } = entry;
  const now = context.clock.now();
  const isPast = (since: string | undefined, ms: number) => now > Date.parse(since ?? entry.updatedAt) + ms;
  try {
    if (entry.account !== context.account()) return { key, open: "other-account", entry };
    switch (entry.state) {
      case "begun":
        return { key, open: isPast(entry.sendBefore, BEGUN_GRACE) ? "not-sent" : "in-flight", entry };
      case "sending": {
        if (!isPast(entry.sentAt, SENDING_LIFE)) return { key, open: "in-flight", entry };
        const given = await moveRow(context, entry, { state: "unknown" });
        return { key, open: given ? "unknown" : "in-flight", entry: given ?? entry };
      }
      default:
        return await follow(context, entry, options);
    }
  } catch (error) {
    return { key, error: asVidtaskError(context, key, error) };
  }
}

/** Waits for a task that is there, or may be: an id from a damaged answer is asked for once before. */
async function follow(context: ClientContext, entry: JournalEntry, options: WaitOptions): Promise<Resumed> {
  const { key, state, candidate, model } = entry;
  const { vendor } = context.adapter;
  const ref: TaskRef | undefined =
    entry.ref ?? (candidate === undefined ? undefined : { vendor, model, id: candidate });
  if (!ref) return { key, open: "unknown", entry };
  if (state === "unknown") {
    const emit = emitter(context.onEvent, options.onEvent);
    const found = await readTask(context, ref, { signal: options.signal, key, emit }).catch((error: unknown) => {
      if (options.signal?.aborted) throw error;
    });
    if (!found) return { key, open: "unknown", entry };
    await moveRow(context, entry, { state: "accepted", ref });
  }
  const about = { key, mayRepeat: true, duration: entry.request["duration"] };
  for await (const task of watchTask(context, ref, options, about)) if (isTerminal(task)) return { key, task };
  return { key, open: "unknown", entry };
}

function asVidtaskError({ adapter, redact }: ClientContext, key: string, error: unknown): VidtaskError {
  if (VidtaskError.isInstance(error)) return error;
  const cause = safeCause(error, redact);
  const message = `the journal row of ${key} could not be used (${cause.message}); resume again`;
  return new JournalError(message, { vendor: adapter.vendor, phase: "poll", key, billed: "unknown", cause });
}
