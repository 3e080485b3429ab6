// A journal as core uses it: everything that comes out of the user's store is looked at before it counts.
import type { TaskRef } from "../task/task.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import { flawedRow, flawOf } from "./row-flaw.ts";

const known = new WeakMap<Journal, Journal>();

/** The same for the same journal. Its calls reject, and never throw; a row that is none is an error that names its key. */
export function checkedJournal(journal: Journal): Journal {
  const found = known.get(journal) ?? check(journal);
  known.set(journal, found).set(found, found);
  return found;
}

function check(journal: Journal): Journal {
  return {
    ...(journal.durable ? { durable: true } : {}),
    ...(journal.now ? { now: async () => usableTime(await journal.now?.()) } : {}),
    begin: async (entry) => usable(await journal.begin(entry), entry.key),
    update: async (key, version, patch, from) => usable(await journal.update(key, version, patch, from), key),
    get: async (key) => usable(await journal.get(key), key),
    findByTask: async (ref) => usable(await journal.findByTask(ref), undefined, ref),
    async *list(filter) {
      for await (const row of journal.list(filter)) yield shown(row);
    },
  };
}

function usable(
  row: JournalEntry | null | undefined,
  key: string | undefined,
  ref?: TaskRef,
): JournalEntry | undefined {
  if (row === undefined || row === null) return undefined;
  const flaw = flawOf(row, key);
  if (flaw === undefined) return row;
  const what = key === undefined ? `task ${ref?.id} (key ${keyIn(row)})` : `key ${key}`;
  throw new Error(`the row of ${what} cannot be used: ${flaw}`);
}

/** In 1973; a time in seconds is before it. */
const FIRST_MS = 1e11;

function usableTime(now: unknown): number {
  if (typeof now === "number" && now > FIRST_MS && now < Number.MAX_SAFE_INTEGER) return now;
  throw new Error("its `now()` must be a time in milliseconds since 1970");
}

function shown(row: JournalEntry): JournalEntry {
  if ((row as JournalEntry | null)?.error !== undefined) return row;
  const flaw = flawOf(row);
  if (flaw === undefined) return row;
  const { vendor } = (row as Partial<JournalEntry> | null) ?? {};
  return flawedRow(keyIn(row), flaw, typeof vendor === "string" ? { vendor } : {});
}

const keyIn = (row: unknown): string => {
  const { key } = (row ?? {}) as { key?: unknown };
  return typeof key === "string" ? key : "?";
};
