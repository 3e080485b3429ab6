// Who may send under a key, seen from a second call, client or process over the same journal.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ClientOptions } from "../context/options.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { mayFollow, type JournalState } from "../journal/states.ts";
import type { FailedTask, SucceededTask } from "../task/task.ts";
import { accepted, acmeClient, done, request, running } from "../test/acme.ts";
import { aroundSending, TWO_WRITES, WAYS } from "../test/around-sending.ts";
import { until } from "../test/turns.ts";
import { jumpClock } from "../testing/jump-clock.ts";
import { answer, refusedConnection, reset, type Step } from "../testing/stub-fetch.ts";
import { errorOf } from "../testing/vendor-suite.ts";
import type { Adapter } from "../vendor-spec/spec.ts";

const START = Date.UTC(2026, 0, 1); // where jumpClock begins
const iso = (ms: number) => new Date(START + ms).toISOString();

/** A journal with the row of a submit of `request` in a given state, as another process left it. */
async function journalWithRow(state: JournalState, more: Partial<JournalEntry> = {}): Promise<Journal> {
  const journal = memoryJournal();
  await acmeClient([answer(400, {})], { journal })
    .client.submit(request, key)
    .catch(() => {});
  const row = (await journal.get("k")) as JournalEntry;
  await journal.update("k", row.version, { state, owner: "another process", ...more });
  return journal;
}
const t1 = { vendor: "acme", model: "acme-1", id: "t1" };
const key = { idempotencyKey: "k" };
const stateIn = async (journal: Journal) => (await journal.get("k"))?.state;

const succeeded: SucceededTask = { ...t1, state: "succeeded", videos: [{ url: "https://a.test/v.mp4" }] };
const failed: FailedTask = { ...t1, state: "failed", failure: { code: "unknown", message: "no", billed: "no" } };

test("a key with an accepted task sends nothing and asks for the task once", async () => {
  const journal = await journalWithRow("accepted", { ref: t1, task: { ...t1, state: "pending", nextPollAt: iso(0) } });
  const { client, seen } = acmeClient([running], { journal });
  expect(await client.submit(request, key)).toMatchObject({ id: "t1", state: "processing" });
  expect(seen.map(({ method }) => method)).toEqual(["GET"]);
});

const unanswered: readonly { answered: string; step: Step }[] = [
  { answered: "with a reset", step: reset },
  { answered: "500", step: answer(500) },
  { answered: "401", step: answer(401, {}) },
  { answered: "404", step: answer(404) },
];

test.each(unanswered)(
  "when the question for its task is answered $answered, the task in the journal is returned",
  async ({ step }) => {
    const task = { ...t1, state: "processing" as const, nextPollAt: iso(0) };
    const journal = await journalWithRow("accepted", { ref: t1, task });
    expect(await acmeClient([step], { journal }).client.submit(request, key)).toMatchObject(task);
  },
);

test.each(unanswered)(
  "when it is answered $answered and the journal has only a ref, the task is returned as pending",
  async ({ step }) => {
    const journal = await journalWithRow("accepted", { ref: t1 });
    const found = await acmeClient([step], { journal }).client.submit(request, key);
    expect(found).toMatchObject({ ...t1, state: "pending" });
  },
);

test.each([succeeded, failed])("a key whose task has $state returns that end and asks nothing", async (task) => {
  const journal = await journalWithRow(task.state, { ref: t1, task });
  const { client, seen } = acmeClient([], { journal });
  expect(await client.submit(request, key)).toEqual(task);
  expect(seen).toEqual([]);
});

const tooCheap = { maxPrice: 0.1 };
const priceRefused = { billed: "no", issues: [{ path: "maxPrice" }] };

test.each<{ state: JournalState; more: Partial<JournalEntry> }>([
  { state: "accepted", more: { ref: t1 } },
  { state: "succeeded", more: { ref: t1, task: succeeded } },
])("a price limit does not refuse the task of a key that is $state", async ({ state, more }) => {
  const { client, posts } = acmeClient([running], { journal: await journalWithRow(state, more) });
  expect(await client.submit(request, { ...key, ...tooCheap })).toMatchObject({ id: "t1" });
  expect(posts()).toBe(0);
});

test.each<{ state: JournalState; more: Partial<JournalEntry> }>([
  { state: "refused", more: {} },
  { state: "lost", more: {} },
  { state: "begun", more: { sendBefore: iso(-61_000) } },
])("a price limit refuses a key that is $state, and leaves its row alone", async ({ state, more }) => {
  const journal = await journalWithRow(state, more);
  const before = await journal.get("k");
  const { client, seen } = acmeClient([accepted], { journal });
  expect(await errorOf(client.submit(request, { ...key, ...tooCheap }))).toMatchObject(priceRefused);
  expect(seen).toEqual([]);
  expect(await journal.get("k")).toEqual(before);
});

test.each([
  { under: "a new key", options: { ...key, ...tooCheap } },
  { under: "no key", options: tooCheap },
])("a price limit refuses a submit under $under before its row is begun", async ({ options }) => {
  const journal = memoryJournal();
  const { client, seen } = acmeClient([accepted], { journal });
  expect(await errorOf(client.submit(request, options))).toMatchObject(priceRefused);
  expect(seen).toEqual([]);
  for await (const row of journal.list()) expect.fail(`a row was begun: ${row.key}`);
});

test("generate under the key of an accepted task goes on waiting for it", async () => {
  const journal = await journalWithRow("accepted", { ref: t1 });
  const { client, posts } = acmeClient([running, done], { journal });
  expect((await client.generate(request, key)).id).toBe("t1");
  expect(posts()).toBe(0);
});

test.each<{ other: string; about?: object; options?: ClientOptions; change?: Partial<Adapter> }>([
  { other: "request", about: { prompt: "another" } },
  { other: "account", options: { account: "another" } },
  { other: "base URL", options: { baseUrl: "https://b.test" } },
  { other: "vendor", change: { vendor: "other" } },
])("a key that belongs to another $other is refused, with the task it has", async ({ about, options, change }) => {
  const journal = await journalWithRow("accepted", { ref: t1 });
  const { client, posts } = acmeClient([accepted], { journal, ...options }, change);
  expect(await errorOf(client.submit({ ...request, ...about }, key))).toMatchObject({
    code: "invalid_request",
    ref: { id: "t1" },
    issues: [{ path: "idempotencyKey" }],
  });
  expect(posts()).toBe(0);
});

test("an account of one name is the same under another API key and base URL", async () => {
  const journal = memoryJournal();
  await acmeClient([accepted], { journal, account: "me" }).client.submit(request, key);
  const moved = acmeClient([running], { journal, account: "me", apiKey: "new-key", baseUrl: "https://b.test" });
  expect((await moved.client.submit(request, key)).id).toBe("t1");
});

test("a row whose hash was made by other rules is not compared", async () => {
  const journal = await journalWithRow("accepted", { ref: t1, requestHash: "v0:whatever" });
  expect((await acmeClient([running], { journal }).client.submit(request, key)).id).toBe("t1");
});

test("a begun row of a dead owner is taken over a minute after its time, and not before", async () => {
  const journal = await journalWithRow("begun", { sendBefore: iso(0) });
  const clock = jumpClock();
  const sentAt: number[] = [];
  const step: Step = (seen) => (sentAt.push(clock.elapsed()), accepted(seen));
  const { client } = acmeClient([step], { journal, clock });
  expect((await client.submit(request, key)).id).toBe("t1");
  expect(sentAt[0]).toBeGreaterThan(60_000);
  expect(sentAt[0]).toBeLessThan(61_000);
  expect(await stateIn(journal)).toBe("accepted");
});

test("a begun row that stays another process's until the time-out sends nothing", async () => {
  const journal = await journalWithRow("begun", { sendBefore: iso(3_600_000) });
  const { client, posts } = acmeClient([accepted], { journal });
  expect(await errorOf(client.submit(request, { idempotencyKey: "k", submitTimeout: 5_000 }))).toMatchObject({
    code: "submit_unknown",
    idempotencyKey: "k",
  });
  expect(posts()).toBe(0);
  expect(await stateIn(journal)).toBe("begun");
});

test("a sending row past the life of any POST is unknown, and is not sent again", async () => {
  const journal = await journalWithRow("sending", { sentAt: iso(-181_000) });
  const { client, posts } = acmeClient([accepted], { journal });
  expect(await errorOf(client.submit(request, key))).toMatchObject({
    code: "submit_unknown",
    billed: "unknown",
    retryable: false,
  });
  expect(posts()).toBe(0);
  expect(await stateIn(journal)).toBe("unknown");
});

test.each([
  { what: "durable", durable: true as const, retryable: true },
  { what: "in memory", durable: undefined, retryable: false },
])("one that is still out when the time is over may be called again if the journal is $what", async (row) => {
  const { durable, ...journal } = { ...(await journalWithRow("sending", { sentAt: iso(0) })), durable: row.durable };
  const { client, posts } = acmeClient([accepted], { journal: durable ? { ...journal, durable } : journal });
  const error = await errorOf(client.submit(request, { ...key, submitTimeout: 1_000 }));
  expect(error).toMatchObject({ code: "submit_unknown", billed: "unknown", retryable: row.retryable });
  expect(posts()).toBe(0);
  expect(await stateIn(journal)).toBe("sending");
});

test("a sending row within that life is waited for: its task is returned when it comes", async () => {
  const journal = await journalWithRow("sending", { sentAt: iso(0) });
  const clock = jumpClock();
  const { client, posts } = acmeClient([running], { journal, clock });
  const submitting = client.submit(request, key);
  await until(() => clock.elapsed() > 0);
  const row = (await journal.get("k")) as JournalEntry;
  await journal.update("k", row.version, { state: "accepted", ref: t1 });
  expect((await submitting).id).toBe("t1");
  expect(posts()).toBe(0);
});

test.each(["lost", "refused"] as const)(
  "a row that is %s is sent again, and remembers its earlier attempt",
  async (state) => {
    const journal = await journalWithRow(state);
    const { client, posts } = acmeClient([accepted], { journal });
    await client.submit(request, key);
    expect(posts()).toBe(1);
    expect((await journal.get("k"))?.previousAttempts).toEqual([expect.objectContaining({ state })]);
  },
);

test("an owner that wakes up after another has taken its row sends nothing and returns the other's task", async () => {
  const journal = memoryJournal();
  const clock = jumpClock();
  const takenOver: Journal = {
    ...journal,
    async update(key, version, patch) {
      if (patch.state === "sending")
        await journal.update(key, version, { state: "accepted", ref: t1, owner: "another" });
      return journal.update(key, version, patch);
    },
  };
  const { client, posts } = acmeClient([running], { journal: takenOver, clock, ...TWO_WRITES });
  expect((await client.submit(request, key)).id).toBe("t1");
  expect(posts()).toBe(0);
});

/** A journal whose write of `sending` freezes the process, before or after the write, until it is woken. */
function freezing(
  inner: Journal,
  when: "before" | "after",
): { journal: Journal; frozen: Promise<void>; wake: () => void } {
  let [freeze, wake] = [() => {}, () => {}];
  const frozen = new Promise<void>((resolve) => (freeze = resolve));
  const woken = new Promise<void>((resolve) => (wake = resolve));
  const journal = aroundSending(inner, async (write) => {
    const row = when === "after" ? await write() : undefined;
    freeze();
    await woken;
    return when === "after" ? row : write();
  });
  return { journal, frozen, wake: () => wake() };
}

test.each(WAYS)(
  "a process frozen before its write ($way) wakes up to find its row taken: one POST, one task for both",
  async ({ options }) => {
    const shared = memoryJournal();
    const clock = jumpClock();
    const { journal, frozen, wake } = freezing(shared, "before");
    const a = acmeClient([accepted, running], { journal, clock, ...options });
    const b = acmeClient([accepted, running], { journal: shared, clock });
    const sleeper = a.client.submit(request, key);
    await frozen;
    expect((await b.client.submit(request, key)).id).toBe("t1");
    wake();
    expect((await sleeper).id).toBe("t1");
    expect(a.posts()).toBe(0);
    expect(b.posts()).toBe(1);
  },
);

test.each(WAYS)(
  "a process frozen after its write ($way) wakes up past its time and sends nothing, even after a right settlement",
  async ({ options }) => {
    const shared = memoryJournal();
    const clock = jumpClock();
    const { journal, frozen, wake } = freezing(shared, "after");
    const a = acmeClient([running], { journal, clock, ...options });
    const b = acmeClient([accepted], { journal: shared, clock });
    const sleeper = a.client.submit(request, key);
    await frozen;
    expect(await errorOf(b.client.submit(request, { idempotencyKey: "k", submitTimeout: 300_000 }))).toMatchObject({
      code: "submit_unknown",
    });
    const row = (await shared.get("k")) as JournalEntry;
    expect(row.state).toBe("unknown");
    await shared.update("k", row.version, { state: "lost" }); // by hand: the vendor's dashboard shows no task
    expect((await b.client.submit(request, key)).id).toBe("t1");
    wake();
    expect((await sleeper).id).toBe("t1");
    expect(a.posts()).toBe(0);
    expect(b.posts()).toBe(1);
  },
);

// The promise itself: over every interleaving of journal calls, answers and callers, what could be accepted leaves once.
const outcomes: Record<string, Step> = {
  accepted,
  refused: answer(400, {}),
  limited: answer(429, {}),
  unreached: refusedConnection,
  reset,
  broken: answer(500, {}),
};

test("one key pays once over one journal, whatever two clients, the network and the timing do", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom(...Object.keys(outcomes)), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 2, max: 4 }),
      async (scheduler, script, calls) => {
        const inner = memoryJournal();
        const moves: [JournalState, JournalState][] = [];
        const later = <A extends unknown[], T>(name: string, work: (...args: A) => Promise<T>) =>
          scheduler.scheduleFunction(Object.defineProperty((...args: A) => work(...args), "name", { value: name }));
        const journal: Journal = {
          ...inner,
          durable: true,
          get: later("get", inner.get),
          begin: later("begin", inner.begin),
          update: later("update", async (key, version, patch) => {
            const before = await inner.get(key);
            const after = await inner.update(key, version, patch);
            if (before && after) moves.push([before.state, after.state]);
            return after;
          }),
        };
        const sent: string[] = [];
        const vendor: Step = later("vendor", async (seen) => {
          if (seen.method === "GET") return running(seen);
          const kind = script[sent.length] ?? "accepted";
          sent.push(kind);
          return (outcomes[kind] as Step)(seen);
        });
        const clients = [acmeClient([vendor], { journal }), acmeClient([vendor], { journal })];
        const results = Promise.allSettled(
          Array.from({ length: calls }, (_, index) => clients[index % 2]!.client.submit(request, key)),
        );
        await scheduler.waitFor(results);

        const possible = sent.filter((kind) => kind === "accepted" || kind === "reset" || kind === "broken");
        expect(possible.length).toBeLessThanOrEqual(1);
        for (const [from, to] of moves) expect(mayFollow(from, to), `${from} to ${to}`).toBe(true);
        const row = await inner.get("k");
        expect(row?.state).toBe(possible[0] === "accepted" ? "accepted" : possible[0] ? "unknown" : "refused");
        for (const result of await results) {
          if (result.status === "fulfilled") expect(result.value.id).toBe("t1");
          else
            expect(["submit_unknown", "invalid_request", "rate_limited", "connection"]).toContain(
              (result.reason as { code: string }).code,
            );
        }
      },
    ),
    { numRuns: 60, seed: 4 },
  );
}, 60_000);
