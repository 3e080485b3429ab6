import type { ClientOptions } from "../context/options.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";

type Row = Promise<JournalEntry | undefined>;

/** A journal whose write that says `sending` is made by `around`, whether it begins the row or moves it. */
export const aroundSending = (inner: Journal, around: (write: () => Row) => Row): Journal => ({
  ...inner,
  begin: (entry) => (entry.state === "sending" ? around(() => inner.begin(entry)) : inner.begin(entry)),
  update: (key, version, patch) => {
    const write = () => inner.update(key, version, patch);
    return patch.state === "sending" ? around(write) : write();
  },
});

/** With a budget to reserve of, a row begins before it says `sending`. */
export const TWO_WRITES: ClientOptions = { budget: { usd: 1_000 } };

/** The ways of a row to `sending`, for a table of tests. */
export const WAYS = [
  { way: "in one write", options: {} as ClientOptions, writes: 1 },
  { way: "in two writes", options: TWO_WRITES, writes: 2 },
];
