import type { Journal } from "../journal/journal.ts";
import { clockCases } from "./journal-clock-cases.ts";
import { listCases, valueCases } from "./journal-data-cases.ts";
import { keyCases, refCases } from "./journal-key-cases.ts";
import { raceCases } from "./journal-race-cases.ts";
import type { Case, DescribeJournalOptions } from "./journal-suite.ts";

/**
 * Conformance of a journal: one call in a test file is its test. `open` gives a handle on the store: for a durable
 * journal every call another one on the same store, and each test takes two. Keys and task ids are unique, so the store
 * may hold other rows; nothing is removed and no handle is closed: do that after the tests.
 */
export function describeJournal(open: () => Promise<Journal> | Journal, options: DescribeJournalOptions = {}): void {
  const test = options.test ?? (globalThis as { test?: DescribeJournalOptions["test"] }).test;
  if (!test)
    throw new TypeError("describeJournal: pass `test`, your runner's function, or run where `test` is a global");
  const declare: Case = (name, run) =>
    test(name, async () => {
      const mark = crypto.randomUUID();
      const one = await open();
      // What does not outlive a process is not shared between handles either.
      const two = one.durable ? await open() : one;
      await run({ one, two, open: async () => open(), name: (word) => `${mark}-${word}` });
    });
  keyCases(declare);
  refCases(declare);
  raceCases(declare);
  valueCases(declare);
  listCases(declare);
  clockCases(declare);
}
