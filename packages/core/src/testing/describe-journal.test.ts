import { describe, expect, test } from "vitest";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { describeJournal } from "./describe-journal.ts";

describe("the journal in memory", () => {
  describeJournal(memoryJournal, { test });
});

const later = () => new Promise((wake) => setTimeout(wake, 0));
const withKey = (key: string): string => key.toLowerCase().trim();

/** Journals that are wrong in one way each. */
const wrong: { readonly [fault: string]: (journal: Journal) => Partial<Journal> } = {
  "begin looks first and writes later": (journal) => ({
    begin: async (entry) => {
      const found = await journal.get(entry.key);
      await later();
      if (found && found.state !== "refused" && found.state !== "lost") return found;
      const there = await journal.begin(entry);
      return there && entry.version > there.version ? there : undefined;
    },
  }),
  "begin replaces at any version": (journal) => ({
    begin: (entry) => journal.begin({ ...entry, version: entry.version + 100 }),
  }),
  "begin never replaces": (journal) => ({
    begin: async (entry) => (await journal.get(entry.key)) ?? journal.begin(entry),
  }),
  "begin answers with what it was given": (journal) => ({
    begin: async (entry) => ((await journal.begin(entry)) ? entry : undefined),
  }),
  "begin forgets the earlier attempts": (journal) => ({
    begin: ({ previousAttempts: _, ...entry }) => journal.begin(entry),
  }),
  "update takes any version": (journal) => ({
    update: async (key, version, patch) => journal.update(key, (await journal.get(key))?.version ?? version, patch),
  }),
  "update adds a row": (journal) => ({
    update: async (key, version, patch) => {
      if (!(await journal.get(key))) await journal.begin({ key, version, ...patch } as JournalEntry);
      return journal.update(key, version, patch);
    },
  }),
  "update does not answer": (journal) => ({
    update: async (key, version, patch) => {
      await journal.update(key, version, patch);
      return undefined;
    },
  }),
  "two keys may have one task": (journal) => ({
    update: async (key, version, { ref, ...patch }) => {
      const holder = ref && (await journal.findByTask(ref));
      return journal.update(key, version, { ...patch, ...(ref && (!holder || holder.key === key) ? { ref } : {}) });
    },
  }),
  "find looks at the id alone": (journal) => ({
    findByTask: async (ref) => {
      for await (const row of journal.list()) if (row.ref?.id === ref.id) return row;
      return undefined;
    },
  }),
  "keys are compared as words": (journal) => ({
    begin: (entry) => journal.begin({ ...entry, key: withKey(entry.key) }),
    get: (key) => journal.get(withKey(key)),
  }),
  "get hands out the live entry": (journal) => {
    const live = new Map<string, JournalEntry | undefined>();
    const get = async (key: string) => {
      const fresh = await journal.get(key);
      const known = live.get(key);
      if (known?.version !== fresh?.version) live.set(key, fresh);
      return live.get(key);
    };
    return { get };
  },
  "since is exclusive": (journal) => ({
    list: (filter = {}) => filtered(journal, filter, ({ updatedAt }) => updatedAt > (filter.since ?? "")),
  }),
  "since is when the row began": (journal) => ({
    list: ({ state, since } = {}) =>
      filtered(journal, state ? { state } : {}, ({ createdAt }) => since === undefined || createdAt >= since),
  }),
  "a list without states is everything": (journal) => ({
    list: ({ state = [], ...rest } = {}) => journal.list(state.length === 0 ? rest : { state, ...rest }),
  }),
  "a list is cut": (journal) => ({
    list: async function* list(filter) {
      let count = 0;
      for await (const row of journal.list(filter)) if (count++ < 100) yield row;
    },
  }),
  "its clock tells seconds": () => ({ now: async () => Date.now() / 1_000 }),
  "its clock tells a date": () => ({ now: async () => new Date() as never }),
  "its clock stands still": () => {
    const at = Date.now();
    return { now: async () => at };
  },
  "its clock goes back": () => {
    let calls = 0;
    return { now: async () => Date.now() - 100 * calls++ };
  },
  "no NUL, as in JSONB": (journal) => ({
    begin: async (entry) => {
      if (JSON.stringify(entry).includes("\\u0000")) throw new Error("unsupported Unicode escape sequence");
      return journal.begin(entry);
    },
  }),
  "half a pair becomes another character": (journal) => ({
    begin: (entry) =>
      journal.begin(JSON.parse(JSON.stringify(entry).replaceAll(/\\ud[89a-f]../g, "\ufffd")) as JournalEntry),
  }),
  "long texts are cut": (journal) => ({
    begin: (entry) => {
      const { prompt } = entry.request;
      const request =
        typeof prompt === "string" ? { ...entry.request, prompt: prompt.slice(0, 65_535) } : entry.request;
      return journal.begin({ ...entry, request });
    },
  }),
};

async function* filtered(
  journal: Journal,
  filter: NonNullable<Parameters<Journal["list"]>[0]>,
  isShown: (row: JournalEntry) => boolean,
): AsyncIterable<JournalEntry> {
  for await (const row of journal.list(filter)) if (isShown(row)) yield row;
}

test.each(Object.entries(wrong))("the suite sees that %s", async (_fault, change) => {
  const runs: (() => Promise<void>)[] = [];
  const open = (): Journal => {
    const journal = memoryJournal();
    return { ...journal, ...change(journal) };
  };
  describeJournal(open, { test: (_name, run) => void runs.push(run) });
  const ends = await Promise.allSettled(runs.map((run) => run()));
  const failed = ends.filter(({ status }) => status === "rejected").length;
  expect(failed).toBeGreaterThan(0);
  expect(failed).toBeLessThan(runs.length);
});

test("the suite sees handles of a durable journal that do not share a store", async () => {
  const runs: (() => Promise<void>)[] = [];
  describeJournal(() => ({ ...memoryJournal(), durable: true }), { test: (_name, run) => void runs.push(run) });
  const ends = await Promise.allSettled(runs.map((run) => run()));
  expect(ends.filter(({ status }) => status === "rejected").length).toBeGreaterThan(10);
});

test("the suite sees a clock that is each handle's own", async () => {
  const runs = new Map<string, () => Promise<void>>();
  const shared = memoryJournal();
  let ahead = 0;
  const open = (): Journal => {
    const own = (ahead += 3_600_000);
    return { ...shared, durable: true, now: async () => Date.now() + own };
  };
  describeJournal(open, { test: (name, run) => void runs.set(name, run) });
  const failed: string[] = [];
  for (const [name, run] of runs) await run().catch(() => failed.push(name));
  expect(failed).toEqual(["it is one clock: every handle reads the same time"]);
});

test("without a runner's `test` it says what to pass", () => {
  expect(() => describeJournal(memoryJournal)).toThrow(/pass `test`/);
});
