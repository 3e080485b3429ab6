// What a succeeded task says of how long its model takes.
import type { ClientContext } from "../context/context.ts";
import { ENDS_KEPT, KINDS_KEPT } from "../context/durations.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { isTerminal, type SucceededTask, type TaskRef } from "../task/task.ts";
import { answerWithin } from "../time/abort.ts";
import { isoTime } from "../time/clock.ts";
import { lengthOf } from "../vendor-spec/models.ts";

/** When the end was seen and when the check before it was, both in ms of the wall clock. */
type Seen = { at: number; before?: number | undefined };

/** A vendor's clock may be off by this much. */
const CLOCK_SLACK = 2_000;
/** An end that is only known to lie in a gap counts when the gap is at most this share of its middle. */
const WIDEST_GAP = 0.3;

/** Counts the end of a task for the schedule of its model. */
export function learn({ durations, options }: ClientContext, task: SucceededTask, length: unknown, seen: Seen): void {
  if (options.poll?.learn === false) return;
  const duration = durationOf(task, seen);
  if (duration !== undefined) durations.see(task.model, length, [[task.id, duration]]);
}

/** How long a task took, as far as that is known: by the vendor's own times where they fit what was seen, else by ours. */
export function durationOf(
  { submittedAt, createdAt, completedAt }: Pick<SucceededTask, "submittedAt" | "createdAt" | "completedAt">,
  { at, before }: Seen,
): number | undefined {
  if (submittedAt === undefined) return undefined;
  const submitted = Date.parse(submittedAt);
  const [earliest, latest] = [before === undefined ? 0 : before - submitted, at - submitted];
  const told = Date.parse(completedAt ?? "") - Date.parse(createdAt ?? "");
  if (told > 0 && told >= earliest - CLOCK_SLACK && told <= latest) return told;
  const middle = (earliest + latest) / 2;
  return latest - earliest <= WIDEST_GAP * middle ? middle : undefined;
}

const DAY = 86_400_000;
/** So many rows are read for the ends of one model. */
const ROWS_READ = 1_000;
/** In real time: a question that has its answer waits no longer for what the journal knows. */
const LEARN_WITHIN = 1_000;
/** By client, and by model and length: what is being read, or nothing where it has been. */
const warm = new WeakMap<object, Map<string, Promise<void> | undefined>>();

/**
 * Counts what the journal knows of the last day of this model and length, once per client and beside what the client does.
 * Resolves when that is done, or has failed, or takes long; nothing where it was done before.
 */
export function warmStart(context: ClientContext, { model }: TaskRef, length: unknown): Promise<void> | undefined {
  if (context.options.poll?.learn === false) return undefined;
  const ofClient = warm.get(context) ?? new Map<string, Promise<void> | undefined>();
  warm.set(context, ofClient);
  const name = JSON.stringify([model, length]);
  if (ofClient.has(name) || ofClient.size >= KINDS_KEPT) return ofClient.get(name);
  const reading = answerWithin(LEARN_WITHIN, learnFromJournal(context, model, length))
    .catch(() => {})
    .then(() => void ofClient.set(name, undefined));
  ofClient.set(name, reading);
  return reading;
}

async function learnFromJournal(context: ClientContext, model: string, length: unknown): Promise<void> {
  const { adapter, clock, durations, account } = context;
  const since = isoTime(clock.now() - DAY);
  const own = account();
  const ends: [string, number][] = [];
  for await (const { vendor, account: theirs, task, request } of newestEnds(context, since)) {
    if (vendor !== adapter.vendor || theirs !== own || !task || !isTerminal(task)) continue;
    if (task.model !== model || lengthOf(adapter.models, model, request) !== length) continue;
    const told = Date.parse(task.completedAt ?? "") - Date.parse(task.createdAt ?? "");
    if (told > 0 && ends.push([task.id, told]) >= ENDS_KEPT) break;
  }
  durations.see(model, length, ends.toReversed(), true);
}

/** The rows of tasks that succeeded and were begun since then, the newest first. */
async function* newestEnds({ journal }: ClientContext, since: string): AsyncGenerator<JournalEntry, void> {
  let rows = 0;
  let first: string | undefined;
  /** Whether one that was begun earlier has come. Those that were begun at once say nothing of the order. */
  let isNewestFirst = false;
  for await (const row of journal.list({ state: ["succeeded"], newestFirst: true })) {
    if (++rows > ROWS_READ) return;
    if (row.error !== undefined) continue; // it says no time of its own
    first ??= row.createdAt;
    // A store that keeps no such order: what is asked for next is all of the day.
    if (!isNewestFirst && row.createdAt > first) return yield* (await endsOfDay(journal, since)).toReversed();
    isNewestFirst ||= row.createdAt < first;
    if (row.createdAt >= since) yield row;
    else if (isNewestFirst) return;
  }
}

async function endsOfDay(journal: Journal, since: string): Promise<JournalEntry[]> {
  const rows: JournalEntry[] = [];
  for await (const row of journal.list({ state: ["succeeded"], since })) if (rows.push(row) >= ROWS_READ) break;
  return rows;
}
