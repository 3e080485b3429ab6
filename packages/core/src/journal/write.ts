// A write whose answer was lost may have been made: the row is read again before it counts as failed.
import type { Journal, JournalEntry } from "./journal.ts";

/** What every write carries. */
type Marked = { writeId: string };

/** Begins a row. Nothing when it is ours now, else the entry that is there. */
export async function beginRow(journal: Journal, entry: JournalEntry & Marked): Promise<JournalEntry | undefined> {
  const holder = await journal.begin(entry).catch((error: unknown) => rowAfter(journal, entry.key, entry, error));
  return holder?.writeId === entry.writeId ? undefined : holder;
}

/** Changes a row at its version. The new row, or nothing when it has moved. */
export async function updateRow(
  journal: Journal,
  row: JournalEntry,
  patch: Partial<JournalEntry> & Marked,
): Promise<JournalEntry | undefined> {
  const { key, version } = row;
  try {
    const changed = await journal.update(key, version, patch, row);
    if (changed) return changed;
  } catch (error) {
    return rowAfter(journal, key, patch, error);
  }
  // A driver or a proxy that sent the statement twice reports the second, which came too late.
  const now = await journal.get(key);
  return now?.writeId === patch.writeId ? now : undefined;
}

/** The row, when the write that failed is in it; else the write's own error. */
async function rowAfter(journal: Journal, key: string, { writeId }: Marked, error: unknown): Promise<JournalEntry> {
  const now = await journal.get(key).catch(() => undefined);
  if (now?.writeId === writeId) return now;
  throw error;
}
