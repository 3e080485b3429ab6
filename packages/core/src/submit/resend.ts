// Sends a lost submit again, where the vendor's pages promise that the same token makes no second task and no second charge.
// The row stays unknown meanwhile: of a second sending only an id counts.
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { storeNow } from "../journal/row-time.ts";
import { moveRow } from "../journal/rows.ts";
import type { Task } from "../task/task.ts";
import { isoTime, stopwatch, type Clock } from "../time/clock.ts";
import type { Outcome } from "./outcome.ts";
import type { Sent } from "./paid-post.ts";
import type { PostOf } from "./prepare.ts";
import type { Resend } from "./recover.ts";
import { sendOnce } from "./send.ts";
import type { Submission } from "./submission.ts";

/** In ms: not in the last minute of the window, whatever the clocks say of it. */
const LAST_MINUTE = 60_000;

/** How much of the window has passed, in ms. */
export type Age = () => number;

/** By the store's clock, in any process. Nothing without one: the clocks of two machines prove nothing. */
export async function ageInStore(
  journal: Journal,
  { windowFrom }: JournalEntry,
  clock: Clock,
): Promise<Age | undefined> {
  if (!journal.now || windowFrom === undefined) return undefined;
  const now = await journal.now();
  const since = stopwatch(clock);
  return () => now - Date.parse(windowFrom) + since();
}

type Parts = {
  postOf: PostOf;
  age: Age;
  judge: (sent: Sent) => Outcome;
  /** The task of an answer that brought its id. */
  taken: (row: JournalEntry, outcome: Outcome) => Promise<Task | undefined>;
};

export function resender(run: Submission, { postOf, age, judge, taken }: Parts): Resend | undefined {
  const { context, key, emit, stop } = run;
  const { idempotencyWindowMs: windowMs } = context.adapter;
  if (windowMs === undefined) return undefined;
  const isLate = () => age() >= windowMs - LAST_MINUTE;
  return async (row) => {
    if (isLate() || row.token === undefined || row.postHash === undefined) return undefined;
    try {
      await context.limiter.pass("submit", stop);
      const post = await postOf(row.attempt, row.token, Date.parse(row.sentAt ?? ""));
      // Other bytes, another URL or other secrets: to the vendor it might be another request.
      if (post.hash !== row.postHash || isLate()) return undefined;
      const marked = await moveRow(context, row, { resentAt: isoTime(await storeNow(context)) });
      if (!marked || stop.aborted || isLate()) return undefined;
      emit({ type: "retry", phase: "submit", idempotencyKey: key, attempt: row.attempt, waitMs: 0 });
      return await taken(marked, judge(await sendOnce(post, isLate, context.options.fetch)));
    } catch {
      return undefined; // it says nothing about the first sending
    }
  };
}
