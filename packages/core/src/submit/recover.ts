// What is done at once about a submit whose answer was lost: the vendor is asked for its task, and, where its pages promise
// that this makes no second one, it gets the same request again.
import { findLost } from "../callback/find.ts";
import type { JournalEntry } from "../journal/journal.ts";
import type { Task } from "../task/task.ts";
import { taskOfRow } from "./claim.ts";
import type { Submission } from "./submission.ts";

/** In ms, one after the other: after 1, 4 and 15 s. */
const LOOKS = [1_000, 3_000, 11_000];

/** Sends the same request again; the task, where that brought its id. */
export type Resend = (row: JournalEntry) => Promise<Task | undefined>;

/** The task of the submit, if it turns up; the row stays unknown if not. */
export async function recover(
  run: Submission,
  { attempt }: JournalEntry,
  resend: Resend | undefined,
  looks: readonly number[] = LOOKS,
): Promise<Task | undefined> {
  const { context, key, emit, stop } = run;
  if (!context.adapter.find && !resend) return undefined;
  for (const waitMs of looks) {
    await context.clock.sleep(waitMs, stop).catch(() => {});
    if (stop.aborted) return undefined;
    const row = await context.journal.get(key).catch(() => undefined);
    if (row?.attempt !== attempt) return undefined;
    if (row.ref && row.state !== "unknown") return taskOfRow(run, row); // a callback was faster
    if (row.state !== "unknown" || row.ref) return undefined;
    const found = await findLost(context, row, emit, stop).catch(() => undefined);
    if (found) return found.task ?? taskOfRow(run, found);
    const task = await resend?.(row);
    if (task) return task;
  }
  return undefined;
}
