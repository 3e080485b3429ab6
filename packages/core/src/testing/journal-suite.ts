// What the parts of the journal suite share.
import type { Journal, JournalEntry } from "../journal/journal.ts";
import type { TaskRef } from "../task/task.ts";

/** How the suite of a journal is run. */
export type DescribeJournalOptions = {
  /** How your test runner declares a test. @default the global `test` */
  test?: ((name: string, run: () => Promise<void>) => void) | undefined;
};

/** Two handles on one store, and a way to give names that are unique in that store. */
export type Handles = {
  one: Journal;
  two: Journal;
  open: () => Promise<Journal>;
  /** The same word gives the same name within a test. At most 64 characters for a word of 27. */
  name: (word: string) => string;
};
/** Declares one test of the suite. */
export type Case = (name: string, run: (handles: Handles) => Promise<void>) => void;

const AT = "2026-01-01T00:00:00.000Z";

export const entry = (key: string, more: Partial<JournalEntry> = {}): JournalEntry => ({
  key,
  vendor: "acme",
  model: "acme-1",
  account: "acme https://api.acme.test",
  request: { model: "acme-1", prompt: "a waterfall" },
  requestHash: "v1:0",
  state: "begun",
  version: 1,
  attempt: 0,
  createdAt: AT,
  updatedAt: AT,
  ...more,
});

export const refTo = (id: string, vendor = "acme"): TaskRef => ({ vendor, model: "acme-1", id });

export async function collect(list: AsyncIterable<JournalEntry>): Promise<JournalEntry[]> {
  const found: JournalEntry[] = [];
  for await (const row of list) found.push(row);
  return found;
}

/** The keys of this test in a list of everything that is in the store. */
export const keysIn = async (list: AsyncIterable<JournalEntry>, mine: readonly string[]): Promise<string[]> =>
  (await collect(list)).map(({ key }) => key).filter((key) => mine.includes(key));

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
