// How old a row is. Several machines write rows, and their clocks may be hours apart: a row's times are of the store's own
// clock where it has one. Without it only the process that wrote a row can tell its age, by a clock that never jumps.
import type { Clock } from "../time/clock.ts";
import type { Journal, JournalEntry } from "./journal.ts";

export type Timed = { journal: Journal; readonly clock: Clock };

/** The time that is written into rows. */
export const storeNow = async ({ journal, clock }: Timed): Promise<number> => (await journal.now?.()) ?? clock.now();

/** A moment at which a client of this process wrote its own times into a row, or tried to. */
type Note = { owner: string; at: number; elapsed: number; clock: Clock };
const notes = new WeakMap<Journal, Map<string, Note>>();

/** To be called before a write of new times: whether its answer comes or not. */
export function noteTimes({ journal, clock, owner }: Timed & { readonly owner: string }, key: string): void {
  const known = notes.get(journal) ?? new Map<string, Note>();
  notes.set(journal, known.set(key, { owner, at: clock.now(), elapsed: clock.elapsed(), clock }));
}

/** A row that is settled has no age that matters. */
export const forgetTimes = (journal: Journal, key: string): void => void notes.get(journal)?.delete(key);

/**
 * The time by which the times of a row can be judged; nothing where no clock here can: the row is another process's, and the
 * store has no clock. A journal that is not durable is of one process.
 */
export async function nowFor({ journal, clock }: Timed, { key, owner }: JournalEntry): Promise<number | undefined> {
  if (journal.now) return journal.now();
  const note = notes.get(journal)?.get(key);
  if (note && note.owner === owner) return note.at + note.clock.elapsed() - note.elapsed;
  return journal.durable ? undefined : clock.now();
}

/** How long ago a time of a row was, in ms; nothing where that cannot be told. */
export async function ageOf(context: Timed, row: JournalEntry, since: string | undefined): Promise<number | undefined> {
  const now = await nowFor(context, row);
  const age = now === undefined ? Number.NaN : now - Date.parse(since ?? row.updatedAt);
  return Number.isNaN(age) ? undefined : age;
}
