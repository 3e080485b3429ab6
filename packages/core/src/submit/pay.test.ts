// What becomes of the paid POST, its row and its caller.
import { expect, test, vi } from "vitest";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import type { VidtaskEvent } from "../task/events.ts";
import { accepted, acmeClient, createAcme, request, running } from "../test/acme.ts";
import { serve } from "../test/serve.ts";
import { atOnce, until } from "../test/turns.ts";
import { jumpClock } from "../testing/jump-clock.ts";
import { answer, cutAfter, refusedConnection, reset, type Step } from "../testing/stub-fetch.ts";
import { assertNoSecret, errorOf, KEY } from "../testing/vendor-suite.ts";

const alarms = (events: VidtaskEvent[]) => events.flatMap((event) => (event.type === "alarm" ? [event.alarm] : []));
const retries = (events: VidtaskEvent[]) =>
  events.flatMap((event) => (event.type === "retry" ? [event.waitMs ?? -1] : []));
/** A journal whose writes can be made to fail or to wait. */
function tampered(change: (journal: Journal) => Partial<Journal>): Journal {
  const journal = memoryJournal();
  return { ...journal, ...change(journal) };
}
const failing = (
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

test("an accepted submit passes begun and sending, and ends in a row that finds its task again", async () => {
  const states: unknown[] = [];
  const journal = tampered((inner) => ({
    begin: (entry) => (states.push(entry.state), inner.begin(entry)),
    update: (key, version, patch) => (states.push(patch.state), inner.update(key, version, patch)),
  }));
  const { client } = acmeClient([accepted], { journal });
  const task = await client.submit(request, { idempotencyKey: "k", maxPrice: 1 });
  expect(states).toEqual(["begun", "sending", "accepted"]);
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
  await acmeClient([looking], { journal }).client.submit(request, { idempotencyKey: "k" });
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
    const submitting = errorOf(client.submit(request, { idempotencyKey: "k", signal: controller.signal }));
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

test("retries wait as Retry-After says, and count their attempts in the row", async () => {
  const journal = memoryJournal();
  const limit = answer(429, {}, { "retry-after": "7" });
  const { client, events, posts } = acmeClient([limit, refusedConnection, accepted], { journal });
  await client.submit(request, { idempotencyKey: "k" });
  const [afterLimit = 0, afterRefusal = 0] = retries(events);
  expect(afterLimit).toBe(7_000);
  expect(afterRefusal).toBeLessThanOrEqual(2_000);
  expect([posts(), (await journal.get("k"))?.attempt]).toEqual([3, 3]);
});

test("a Retry-After beyond the time-out ends the submit at once, and the error says how long", async () => {
  const journal = memoryJournal();
  const { client, posts, events } = acmeClient([answer(429, {}, { "retry-after": "600" })], { journal });
  expect(await errorOf(client.submit(request, { idempotencyKey: "k" }))).toMatchObject({
    code: "rate_limited",
    billed: "no",
    retryable: true,
    retryAfterMs: 600_000,
  });
  expect([posts(), retries(events), (await journal.get("k"))?.state]).toEqual([1, [], "refused"]);
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
  for (const timeout of [0, -1, Number.NaN])
    expect(await errorOf(client.submit(request, { submitTimeout: timeout }))).toMatchObject({ code: "connection" });
});

test("a wrong time-out cannot make the retries endless, and a proxy that wants a login sends nothing", async () => {
  const { client, posts } = acmeClient([answer(407)]);
  expect(await errorOf(client.submit(request, { submitTimeout: 10_000 }))).toMatchObject({
    code: "connection",
    billed: "no",
    cause: { name: "VendorError" },
  });
  expect(posts()).toBeGreaterThan(1);
});

test("past sendBefore nothing is sent: the row is set back, and sent under a new time", async () => {
  const clock = jumpClock();
  let sends = 0;
  const states: unknown[] = [];
  const journal = tampered((inner) => ({
    update: async (key, version, patch) => {
      states.push(patch.state);
      const row = await inner.update(key, version, patch);
      if (patch.state === "sending" && ++sends === 1) await clock.sleep(10_001); // frozen in the write
      return row;
    },
  }));
  const { client, posts } = acmeClient([accepted], { journal, clock });
  await client.submit(request, { idempotencyKey: "k" });
  expect(states).toEqual(["sending", "begun", "sending", "accepted"]);
  expect(posts()).toBe(1);
});

test("a journal that is always too slow ends in a JournalError with nothing sent, not in a circle", async () => {
  const clock = jumpClock();
  const journal = tampered((inner) => ({
    update: async (...args) => {
      await clock.sleep(10_001);
      return inner.update(...args);
    },
  }));
  const { client, posts } = acmeClient([accepted], { journal, clock });
  expect(await errorOf(client.submit(request, { idempotencyKey: "k" }))).toMatchObject({
    code: "journal",
    billed: "no",
  });
  expect([posts(), (await journal.get("k"))?.state]).toEqual([0, "refused"]);
});

test("a journal that cannot be read, begun or moved to `sending` stops the submit before the POST", async () => {
  const full = () => Promise.reject(new Error(`disk full near ${KEY}`));
  for (const change of [
    (): Partial<Journal> => ({ get: full }),
    (): Partial<Journal> => ({ begin: full }),
    (inner: Journal) => failing(inner, (patch) => patch.state === "sending"),
    (): Partial<Journal> => ({
      get: () => {
        throw new Error("at once");
      },
    }),
  ]) {
    const { client, posts } = acmeClient([accepted], { journal: tampered(change) });
    const error = await errorOf(client.submit(request, { idempotencyKey: "k" }));
    expect(error).toMatchObject({ code: "journal", billed: "no", retryable: true, idempotencyKey: "k" });
    expect(posts()).toBe(0);
    assertNoSecret(error);
  }
});

test("a journal that fails after acceptance does not lose the task: it is returned, told, and written later", async () => {
  const journal = tampered((inner) => failing(inner, (patch) => patch.state === "accepted", 3));
  const { client, events, posts } = acmeClient([accepted], { journal });
  expect((await client.submit(request, { idempotencyKey: "k" })).id).toBe("t1");
  expect(alarms(events)).toEqual(["journal_failed"]);
  expect(events).toContainEqual(
    expect.objectContaining({ type: "accepted", ref: expect.objectContaining({ id: "t1" }) }),
  );
  assertNoSecret(events);
  await client.drain();
  expect(await journal.get("k")).toMatchObject({ state: "accepted", ref: { id: "t1" } });
  expect(posts()).toBe(1);
});

test("a write that took effect although it failed is not an alarm the second time", async () => {
  const journal = tampered((inner) => ({
    update: async (key, version, patch) => {
      const row = await inner.update(key, version, patch);
      if (patch.state === "accepted") throw new Error("connection lost after commit");
      return row;
    },
  }));
  const { client, events } = acmeClient([accepted], { journal });
  await client.submit(request, { idempotencyKey: "k" });
  await client.drain();
  expect(alarms(events)).toEqual(["journal_failed"]);
  expect(await journal.get("k")).toMatchObject({ state: "accepted", version: 3 });
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

/** A step during which somebody else changes the row. */
const meanwhile =
  (journal: Journal, patch: (row: JournalEntry) => Partial<JournalEntry>, step: Step): Step =>
  async (seen) => {
    const row = (await journal.get("k")) as JournalEntry;
    await journal.update("k", row.version, patch(row));
    return step(seen);
  };

test("a row that was given up while its POST was out still gets its task, and a late_accept alarm", async () => {
  for (const state of ["unknown", "lost", "refused"] as const) {
    const journal = memoryJournal();
    const { client, events } = acmeClient([meanwhile(journal, () => ({ state }), accepted)], { journal });
    expect((await client.submit(request, { idempotencyKey: "k" })).id).toBe("t1");
    expect([state, (await journal.get("k"))?.state, alarms(events)]).toEqual([state, "accepted", ["late_accept"]]);
  }
});

test("a row that was given up and begun again is left to its new attempt: the late task is told, not bound to it", async () => {
  const again: Partial<JournalEntry>[] = [
    { state: "begun" },
    { state: "sending", attempt: 2 },
    { state: "unknown", attempt: 2 },
    { state: "refused", attempt: 2 },
  ];
  for (const next of again) {
    const journal = memoryJournal();
    const { client, events } = acmeClient([meanwhile(journal, () => next, accepted)], { journal });
    expect((await client.submit(request, { idempotencyKey: "k" })).id).toBe("t1");
    expect(alarms(events)).toEqual(["late_accept"]);
    expect(await journal.get("k")).toMatchObject(next);
    expect(await journal.get("k")).not.toHaveProperty("ref");
  }
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
  await client.submit(request, { idempotencyKey: "k" });
  expect([(await journal.get("k"))?.state, alarms(events), moves]).toEqual(["accepted", ["late_accept"], 3]);
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
  expect((await client.submit(request, { idempotencyKey: "k" })).id).toBe("t1");
  expect(alarms(events)).toEqual(["journal_failed"]);
});

test("a row that already has another task keeps it, and a double_charge alarm is raised", async () => {
  const journal = memoryJournal();
  const other = { vendor: "acme", model: "acme-1", id: "t0" };
  const { client, events } = acmeClient([meanwhile(journal, () => ({ state: "accepted", ref: other }), accepted)], {
    journal,
  });
  expect((await client.submit(request, { idempotencyKey: "k" })).id).toBe("t1");
  expect([(await journal.get("k"))?.ref?.id, alarms(events)]).toEqual(["t0", ["double_charge"]]);
});

test("a row that already has this very task is no news", async () => {
  const journal = memoryJournal();
  const same = { vendor: "acme", model: "acme-1", id: "t1" };
  const { client, events } = acmeClient([meanwhile(journal, () => ({ state: "accepted", ref: same }), accepted)], {
    journal,
  });
  await client.submit(request, { idempotencyKey: "k" });
  expect([(await journal.get("k"))?.version, alarms(events)]).toEqual([3, []]);
});

test("a lost answer whose task a callback has written meanwhile is no error, even when the vendor cannot be asked", async () => {
  for (const read of [running, reset, answer(500)]) {
    const journal = memoryJournal();
    const found = { vendor: "acme", model: "acme-1", id: "t9" };
    const { client } = acmeClient([meanwhile(journal, () => ({ state: "accepted", ref: found }), reset), read], {
      journal,
    });
    expect(await client.submit(request, { idempotencyKey: "k" })).toMatchObject({ id: "t9" });
  }
});

test("an unknown outcome is journaled with what is known of it, and nothing is sent again under its key", async () => {
  const rows: [Step[], object][] = [
    [[reset], {}],
    [[answer(500, { id: "t1" })], { ref: { id: "t1" } }],
    [[cutAfter({ id: "t1", more: "x" }, 14), answer(404)], { unconfirmedTaskId: "t1" }],
  ];
  for (const [steps, known] of rows) {
    const journal = memoryJournal();
    const { client, posts } = acmeClient(steps, { journal });
    const error = await errorOf(client.submit(request, { idempotencyKey: "k" }));
    expect(error).toMatchObject({
      code: "submit_unknown",
      billed: "unknown",
      retryable: false,
      idempotencyKey: "k",
      ...known,
    });
    expect(await journal.get("k")).toMatchObject({ state: "unknown", ...known });
    expect(await errorOf(client.submit(request, { idempotencyKey: "k" }))).toMatchObject({
      code: "submit_unknown",
      ...known,
    });
    expect(posts()).toBe(1);
    assertNoSecret(error, await journal.get("k"));
  }
});

test("an unknown outcome that cannot be journaled does not free the key: it is told, and the row stays in flight", async () => {
  const journal = tampered((inner) => failing(inner, (patch) => patch.state === "unknown", 1));
  const { client, events, posts } = acmeClient([reset, accepted], { journal });
  expect(await errorOf(client.submit(request, { idempotencyKey: "k" }))).toMatchObject({ code: "submit_unknown" });
  expect([alarms(events), (await journal.get("k"))?.state]).toEqual([["journal_failed"], "sending"]);
  expect(await errorOf(client.submit(request, { idempotencyKey: "k" }))).toMatchObject({ code: "submit_unknown" });
  expect(posts()).toBe(1);
});

test("requestTimeout shortens the life of a POST and never lengthens it beyond 120 s", async () => {
  const never = (() => new Promise(() => {})) as typeof fetch;
  const { client } = acmeClient([], { fetch: never, requestTimeout: 20 });
  expect(await errorOf(client.submit(request))).toMatchObject({
    code: "submit_unknown",
    cause: { name: "TimeoutError" },
  });

  const timers = vi.spyOn(globalThis, "setTimeout");
  for (const requestTimeout of [undefined, 600_000, Number.POSITIVE_INFINITY])
    await acmeClient([accepted], { requestTimeout }).client.submit(request);
  const lives = timers.mock.calls.map(([, ms = 0]) => ms).filter((ms) => ms > 1_000);
  timers.mockRestore();
  expect(lives).toEqual([119_900, 119_900, 119_900]); // and a last look of 100 ms
});

test("a candidate that the vendor knows is accepted, with a warning", async () => {
  const journal = memoryJournal();
  const { client, events, posts } = acmeClient([cutAfter({ id: "t1", more: "x" }, 14), running], { journal });
  expect((await client.submit(request, { idempotencyKey: "k" })).id).toBe("t1");
  expect(events).toContainEqual(
    expect.objectContaining({ type: "warning", warning: expect.objectContaining({ kind: "odd-answer" }) }),
  );
  expect([(await journal.get("k"))?.state, posts()]).toEqual(["accepted", 1]);
});

test("a refused submit frees its key and keeps what happened", async () => {
  const journal = memoryJournal();
  const { client, posts } = acmeClient([answer(400, {}), accepted], { journal });
  expect(await errorOf(client.submit(request, { idempotencyKey: "k" }))).toMatchObject({
    name: "VendorError",
    billed: "no",
    idempotencyKey: "k",
  });
  await client.submit({ ...request, prompt: "another" }, { idempotencyKey: "k" });
  expect(await journal.get("k")).toMatchObject({
    state: "accepted",
    attempt: 2,
    previousAttempts: [expect.objectContaining({ state: "refused", attempt: 1 })],
  });
  expect(posts()).toBe(2);
});

test("a listener that throws, rejects or hangs changes nothing", async () => {
  for (const onEvent of [
    () => {
      throw new Error("mine");
    },
    (() => Promise.reject(new Error("mine"))) as never,
    (() => new Promise(() => {})) as never,
  ]) {
    const { client, posts } = acmeClient([refusedConnection, accepted], { onEvent });
    expect((await client.submit(request, { onEvent })).id).toBe("t1");
    expect(posts()).toBe(2);
  }
});

test("events of a submit come in order, with its key", async () => {
  const { client, events } = acmeClient([answer(429, {}), accepted]);
  const own: VidtaskEvent[] = [];
  await client.submit(request, { idempotencyKey: "k", onEvent: (event) => void own.push(event) });
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
