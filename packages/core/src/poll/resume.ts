// After a restart: it waits for what the journal says was accepted, and names what is unknown. Sends no POST.
import type { ClientContext } from "../context/context.ts";
import type { JournalEntry } from "../journal/journal.ts";
import { ageOf } from "../journal/row-time.ts";
import { moveRow } from "../journal/rows.ts";
import { BEGUN_GRACE, SENDING_LIFE, type JournalState } from "../journal/states.ts";
import { safeCause } from "../redact.ts";
import { checkOptions } from "../task/check-options.ts";
import { AbortedError, JournalError, VidtaskError } from "../task/errors.ts";
import { emitter, type OnEvent } from "../task/events.ts";
import { isTerminal, type FailedTask, type SucceededTask } from "../task/task.ts";
import { linkSignals } from "../time/abort.ts";
import { untilAborted } from "../time/until-aborted.ts";
import { possibleRef } from "./possible-ref.ts";
import { readTask } from "./read.ts";
import { WAIT_RULES, type WaitOptions } from "./wait-options.ts";
import { watchTask } from "./wait.ts";

/**
 * The outcome of one open submit: its end; or why it stays open (`unknown`: it is not known whether it was accepted, see
 * `settleSubmit`; `in-flight`: a live process works on it; `not-sent`: nothing was sent, submit it again; `other-account`: it
 * belongs to another account); or the error that ended the wait, which leaves the row as it was.
 */
export type ResumeResult =
  | { idempotencyKey: string; task: SucceededTask | FailedTask }
  | { idempotencyKey: string; open: "unknown" | "in-flight" | "not-sent" | "other-account"; entry: JournalEntry }
  | { idempotencyKey: string; error: VidtaskError };

/** So many rows are waited for at once; the listing goes on as they end and are taken. */
const AT_ONCE = 1_000;
/** Asks the vendor for the task of an unknown row; the row with it, where it turns up. */
export type FindLost = (
  context: ClientContext,
  row: JournalEntry,
  emit: OnEvent,
  signal?: AbortSignal,
) => Promise<JournalEntry | undefined>;

type Resuming = WaitOptions & { findLost: FindLost };

const OPEN: readonly JournalState[] = ["begun", "sending", "accepted", "unknown"];

/** Every open submit of this vendor, as each comes to its end. Leaving the loop stops all its waits. */
export function resumeAll(
  context: ClientContext,
  findLost: FindLost,
  given?: WaitOptions,
): AsyncIterableIterator<ResumeResult> {
  const left = new AbortController();
  const items = resumeRows(context, findLost, given, left.signal);
  const iterator: AsyncIterableIterator<ResumeResult> = {
    next: () => items.next(),
    // A generator alone would notice only after its next item.
    return() {
      left.abort();
      return items.return();
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}

async function* resumeRows(
  context: ClientContext,
  findLost: FindLost,
  given: WaitOptions | undefined,
  left: AbortSignal,
): AsyncGenerator<ResumeResult, void> {
  const { vendor } = context.adapter;
  const options: Resuming = { ...checkOptions(given, WAIT_RULES, { of: "resume", vendor, phase: "poll" }), findLost };
  const { signal, end } = linkSignals(options.signal, left);
  const ended: (ResumeResult | undefined)[] = [];
  let open = 0;
  let listing: "goes on" | "done" | { error: unknown } = "goes on";
  let wake = () => {};
  let goOn = () => {};
  signal.addEventListener("abort", () => goOn(), { once: true });

  async function list(): Promise<void> {
    for await (const row of openRows(context)) {
      if (signal.aborted) return;
      open++;
      void resumeRow(context, row, { ...options, signal }).then((item) => {
        ended.push(item);
        wake();
      });
      while (open >= AT_ONCE && !signal.aborted) await new Promise<void>((resolve) => (goOn = resolve));
    }
  }
  void untilAborted(list(), signal, () => stopped(context))
    .then(
      () => (listing = "done"),
      (error: unknown) => (listing = { error }),
    )
    .then(() => wake());

  const isListing = () => listing === "goes on";
  try {
    while (open > 0 || isListing()) {
      if (ended.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      for (const item of ended.splice(0)) {
        open--;
        goOn();
        if (item) yield item;
      }
    }
    if (typeof listing === "object") throw (listing as { error: unknown }).error;
  } finally {
    end();
  }
}

/** The open rows of this vendor, and those that cannot be used and may be its. */
async function* openRows({ journal, adapter, redact }: ClientContext): AsyncGenerator<JournalEntry, void> {
  try {
    for await (const row of journal.list({ state: OPEN }))
      if (row.vendor === adapter.vendor || (row.error !== undefined && row.vendor === "")) yield row;
  } catch (error) {
    const cause = safeCause(error, redact);
    const message = `the journal cannot be read (${cause.message}); repair it and resume again`;
    throw new JournalError(message, { vendor: adapter.vendor, phase: "poll", billed: "unknown", cause });
  }
}

/** Nothing when the row was closed meanwhile without a task. */
async function resumeRow(
  context: ClientContext,
  first: JournalEntry,
  options: Resuming,
): Promise<ResumeResult | undefined> {
  const { key } = first;
  try {
    if (first.error !== undefined) throw unusable(context, first);
    let row: JournalEntry | undefined = first;
    // A row that moves meanwhile is looked at again.
    for (; row && OPEN.includes(row.state); row = await context.journal.get(key)) {
      const item = await resumeByState(context, row, options);
      if (item) return item;
    }
    return row?.task && isTerminal(row.task) ? { idempotencyKey: key, task: row.task } : undefined;
  } catch (error) {
    return { idempotencyKey: key, error: asVidtaskError(context, key, error) };
  }
}

async function resumeByState(
  context: ClientContext,
  entry: JournalEntry,
  options: Resuming,
): Promise<ResumeResult | undefined> {
  const { key } = entry;
  // Of a row whose age cannot be told a live process may have it.
  const isPast = async (since: string | undefined, ms: number) =>
    ((await ageOf(context, entry, since)) ?? -Infinity) > ms;
  if (entry.account !== context.account()) return { idempotencyKey: key, open: "other-account", entry };
  switch (entry.state) {
    case "begun":
      return {
        idempotencyKey: key,
        open: (await isPast(entry.sendBefore, BEGUN_GRACE)) ? "not-sent" : "in-flight",
        entry,
      };
    case "sending": {
      if (!(await isPast(entry.sentAt, SENDING_LIFE))) return { idempotencyKey: key, open: "in-flight", entry };
      await moveRow(context, entry, { state: "unknown" });
      return undefined;
    }
    default:
      return waitForRow(context, entry, options);
  }
}

/** Waits for a task that exists or may exist: an id from a damaged answer is confirmed first. */
async function waitForRow(
  context: ClientContext,
  entry: JournalEntry,
  options: Resuming,
): Promise<ResumeResult | undefined> {
  const { key, state } = entry;
  const ref = possibleRef(entry);
  const emit = emitter(context.onEvent, options.onEvent);
  if (state === "unknown" && (await options.findLost(context, entry, emit, options.signal))) return undefined;
  if (!ref) return { idempotencyKey: key, open: "unknown", entry };
  if (state === "unknown") {
    const found = await readTask(context, ref, { signal: options.signal, key, emit }).catch((error: unknown) => {
      if (options.signal?.aborted) throw error;
    });
    if (!found) return { idempotencyKey: key, open: "unknown", entry };
    if (!(await moveRow(context, entry, { state: "accepted", ref }))) {
      const moved = await context.journal.get(key);
      if (moved?.version === entry.version) return { idempotencyKey: key, open: "unknown", entry }; // another key has this task
      if (moved?.ref?.id !== ref.id) return undefined;
    }
  }
  const about = { key, mayRepeat: true };
  for await (const task of watchTask(context, ref, options, about))
    if (isTerminal(task)) return { idempotencyKey: key, task };
  return { idempotencyKey: key, open: "unknown", entry };
}

const stopped = ({ adapter }: ClientContext): AbortedError =>
  new AbortedError("stopped resuming; what is open stays open: resume again", {
    vendor: adapter.vendor,
    phase: "poll",
    retryable: true,
  });

function unusable({ adapter }: ClientContext, { key, error }: JournalEntry): JournalError {
  const message = `${error}; repair or remove it, then resume again`;
  return new JournalError(message, { vendor: adapter.vendor, phase: "poll", idempotencyKey: key, billed: "unknown" });
}

function asVidtaskError({ adapter, redact }: ClientContext, key: string, error: unknown): VidtaskError {
  if (VidtaskError.isInstance(error)) return error;
  const cause = safeCause(error, redact);
  const message = `the journal row of ${key} could not be used (${cause.message}); resume again`;
  return new JournalError(message, {
    vendor: adapter.vendor,
    phase: "poll",
    idempotencyKey: key,
    billed: "unknown",
    cause,
  });
}
