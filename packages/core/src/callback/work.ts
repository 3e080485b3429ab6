// What one callback sets going, after its token and its body were read: at most one question to the vendor, the journal
// brought up to date, `onTask`. The result is the HTTP status that tells the vendor whether to call again.
import { track, type ClientContext } from "../client-context.ts";
import type { Clock } from "../clock.ts";
import { VendorError } from "../errors.ts";
import { emitter } from "../events.ts";
import type { JournalEntry } from "../journal/journal.ts";
import { advance } from "../task/state.ts";
import { isTerminal, refOf, type Task, type TaskRef } from "../task/task.ts";
import type { EndedTask } from "../wait/endings.ts";
import { backoff } from "../wait/schedule.ts";
import { watchTask } from "../wait/wait.ts";
import { createBudget, type Budget } from "./confirm-budget.ts";
import { handleEnd, shown, type OnTask } from "./handling.ts";
import { bind, confirm, doubleCharge, lateAccept, mismatch, standingOf, type Said } from "./reconcile.ts";

export type Status = 200 | 503;
export type Work = {
  /** `inLine` is called when it will be a while before the vendor can be asked: it goes on, and nobody need wait. */
  run(context: ClientContext, said: Said, inLine: () => void): Promise<Status>;
  /** The wait for a task that had not ended when its callback came. */
  following(said: Said): Promise<void> | undefined;
};

/** Of what the journal does not know: how many ended callbacks are remembered, so that repeating one costs nothing. */
const REMEMBERED = 10_000;
/** How often `onTask` is called for a task whose vendor will not call again. */
const OWN_TRIES = 5;

/** One for an account, however many clients and receivers there are: Workers make them anew for every request. */
const budgets = new WeakMap<Clock, Map<string, Budget>>();

export function createWork(onTask: OnTask): Work {
  const follows = new Map<string, Promise<void>>();
  const ended = new Set<string>();

  function remember(said: Said): Status {
    ended.add(nameOf(said));
    for (const oldest of ended) {
      if (ended.size <= REMEMBERED) break;
      ended.delete(oldest);
    }
    return 200;
  }

  const handle = (context: ClientContext, task: EndedTask, key: string) =>
    handleEnd(context, task, { key, onTask, emit: emitter(context.onEvent) });

  async function run(context: ClientContext, said: Said, inLine: () => void): Promise<Status> {
    const { clock, closing } = context;
    const { key } = said.ticket;
    const known = await fromJournal(context, said);
    if (known !== undefined) return known;
    const waitMs = budgetOf(context).reserve(key);
    if (waitMs === undefined) return follows.has(nameOf(said)) ? 200 : 503;
    if (waitMs > 0) {
      inLine();
      await clock.sleep(waitMs, closing);
      const since = await fromJournal(context, said); // much can happen in a line
      if (since !== undefined) return since;
    }
    return ask(context, said);
  }

  /** The answer where the journal has it: it holds no end that a `get` has not said. */
  async function fromJournal(context: ClientContext, said: Said): Promise<Status | undefined> {
    if (ended.has(nameOf(said))) return 200;
    const row = await context.journal.get(said.ticket.key);
    if (standingOf(row, said) !== "known" || row?.account !== context.account()) return undefined;
    if (row.handledAt !== undefined) return 200;
    if (!row.task || !isTerminal(row.task)) return undefined;
    return (await handle(context, row.task, row.key)) === "done" ? 200 : 503;
  }

  async function ask(context: ClientContext, said: Said): Promise<Status> {
    const { journal, adapter } = context;
    const { ticket, id } = said;
    const { key } = ticket;
    const emit = emitter(context.onEvent);
    const ref: TaskRef = { vendor: adapter.vendor, model: ticket.model, id };
    const row = await journal.get(key);
    const holder = await journal.find(ref);
    if (row && row.account !== context.account()) {
      emit(mismatch(key, ref, `and the key belongs to the account "${row.account}"`));
      return 503; // another receiver may be the right one
    }
    if (holder && holder.key !== key) {
      emit(mismatch(key, ref, "which belongs to another key"));
      return remember(said);
    }
    const standing = standingOf(row, said);
    let confirmed: { task: Task; fits: boolean };
    try {
      confirmed = await confirm(context, said, row, emit);
    } catch (error) {
      if (standing !== "other" || !isNotFound(error)) throw error;
      emit(mismatch(key, ref, "but the key has another one"));
      return remember(said);
    }
    const { task, fits } = confirmed;
    if (standing !== "known" && !fits) {
      emit(mismatch(key, ref, "which is of another model or another time"));
      return remember(said);
    }
    switch (standing) {
      case "earlier":
        emit(lateAccept(key, ref, `has gone on to attempt ${row?.attempt}`));
        return remember(said);
      case "other":
        emit(doubleCharge(key, ref, row));
        return remember(said);
      case "alone":
        if (!isTerminal(task)) return 503;
        return (await handle(context, task, key)) === "done" ? remember(said) : 503;
      default:
        return settle(context, said, task);
    }
  }

  /** The key's own task. */
  async function settle(context: ClientContext, said: Said, seen: Task): Promise<Status> {
    const { key } = said.ticket;
    const row = await bind(context, said, seen, emitter(context.onEvent));
    if (!row) return 503; // it moved on meanwhile: the next callback sees how
    const { task } = advance(row.task, seen);
    if (isTerminal(task)) return (await handle(context, task, key)) === "done" ? 200 : 503;
    if (!context.journal.durable) return 503;
    follow(context, said, row);
    return 200;
  }

  function follow(context: ClientContext, said: Said, row: JournalEntry): void {
    const name = nameOf(said);
    if (follows.has(name) || !row.ref) return;
    const done = track(context, waitAndHandle(context, row.ref, row)).finally(() => follows.delete(name));
    follows.set(name, done);
  }

  // The vendor was told that all is well and does not call again, so a failing `onTask` is called again from here.
  async function waitAndHandle(context: ClientContext, ref: TaskRef, { key, request }: JournalEntry): Promise<void> {
    const { clock, closing } = context;
    const about = { key, mayRepeat: true, duration: request["duration"] };
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
          key,
          ref: refOf(ref),
          error: shown(context, error),
        });
    }
  }

  return { run, following: (said) => follows.get(nameOf(said)) };
}

const nameOf = ({ ticket: { vendor, key }, id }: Said): string => JSON.stringify([vendor, key, id]);

const isNotFound = (error: unknown): boolean => VendorError.isInstance(error) && error.code === "not_found";

function budgetOf({ clock, account }: ClientContext): Budget {
  const all = budgets.get(clock) ?? new Map<string, Budget>();
  const found = all.get(account()) ?? createBudget(clock);
  budgets.set(clock, all.set(account(), found));
  return found;
}
