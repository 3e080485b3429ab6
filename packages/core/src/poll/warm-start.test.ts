// What a new client takes from the journal: the ends of the last day, of the model that it is asked for.
import { expect, test } from "vitest";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import type { TaskRef, Video } from "../task/task.ts";
import { acmeClient, ref, running } from "../test/acme.ts";
import { until } from "../test/turns.ts";
import { jumpClock } from "../testing/jump-clock.ts";
import { LOOSE, scheduleOf, TIGHT } from "./optimal-schedule.ts";
import { phaseOf } from "./phase.ts";

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString();
const AGE = 15_000;
const young = { ...ref, submittedAt: iso(START - AGE) };

/** Rows of tasks that succeeded, begun one after the other up to `endedAgo` before now. */
async function add(
  journal: Journal,
  count: number,
  about: { model?: string; tookMs: number; endedAgo: number; apart?: number },
) {
  const { model = "acme-1", tookMs, endedAgo, apart = 10 } = about;
  for (let n = 0; n < count; n++) {
    const begun = iso(START - endedAgo - tookMs - (count - n) * apart);
    const completedAt = iso(Date.parse(begun) + tookMs);
    const own = { vendor: "acme", model, id: `${model} ${endedAgo} ${n}`, submittedAt: begun };
    const times = { createdAt: begun, updatedAt: completedAt };
    const videos: [Video] = [{ url: "https://cdn.acme.test/v.mp4" }];
    const task = { ...own, state: "succeeded" as const, createdAt: begun, completedAt, videos };
    await journal.begin({ ...rowOf(own), state: "succeeded", task, ...times });
  }
}

function rowOf(own: TaskRef & { submittedAt: string }): JournalEntry {
  const { vendor, model, id, submittedAt: createdAt } = own;
  const about = { vendor, model, account: "acme https://api.acme.test", request: { model, prompt: "x" } };
  const told = { requestHash: "", state: "accepted" as const, version: 1, attempt: 1, ref: own };
  return { key: id, ...about, ...told, createdAt, updatedAt: createdAt };
}

/** When a client that was made for one question says to ask again, by what it has learned. */
async function nextPollAt(journal: Journal): Promise<string> {
  await journal.begin(rowOf(young));
  const { client } = acmeClient([running], { journal, clock: jumpClock({ origin: START }) });
  const task = await client.get(young);
  return "nextPollAt" in task ? task.nextPollAt : "";
}
/** Of the length that the model makes where a request says none. */
const RANGE = { minMs: 50_000, maxMs: 70_000 };
const knowing = (ends: readonly number[]) =>
  iso(START - AGE + scheduleOf(RANGE, ends, ends.length >= 10 ? LOOSE : TIGHT)(AGE, phaseOf(ref.id)));
const of = (count: number, ms: number) => Array.from({ length: count }, () => ms);

test.each<{ journal: string; keepsOrder: boolean }>([
  { journal: "that lists the newest first", keepsOrder: true },
  { journal: "that knows its own order only", keepsOrder: false },
])("each client that lives for one question learns from a journal $journal", async ({ keepsOrder }) => {
  const journal = memoryJournal();
  await add(journal, 3, { tookMs: 400_000, endedAgo: 30 * HOUR, apart: 0 }); // too long ago
  await add(journal, 8, { tookMs: 20_000, endedAgo: HOUR });
  const plain: Journal = { ...journal, list: (filter) => journal.list({ ...filter, newestFirst: false }) };
  for (let step = 0; step < 2; step++)
    expect(await nextPollAt(keepsOrder ? journal : plain)).toBe(knowing(of(8, 20_000)));
  expect(knowing(of(8, 20_000))).not.toBe(knowing([]));
});

test("a journal full of rows of other models, before and after, and of one that is damaged, hides none", async () => {
  const journal = memoryJournal();
  await add(journal, 1_500, { model: "acme-2", tookMs: 400_000, endedAgo: 20 * HOUR });
  await add(journal, 8, { tookMs: 20_000, endedAgo: 2 * HOUR });
  await add(journal, 500, { model: "acme-2", tookMs: 400_000, endedAgo: HOUR });
  const damaged = await journal.get("acme-2 3600000 400");
  await journal.update("acme-2 3600000 400", damaged?.version ?? 0, { task: {} as never });
  expect(await nextPollAt(journal)).toBe(knowing(of(8, 20_000)));
});

test("of many rows a few are read: those that ended last", async () => {
  const journal = memoryJournal();
  await add(journal, 300, { tookMs: 90_000, endedAgo: 3 * HOUR });
  await add(journal, 40, { tookMs: 20_000, endedAgo: HOUR });
  let read = 0;
  const counting: Journal = {
    ...journal,
    async *list(filter) {
      for await (const row of journal.list(filter)) yield ((read++, row));
    },
  };
  expect(await nextPollAt(counting)).toBe(knowing(of(32, 20_000)));
  expect(read).toBe(32);
});

test("a journal that answers after the vendor is waited for, and one that fails is not missed", async () => {
  const journal = memoryJournal();
  await add(journal, 8, { tookMs: 20_000, endedAgo: HOUR });
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  let isAsked = false;
  const slow: Journal = {
    ...journal,
    async *list(filter) {
      isAsked = true;
      await opened;
      yield* journal.list(filter);
    },
  };
  const asking = nextPollAt(slow);
  await until(() => isAsked);
  open();
  expect(await asking).toBe(knowing(of(8, 20_000)));
  const broken = () => {
    throw new Error("down");
  };
  expect(await nextPollAt({ ...journal, list: broken })).toBe(knowing([]));
});
