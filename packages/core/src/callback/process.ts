// What happens for one callback once its token and body are read: at most one question to the vendor, the journal
// brought up to date, `onTask`. The result is the HTTP status that tells the vendor whether to call again.
import type { ClientContext } from "../context/context.ts";
import type { JournalEntry } from "../journal/journal.ts";
import { recordEnd } from "../journal/rows.ts";
import { createReadBudget, type ReadBudget } from "../limits/read-budget.ts";
import { watchTask } from "../poll/wait.ts";
import { VendorError } from "../task/errors.ts";
import { emitter, type OnEvent } from "../task/events.ts";
import { advance } from "../task/state.ts";
import { isTerminal, refOf, type Task, type TaskRef, type EndedTask } from "../task/task.ts";
import { track } from "../time/abort.ts";
import { backoff, type Clock } from "../time/clock.ts";
import type { Trace } from "../trace.ts";
import { deliver, shown, type OnTask } from "./deliver.ts";
import { bind, confirm, doubleCharge, lateAccept, mismatch, standingOf, type Notice } from "./reconcile.ts";

export type Status = 200 | 503;
export type Processor = {
  /** `inLine` is called when it will be a while before the vendor can be asked: the work goes on, and the caller need not wait. */
  run(context: ClientContext, notice: Notice, inLine: () => void, trace?: Trace): Promise<Status>;
  /** The wait for a task that had not ended when its callback came. */
  following(notice: Notice): Promise<void> | undefined;
};

/** How many ended callbacks that the journal does not know are remembered, so that repeating one costs nothing. */
const REMEMBERED = 10_000;
/** How often `onTask` is called for a task whose vendor will not call again. */
const OWN_TRIES = 5;

/** One per account, for any number of clients and receivers: a Worker makes new ones for every request. */
const budgets = new WeakMap<Clock, Map<string, ReadBudget>>();

export function createProcessor(onTask: OnTask): Processor {
  const waits = new Map<string, Promise<void>>();
  const ended = new Set<string>();

  function remember(notice: Notice): Status {
    ended.add(nameOf(notice));
    for (const oldest of ended) {
      if (ended.size <= REMEMBERED) break;
      ended.delete(oldest);
    }
    return 200;
  }

  const handle = (
    context: ClientContext,
    task: EndedTask,
    key: string,
    { unverified, row }: Pick<Notice, "unverified"> & { row?: JournalEntry } = {},
  ) => deliver(context, task, { key, row, unverified, onTask, emit: emitter(context.onEvent) });

  async function run(context: ClientContext, notice: Notice, inLine: () => void, trace?: Trace): Promise<Status> {
    const { clock, closing } = context;
    let known = await fromJournal(context, notice, trace);
    if (known.status !== undefined) return known.status;
    const { key } = notice.ticket;
    const waitMs = budgetOf(context).reserve({ key, id: notice.id, isOwn: known.row !== undefined }, context.limits);
    if (waitMs === undefined) return waits.has(nameOf(notice)) ? 200 : 503;
    if (waitMs > 0) {
      inLine();
      await clock.sleep(waitMs, closing);
      known = await fromJournal(context, notice); // it may have changed while this one waited
      if (known.status !== undefined) return known.status;
    }
    return confirmAndApply(context, notice, known.row);
  }

  /**
   * The answer, where the journal has it: every end in it came from a `get`, or from a body that the account has signed. `row`: the journal has the task under the key
   * of the callback.
   */
  async function fromJournal(
    context: ClientContext,
    notice: Notice,
    trace?: Trace,
  ): Promise<{ status?: Status; row?: JournalEntry }> {
    if (ended.has(nameOf(notice))) return { status: 200 };
    const { journal, adapter } = context;
    const { ticket, id } = notice;
    const row = await journal.get(ticket.key);
    if (trace) trace.submitTraceparent = row?.traceparent;
    if (standingOf(row, notice) !== "known" || row?.account !== context.account()) {
      const ref: TaskRef = { vendor: adapter.vendor, model: ticket.model, id };
      const holder = await journal.findByTask(ref);
      if (!holder || holder.key === ticket.key) return {};
      // Before any read is reserved: a foreign token must not use up what the task's own callback needs.
      emitter(context.onEvent)(mismatch(ticket.key, ref, "which belongs to another key"));
      return { status: remember(notice) };
    }
    if (row.deliveredAt !== undefined) return { status: 200 };
    const task = row.task && isTerminal(row.task) ? row.task : row.ref && notice.end?.(row.ref);
    if (!task) return { row };
    const isNew = task !== row.task;
    if (isNew) await seeEnd(context, task, emitter(context.onEvent));
    const about = isNew ? notice : { ...notice, row };
    return { status: (await handle(context, task, row.key, about)) === "done" ? 200 : 503 };
  }

  /** `own`: the row of the key, which has the task. */
  async function confirmAndApply(context: ClientContext, notice: Notice, own?: JournalEntry): Promise<Status> {
    const { journal, adapter } = context;
    const { ticket, id } = notice;
    const { key } = ticket;
    const emit = emitter(context.onEvent);
    const ref: TaskRef = { vendor: adapter.vendor, model: ticket.model, id };
    const row = own ?? (await journal.get(key));
    if (row && row.account !== context.account()) {
      emit(mismatch(key, ref, `and the key belongs to the account "${row.account}"`));
      return 503; // another receiver may be the right one
    }
    const standing = standingOf(row, notice);
    let confirmed: { task: Task; fits: boolean };
    try {
      confirmed = await confirm(context, notice, row, emit);
    } catch (error) {
      if (standing !== "other" || !isNotFound(error)) throw error;
      emit(mismatch(key, ref, "but the key has another one"));
      return remember(notice);
    }
    const { task, fits } = confirmed;
    if (standing !== "known" && !fits) {
      emit(mismatch(key, ref, "which is of another model or another time"));
      return remember(notice);
    }
    switch (standing) {
      case "earlier":
        emit(lateAccept(key, ref, `has gone on to attempt ${row?.attempt}`));
        return remember(notice);
      case "other":
        emit(doubleCharge(key, ref, row));
        return remember(notice);
      case "alone":
        if (!isTerminal(task)) return 503;
        return (await handle(context, task, key, notice)) === "done" ? remember(notice) : 503;
      default:
        return applyToKey(context, notice, task, row);
    }
  }

  /** The key's own task. */
  async function applyToKey(
    context: ClientContext,
    notice: Notice,
    seen: Task,
    before: JournalEntry | undefined,
  ): Promise<Status> {
    const { key } = notice.ticket;
    const row = await bind(context, notice, seen, { row: before, emit: emitter(context.onEvent) });
    if (!row) return 503; // the row moved meanwhile: the next callback finds its new state
    const { task } = advance(row.task, seen);
    if (isTerminal(task)) return (await handle(context, task, key, { ...notice, row })) === "done" ? 200 : 503;
    if (!context.journal.durable) return 503;
    waitInBackground(context, notice, row);
    return 200;
  }

  function waitInBackground(context: ClientContext, notice: Notice, row: JournalEntry): void {
    const name = nameOf(notice);
    if (waits.has(name) || !row.ref) return;
    const done = track(
      context,
      `the wait for the task of key ${row.key}`,
      waitAndHandle(context, row.ref, row),
    ).finally(() => waits.delete(name));
    waits.set(name, done);
  }

  // The vendor got a 200 and does not call again, so a failing `onTask` is repeated from here.
  async function waitAndHandle(context: ClientContext, ref: TaskRef, { key }: JournalEntry): Promise<void> {
    const { clock, closing } = context;
    const about = { key, mayRepeat: true };
    try {
      for await (const task of watchTask(context, ref, { signal: closing }, about))
        for (let tries = 1; isTerminal(task) && tries <= OWN_TRIES; tries++) {
          if ((await handle(context, task, key)) === "done") return;
          await clock.sleep(1_000 + 10 * backoff(tries), closing);
        }
    } catch (error) {
      // The row stays accepted: `resume` finds it.
      if (!closing.aborted)
        emitter(context.onEvent)({
          type: "fault",
          phase: "callback",
          idempotencyKey: key,
          ref: refOf(ref),
          error: shown(context, error),
        });
    }
  }

  return { run, following: (notice) => waits.get(nameOf(notice)) };
}

/** An end that no question brought. */
async function seeEnd(context: ClientContext, task: EndedTask, emit: OnEvent): Promise<void> {
  context.limiter.ended(task.id);
  context.ends.tell(task);
  await recordEnd(context, task, emit);
}

const nameOf = ({ ticket: { vendor, key }, id }: Notice): string => JSON.stringify([vendor, key, id]);

const isNotFound = (error: unknown): boolean => VendorError.isInstance(error) && error.code === "not_found";

function budgetOf({ clock, account }: ClientContext): ReadBudget {
  const all = budgets.get(clock) ?? new Map<string, ReadBudget>();
  const found = all.get(account()) ?? createReadBudget(clock);
  budgets.set(clock, all.set(account(), found));
  return found;
}
