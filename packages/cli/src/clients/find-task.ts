// Tasks are named by key or by ref, whatever is at hand.
import { nearest } from "@vidtask/core/router";
import { formatRef, parseRef, type JournalEntry, type TaskRef } from "vidtask";
import { UsageError } from "../usage-error.ts";
import { isVendor } from "../vendors.ts";
import type { Session } from "./session.ts";

/** What a name stands for: a row of the journal, a ref, or both. */
export type Named = { name: string; entry?: JournalEntry; ref?: TaskRef };

/** @throws UsageError for a name that is neither, with the key that was probably meant */
export async function findTask({ journal, journalPath }: Session, name: string): Promise<Named> {
  const row = await journal.get(name);
  if (row) return { name, entry: row, ...(row.ref ? { ref: row.ref } : {}) };
  const ref = refOf(name);
  if (ref) {
    const entry = await journal.findByTask(ref);
    return { name, ref: entry?.ref ?? ref, ...(entry ? { entry } : {}) };
  }
  const keys: string[] = [];
  for await (const entry of journal.list()) {
    // The id alone, as a vendor's dashboard shows it.
    if (entry.ref?.id === name) return { name, entry, ref: entry.ref };
    keys.push(entry.key);
  }
  const meant = nearest(name, keys);
  throw new UsageError(`there is no task "${name}" in ${journalPath || "the journal"}`, [
    ...(meant === undefined ? [] : [`Did you mean ${meant}?`]),
    "A task is named by its key, or by its ref: vendor:model:id. vidtask list shows them.",
  ]);
}

function refOf(name: string): TaskRef | undefined {
  if (!isVendor(name.split(":")[0])) return undefined;
  try {
    return parseRef(name);
  } catch {
    return undefined;
  }
}

/** As people and other commands take it: the key, where there is one. */
export const nameOf = ({ name, entry, ref }: Named): string => entry?.key ?? (ref ? formatRef(ref) : name);
