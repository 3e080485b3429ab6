// A journal as core uses it: everything that comes out of the user's store is looked at before it counts.
import type { TaskRef } from "../task/task.ts";
import { answerWithin } from "../time/abort.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import { flawedRow, flawOf } from "./row-flaw.ts";
import { SEND_WITHIN } from "./states.ts";

// In real time. A request leaves within so many ms of its row or not at all: a row that takes longer is of no use. Who asks by
// the task polls, and can do without.
const BY_KEY_WITHIN = SEND_WITHIN;
const BY_TASK_WITHIN = 5_000;
const inTime = <T>(work: T | Promise<T>, ms = BY_KEY_WITHIN): Promise<T> => answerWithin(ms, Promise.resolve(work));

/** Begins that were given up and may still be made, by journal and key. */
const late = new WeakMap<Journal, Map<string, Promise<void>>>();

/** Resolves when the journal has answered every `begin` of the key that was given up before. */
export const whenBegun = async (journal: Journal, key: string): Promise<void> => late.get(journal)?.get(key);

function remember(journal: Journal, key: string, work: Promise<unknown>): void {
  const ofJournal = late.get(journal) ?? new Map<string, Promise<void>>();
  const before = ofJournal.get(key);
  const both: Promise<void> = Promise.allSettled([work, before]).then(() => {
    if (ofJournal.get(key) === both) ofJournal.delete(key);
  });
  late.set(journal, ofJournal.set(key, both));
}

const known = new WeakMap<Journal, Journal>();

/**
 * Wraps a journal, always in the same wrapper. Its calls reject and never throw; an unusable row is an error that names its key.
 * A journal that does not answer has failed: a write that succeeds late is recognized by its `writeId`. Lists have no time limit.
 */
export function checkedJournal(journal: Journal): Journal {
  const found = known.get(journal);
  if (found) return found;
  const checked = check(journal);
  known.set(journal, checked).set(checked, checked);
  return checked;
}

function check(journal: Journal): Journal {
  const checked: Journal = {
    ...(journal.durable ? { durable: true } : {}),
    ...(journal.now ? { now: async () => usableTime(await inTime(journal.now?.())) } : {}),
    async begin(entry) {
      const work = Promise.resolve(journal.begin(entry));
      const found = inTime(work).catch((error: unknown) => {
        remember(checked, entry.key, work);
        throw error;
      });
      return usable(await found, entry.key);
    },
    update: async (key, version, patch, from) => usable(await inTime(journal.update(key, version, patch, from)), key),
    get: async (key) => usable(await inTime(journal.get(key)), key),
    findByTask: async (ref) => usable(await inTime(journal.findByTask(ref), BY_TASK_WITHIN), undefined, ref),
    async *list(filter) {
      for await (const row of journal.list(filter)) yield shown(row);
    },
  };
  return checked;
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
