// What becomes of the paid POST, its row and its caller.
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import type { VidtaskEvent } from "../task/events.ts";
import { accepted, acmeClient, createAcme, request, running } from "../test/acme.ts";
import { aroundSending, TWO_WRITES, WAYS } from "../test/around-sending.ts";
import { onRequest, rawServer } from "../test/raw-server.ts";
import { serve } from "../test/serve.ts";
import { atOnce, until } from "../test/turns.ts";
import { jumpClock } from "../testing/jump-clock.ts";
import { answer, cutAfter, refusedConnection, reset, type Step } from "../testing/stub-fetch.ts";
import { assertNoSecret, errorOf, KEY } from "../testing/vendor-suite.ts";

const key = { idempotencyKey: "k" };
const stateIn = async (journal: Journal) => (await journal.get("k"))?.state;
const alarms = (events: VidtaskEvent[]) => events.flatMap((event) => (event.type === "alarm" ? [event.alarm] : []));
/** How long each retry waited, in ms. */
const retryWaits = (events: VidtaskEvent[]) =>
  events.flatMap((event) => (event.type === "retry" ? [event.waitMs ?? -1] : []));

/** A journal in memory, with some of its methods replaced. */
function journalWith(change: (journal: Journal) => Partial<Journal>): Journal {
  const journal = memoryJournal();
  return { ...journal, ...change(journal) };
}
/** The change that makes a journal's updates fail, so many times. */
const failingUpdates = (
  journal: Journal,
  when: (patch: Partial<JournalEntry>) => boolean,
  times = Number.POSITIVE_INFINITY,
): Partial<Journal> => {
  let left = times;
  return {
    update: async (key, version, patch) => {
      if (when(patch) && left-- > 0) throw new Error(`disk full near ${KEY}`);
      return journal.update(key, version, patch);
    },
  };
};

test.each([
  { way: "begins as sending", options: {}, passed: ["sending", "accepted"] },
  { way: "passes begun and sending", options: TWO_WRITES, passed: ["begun", "sending", "accepted"] },
])("an accepted submit $way, and ends in a row that finds its task again", async ({ options, passed }) => {
  const states: unknown[] = [];
  const journal = journalWith((inner) => ({
    begin: (entry) => (states.push(entry.state), inner.begin(entry)),
    update: (key, version, patch) => (states.push(patch.state), inner.update(key, version, patch)),
  }));
  const { client } = acmeClient([accepted], { journal, ...options });
  const task = await client.submit(request, { ...key, maxPrice: 1 });
  expect(states).toEqual(passed);
  expect(await journal.findByTask(task)).toMatchObject({
    key: "k",
    vendor: "acme",
    model: "acme-1",
    account: "acme https://api.acme.test",
    request: { model: "acme-1", prompt: "a waterfall" },
    attempt: 1,
    priceUsd: 0.5,
    ref: { id: "t1" },
    task,
  });
  assertNoSecret(await journal.get("k"));
});

test("the row says `sending` before anything leaves", async () => {
  const journal = memoryJournal();
  let seen: string | undefined;
  const looking: Step = async (post) => {
    seen = (await journal.get("k"))?.state;
    return accepted(post);
  };
  await acmeClient([looking], { journal }).client.submit(request, key);
  expect(seen).toBe("sending");
});

test("an abort after a slow vendor has read the POST settles at once, and the journal still gets the task", async () => {
  const journal = memoryJournal();
  let answer: (() => void) | undefined;
  const server = await serve((incoming, response) => {
    incoming.resume().on("end", () => (answer = () => response.end('{"id":"t1"}')));
  });
  try {
    const controller = new AbortController();
    const client = createAcme({ apiKey: KEY, baseUrl: server.url, journal });
    const submitting = errorOf(client.submit(request, { ...key, signal: controller.signal }));
    await until(() => answer !== undefined);
    controller.abort();
    expect(await atOnce(submitting)).toMatchObject({ billed: "unknown", idempotencyKey: "k" });
    expect((await journal.get("k"))?.state).toBe("sending");
    answer?.();
    await client.drain();
    expect(await journal.get("k")).toMatchObject({ state: "accepted", ref: { id: "t1" } });
  } finally {
    await server.close();
  }
});

test("retries wait as Retry-After says", async () => {
  const limit = answer(429, {}, { "retry-after": "7" });
  const { client, events, posts } = acmeClient([limit, refusedConnection, accepted]);
  await client.submit(request, key);
  const [afterLimit, afterRefusal] = retryWaits(events);
  expect(afterLimit).toBe(7_000);
  expect(afterRefusal).toBeLessThanOrEqual(2_000);
  expect(posts()).toBe(3);
});

test("retries count their attempts in the row", async () => {
  const journal = memoryJournal();
  const { client } = acmeClient([answer(429, {}), refusedConnection, accepted], { journal });
  await client.submit(request, key);
  expect((await journal.get("k"))?.attempt).toBe(3);
});

test("a Retry-After beyond the time-out ends the submit at once, and the error says how long", async () => {
  const journal = memoryJournal();
  const { client, posts, events } = acmeClient([answer(429, {}, { "retry-after": "600" })], { journal });
  expect(await errorOf(client.submit(request, key))).toMatchObject({
    code: "rate_limited",
    billed: "no",
    retryable: true,
    retryAfterMs: 600_000,
  });
  expect(posts()).toBe(1);
  expect(retryWaits(events)).toEqual([]);
  expect(await stateIn(journal)).toBe("refused");
});

test("safe retries end with the time-out, and nothing starts after it", async () => {
  const clock = jumpClock();
  const starts: number[] = [];
  const step: Step = (seen) => (starts.push(clock.elapsed()), refusedConnection(seen));
  const { client } = acmeClient([step], { clock });
  expect(await errorOf(client.submit(request, { submitTimeout: 30_000 }))).toMatchObject({
    code: "connection",
    billed: "no",
    retryable: true,
    idempotencyKey: expect.any(String),
  });
  expect(starts.length).toBeGreaterThan(2);
  expect(Math.max(...starts)).toBeLessThanOrEqual(30_000);
});

test("a vendor that cannot be reached is told of after the first try, with what the network says, as in the error at the end", async () => {
  const reached = /^acme could not be reached \(connect ECONNREFUSED\)/;
  const { client, events, posts } = acmeClient([refusedConnection, refusedConnection, refusedConnection, accepted]);
  let after = 0;
  const submitting = client.submit(request, {
    onEvent: ({ type }) => {
      if (type === "retry") after ||= posts();
    },
  });
  await submitting;
  const told = events.flatMap((event) => (event.type === "retry" ? [String(event.error?.["message"])] : []));
  expect([after, told.length]).toEqual([1, 3]);
  for (const message of told) expect(message).toMatch(reached);
  const unreachable = acmeClient([refusedConnection]).client;
  const error = (await errorOf(unreachable.submit(request, { submitTimeout: 5_000 }))) as Error;
  expect(error.message).toMatch(reached);
  expect(error.message).toMatch(/, \d+ tries; nothing was sent: submit again$/);
});

test("with a time-out of 0 there is one try", async () => {
  const { client } = acmeClient([refusedConnection]);
  expect(await errorOf(client.submit(request, { submitTimeout: 0 }))).toMatchObject({ code: "connection" });
});

test("a proxy that wants a login has sent nothing: the submit is retried until its time-out", async () => {
  const { client, posts } = acmeClient([answer(407)]);
  expect(await errorOf(client.submit(request, { submitTimeout: 10_000 }))).toMatchObject({
    code: "connection",
    billed: "no",
    cause: { name: "VendorError" },
  });
  expect(posts()).toBeGreaterThan(1);
});

test.each([
  { ...WAYS[0], passed: ["sending", "begun", "sending", "accepted"] },
  { ...WAYS[1], passed: ["begun", "sending", "begun", "sending", "accepted"] },
])(
  "past sendBefore, $way, nothing is sent: the row is set back, and sent under a new time",
  async ({ options, passed }) => {
    const clock = jumpClock();
    let sends = 0;
    const states: unknown[] = [];
    const slow = aroundSending(memoryJournal(), async (write) => {
      const row = await write();
      if (++sends === 1) await clock.sleep(10_001); // frozen in the write
      return row;
    });
    const journal: Journal = {
      ...slow,
      begin: (entry) => (states.push(entry.state), slow.begin(entry)),
      update: (key, version, patch) => (states.push(patch.state), slow.update(key, version, patch)),
    };
    const { client, posts } = acmeClient([accepted], { journal, clock, ...options });
    await client.submit(request, key);
    expect(states).toEqual(passed);
    expect(posts()).toBe(1);
  },
);

test("a process that is stopped while it connects writes nothing when it wakes, and sends under a new time", async () => {
  const now = Date.now;
  let bytes = 0;
  let connections = 0;
  const server = await rawServer((socket) => {
    if (++connections === 1) socket.on("data", (chunk) => (bytes += chunk.length));
    onRequest(socket, () => socket.end('HTTP/1.1 200 OK\r\n\r\n{"id":"t1"}'));
  });
  onTestFinished(() => void vi.mocked(Date.now).mockRestore());
  let requests = 0;
  const onEvent = ({ type }: VidtaskEvent) => {
    // What is posted is on its way when this comes; a minute has passed before its connection stands.
    if (type === "request" && ++requests === 1)
      queueMicrotask(() => vi.spyOn(Date, "now").mockImplementation(() => now() + 60_000));
  };
  const journal = memoryJournal();
  const client = createAcme({ apiKey: KEY, baseUrl: server.url, journal, onEvent });
  expect((await client.submit(request, { idempotencyKey: "k" })).id).toBe("t1");
  expect([bytes, connections, (await journal.get("k"))?.attempt]).toEqual([0, 2, 2]);
});

test("a journal that is always too slow ends in a JournalError with nothing sent, not in a circle", async () => {
  const clock = jumpClock();
  const journal = aroundSending(memoryJournal(), async (write) => {
    await clock.sleep(10_001);
    return write();
  });
  const { client, posts } = acmeClient([accepted], { journal, clock });
  expect(await errorOf(client.submit(request, key))).toMatchObject({
    code: "journal",
    billed: "no",
  });
  expect(posts()).toBe(0);
  expect(await stateIn(journal)).toBe("refused");
});

const rejects = () => Promise.reject(new Error(`disk full near ${KEY}`));
const throws = () => {
  throw new Error("at once");
};
test.each<{ fails: string; change: (inner: Journal) => Partial<Journal> }>([
  { fails: "cannot be read", change: () => ({ get: rejects }) },
  { fails: "throws when it is read", change: () => ({ get: throws }) },
  { fails: "cannot be begun", change: () => ({ begin: rejects }) },
  {
    fails: "cannot be moved to `sending`",
    change: (inner) => failingUpdates(inner, (patch) => patch.state === "sending"),
  },
])("a journal that $fails stops the submit before the POST", async ({ change }) => {
  const { client, posts } = acmeClient([accepted], { journal: journalWith(change), ...TWO_WRITES });
  const error = await errorOf(client.submit(request, key));
  expect(error).toMatchObject({ code: "journal", billed: "no", retryable: true, ...key });
  expect(posts()).toBe(0);
  assertNoSecret(error);
});

test("a row that cannot begin as sending stops the submit before the POST, and leaves no limit taken", async () => {
  const broken = { begin: rejects };
  const inner = journalWith(() => broken);
  const { client, posts } = acmeClient([accepted], { journal: inner, limits: { concurrentTasks: 1 } });
  expect(await errorOf(client.submit(request, key))).toMatchObject({ code: "journal", billed: "no", retryable: true });
  expect(posts()).toBe(0);
  inner.begin = memoryJournal().begin;
  expect((await client.submit(request, key)).id).toBe("t1"); // the only slot is free again
});

test("a journal that fails after acceptance does not lose the task: it is returned, told, and written later", async () => {
  const journal = journalWith((inner) => failingUpdates(inner, (patch) => patch.state === "accepted", 3));
  const { client, events, posts } = acmeClient([accepted], { journal });
  expect((await client.submit(request, key)).id).toBe("t1");
  expect(alarms(events)).toEqual(["journal_failed"]);
  expect(events).toContainEqual(
    expect.objectContaining({ type: "accepted", ref: expect.objectContaining({ id: "t1" }) }),
  );
  assertNoSecret(events);
  await client.drain();
  expect(await journal.get("k")).toMatchObject({ state: "accepted", ref: { id: "t1" } });
  expect(posts()).toBe(1);
});

test("a write that took effect although it failed is no alarm", async () => {
  const journal = journalWith((inner) => ({
    update: async (key, version, patch) => {
      const row = await inner.update(key, version, patch);
      if (patch.state === "accepted") throw new Error("connection lost after commit");
      return row;
    },
  }));
  const { client, events } = acmeClient([accepted], { journal });
  await client.submit(request, key);
  await client.drain();
  expect(alarms(events)).toEqual([]);
  expect(await journal.get("k")).toMatchObject({ state: "accepted", version: 2 });
});

test("a task id that another key already has ends: the task is returned with an alarm, and the key does not pay again", async () => {
  const journal = memoryJournal();
  const { client, events, posts } = acmeClient([accepted], { journal });
  await client.submit(request, { idempotencyKey: "a" });
  expect((await client.submit(request, { idempotencyKey: "b" })).id).toBe("t1");
  expect(alarms(events)).toEqual(["journal_failed"]);
  expect(await journal.get("b")).toMatchObject({ state: "unknown", unconfirmedTaskId: "t1" });
  expect((await journal.findByTask({ vendor: "acme", model: "acme-1", id: "t1" }))?.key).toBe("a");
  expect(await errorOf(client.submit(request, { idempotencyKey: "b" }))).toMatchObject({
    code: "submit_unknown",
    unconfirmedTaskId: "t1",
  });
  expect(posts()).toBe(2);
});

/** A step during which another process changes the row. */
const meanwhile =
  (journal: Journal, patch: (row: JournalEntry) => Partial<JournalEntry>, step: Step): Step =>
  async (seen) => {
    const row = (await journal.get("k")) as JournalEntry;
    await journal.update("k", row.version, patch(row));
    return step(seen);
  };

test.each(["unknown", "lost", "refused"] as const)(
  "a row that became %s while its POST was out still gets its task, and a late_accept alarm",
  async (state) => {
    const journal = memoryJournal();
    const { client, events } = acmeClient([meanwhile(journal, () => ({ state }), accepted)], { journal });
    expect((await client.submit(request, key)).id).toBe("t1");
    expect(await stateIn(journal)).toBe("accepted");
    expect(alarms(events)).toEqual(["late_accept"]);
  },
);

test.each<Partial<JournalEntry>>([
  { state: "begun" },
  { state: "sending", attempt: 2 },
  { state: "unknown", attempt: 2 },
  { state: "refused", attempt: 2 },
])("a row whose new attempt is $state is left to it: the late task is told, not bound to it", async (next) => {
  const journal = memoryJournal();
  const { client, events } = acmeClient([meanwhile(journal, () => next, accepted)], { journal });
  expect((await client.submit(request, key)).id).toBe("t1");
  expect(alarms(events)).toEqual(["late_accept"]);
  expect(await journal.get("k")).toMatchObject(next);
  expect(await journal.get("k")).not.toHaveProperty("ref");
});

test("a row that moves again while its late task is written gets the task all the same", async () => {
  const inner = memoryJournal();
  let moves = 0;
  const journal: Journal = {
    ...inner,
    async update(key, version, patch) {
      const row = (await inner.get(key)) as JournalEntry;
      if (patch.state === "accepted" && ++moves < 3) await inner.update(key, row.version, { state: "unknown" });
      return inner.update(key, version, patch);
    },
  };
  const { client, events } = acmeClient([accepted], { journal });
  await client.submit(request, key);
  expect(await stateIn(journal)).toBe("accepted");
  expect(alarms(events)).toEqual(["late_accept"]);
  expect(moves).toBe(3);
});

test("a row that is gone is an alarm, and the task is returned", async () => {
  const inner = memoryJournal();
  let isGone = false;
  const journal: Journal = {
    ...inner,
    get: async (key) => (isGone ? undefined : inner.get(key)),
    update: async (...args) => (isGone ? undefined : inner.update(...args)),
  };
  const { client, events } = acmeClient([(seen) => ((isGone = true), accepted(seen))], { journal });
  expect((await client.submit(request, key)).id).toBe("t1");
  expect(alarms(events)).toEqual(["journal_failed"]);
});

test("a row that already has another task keeps it, and a double_charge alarm is raised", async () => {
  const journal = memoryJournal();
  const other = { vendor: "acme", model: "acme-1", id: "t0" };
  const { client, events } = acmeClient([meanwhile(journal, () => ({ state: "accepted", ref: other }), accepted)], {
    journal,
  });
  expect((await client.submit(request, key)).id).toBe("t1");
  expect((await journal.get("k"))?.ref?.id).toBe("t0");
  expect(alarms(events)).toEqual(["double_charge"]);
});

test("a row that already has this very task is no news", async () => {
  const journal = memoryJournal();
  const same = { vendor: "acme", model: "acme-1", id: "t1" };
  const { client, events } = acmeClient([meanwhile(journal, () => ({ state: "accepted", ref: same }), accepted)], {
    journal,
  });
  await client.submit(request, key);
  expect((await journal.get("k"))?.version).toBe(2);
  expect(alarms(events)).toEqual([]);
});

test.each<{ read: string; step: Step }>([
  { read: "is running", step: running },
  { read: "cannot be asked for: a reset", step: reset },
  { read: "cannot be asked for: a 500", step: answer(500) },
])("a lost answer is no error when a callback has written its task meanwhile, which $read", async ({ step }) => {
  const journal = memoryJournal();
  const found = { vendor: "acme", model: "acme-1", id: "t9" };
  const lost = meanwhile(journal, () => ({ state: "accepted", ref: found }), reset);
  const { client } = acmeClient([lost, step], { journal });
  expect(await client.submit(request, key)).toMatchObject({ id: "t9" });
});

describe.each<{ outcome: string; steps: Step[]; known: object }>([
  { outcome: "reset", steps: [reset], known: {} },
  { outcome: "500 with an id", steps: [answer(500, { id: "t1" })], known: { ref: { id: "t1" } } },
  {
    outcome: "answer cut behind an id that the vendor does not know",
    steps: [cutAfter({ id: "t1", more: "x" }, 14), answer(404)],
    known: { unconfirmedTaskId: "t1" },
  },
])("after an unknown outcome, a $outcome,", ({ steps, known }) => {
  test("the error and the row say what is known, and no secret", async () => {
    const journal = memoryJournal();
    const error = await errorOf(acmeClient(steps, { journal }).client.submit(request, key));
    expect(error).toMatchObject({ code: "submit_unknown", billed: "unknown", retryable: false, ...key, ...known });
    expect(await journal.get("k")).toMatchObject({ state: "unknown", ...known });
    assertNoSecret(error, await journal.get("k"));
  });

  test("nothing is sent again under its key", async () => {
    const { client, posts } = acmeClient(steps);
    await errorOf(client.submit(request, key));
    expect(await errorOf(client.submit(request, key))).toMatchObject({ code: "submit_unknown", ...known });
    expect(posts()).toBe(1);
  });
});

test("an unknown outcome that cannot be journaled does not free the key: it is told, and the row stays in flight", async () => {
  const journal = journalWith((inner) => failingUpdates(inner, (patch) => patch.state === "unknown", 1));
  const { client, events, posts } = acmeClient([reset, accepted], { journal });
  expect(await errorOf(client.submit(request, key))).toMatchObject({ code: "submit_unknown" });
  expect(alarms(events)).toEqual(["journal_failed"]);
  expect(await stateIn(journal)).toBe("sending");
  expect(await errorOf(client.submit(request, key))).toMatchObject({ code: "submit_unknown" });
  expect(posts()).toBe(1);
});

test("requestTimeout shortens the life of a POST", async () => {
  const never = (() => new Promise(() => {})) as typeof fetch;
  const { client } = acmeClient([], { fetch: never, requestTimeout: 20 });
  expect(await errorOf(client.submit(request))).toMatchObject({
    code: "submit_unknown",
    cause: { name: "TimeoutError" },
  });
});

test.each([undefined, 600_000])("a requestTimeout of %s lets a POST live for 120 s", async (requestTimeout) => {
  const timers = vi.spyOn(globalThis, "setTimeout");
  await acmeClient([accepted], { requestTimeout }).client.submit(request);
  const lives = timers.mock.calls.map(([, ms = 0]) => ms).filter((ms) => ms > 30_000);
  timers.mockRestore();
  expect(lives).toEqual([119_900]); // and a last look of 100 ms
});

test("an unconfirmed task id that the vendor knows is accepted, with a warning", async () => {
  const journal = memoryJournal();
  const { client, events, posts } = acmeClient([cutAfter({ id: "t1", more: "x" }, 14), running], { journal });
  expect((await client.submit(request, key)).id).toBe("t1");
  expect(events).toContainEqual(
    expect.objectContaining({ type: "warning", warning: expect.objectContaining({ kind: "odd-answer" }) }),
  );
  expect(await stateIn(journal)).toBe("accepted");
  expect(posts()).toBe(1);
});

test("a refused submit frees its key and keeps what happened", async () => {
  const journal = memoryJournal();
  const { client, posts } = acmeClient([answer(400, {}), accepted], { journal });
  expect(await errorOf(client.submit(request, key))).toMatchObject({
    name: "VendorError",
    billed: "no",
    idempotencyKey: "k",
  });
  await client.submit({ ...request, prompt: "another" }, key);
  expect(await journal.get("k")).toMatchObject({
    state: "accepted",
    attempt: 2,
    previousAttempts: [expect.objectContaining({ state: "refused", attempt: 1 })],
  });
  expect(posts()).toBe(2);
});

test.each<{ fails: string; onEvent: () => void }>([
  {
    fails: "throws",
    onEvent: () => {
      throw new Error("mine");
    },
  },
  { fails: "rejects", onEvent: (() => Promise.reject(new Error("mine"))) as never },
  { fails: "hangs", onEvent: (() => new Promise(() => {})) as never },
])("a listener that $fails changes nothing", async ({ onEvent }) => {
  const { client, posts } = acmeClient([refusedConnection, accepted], { onEvent });
  expect((await client.submit(request, { onEvent })).id).toBe("t1");
  expect(posts()).toBe(2);
});

test("events of a submit come in order, with its key", async () => {
  const { client, events } = acmeClient([answer(429, {}), accepted]);
  const own: VidtaskEvent[] = [];
  await client.submit(request, { ...key, onEvent: (event) => void own.push(event) });
  expect(own.map(({ type }) => type)).toEqual([
    "warning",
    "request",
    "response",
    "retry",
    "request",
    "response",
    "accepted",
  ]);
  expect(own).toEqual(events);
  expect(own.every((event) => "idempotencyKey" in event && event.idempotencyKey === "k")).toBe(true);
});

test("a secret that the vendor puts beside the task id is not told", async () => {
  const { client, events } = acmeClient([answer(200, { id: "t1", error: { code: "nsfw", message: KEY } })]);
  await client.submit(request);
  expect(events).toContainEqual(expect.objectContaining({ type: "warning" }));
  assertNoSecret(events);
});
