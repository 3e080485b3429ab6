import { redactor, safeCause } from "../redact.ts";
import { JournalError } from "../task/errors.ts";
import { checkedJournal } from "./checked-journal.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import type { Writer } from "./rows.ts";

/** Runs a journal call that has to succeed before anything is sent. */
export async function mustWrite<T>(
  context: Pick<Writer, "adapter" | "redact">,
  key: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { adapter, redact } = context;
    const cause = safeCause(error, redact);
    const message = `the journal failed (${cause.message}), so nothing was sent; repair it and submit again`;
    throw new JournalError(message, { vendor: adapter.vendor, phase: "submit", idempotencyKey: key, cause });
  }
}

/** The row of a key that is not free. @throws JournalError */
export async function liveRow(journal: Journal, key: string, vendor: string): Promise<JournalEntry | undefined> {
  const context = { adapter: { vendor }, redact: redactor(() => []) };
  const row = await mustWrite(context, key, () => checkedJournal(journal).get(key));
  return row && row.state !== "refused" && row.state !== "lost" ? row : undefined;
}
