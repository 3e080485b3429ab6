// What a succeeded task says of how long its model takes.
import type { ClientContext } from "../context/context.ts";
import { isTerminal, type SucceededTask } from "../task/task.ts";
import { isoTime } from "../time/clock.ts";

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
  if (duration !== undefined) durations.see(task.model, length, duration);
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
const ROWS_READ = 1_000;
const warm = new WeakSet<object>();

/** Counts what the journal knows of the last day, once per client and beside what the client does: a journal that fails costs nothing. */
export function warmStart(context: ClientContext): void {
  if (warm.has(context) || context.options.poll?.learn === false) return;
  warm.add(context);
  void learnFromJournal(context).catch(() => {});
}

async function learnFromJournal({ journal, adapter, clock, durations, account }: ClientContext): Promise<void> {
  let left = ROWS_READ;
  const since = isoTime(clock.now() - DAY);
  const own = account();
  for await (const { vendor, account: theirs, task, request } of journal.list({ state: ["succeeded"], since })) {
    if (left-- <= 0) return;
    if (vendor !== adapter.vendor || theirs !== own || !task || !isTerminal(task)) continue;
    const told = Date.parse(task.completedAt ?? "") - Date.parse(task.createdAt ?? "");
    durations.see(task.model, request["duration"], told);
  }
}
