import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import type { VideoClient } from "../client/client.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import type { VidtaskEvent } from "../task/events.ts";
import type { Task, TaskRef } from "../task/task.ts";
import { accepted, acme, acmeClient, done, failed, ref, request, running } from "../test/acme.ts";
import { handClock } from "../test/hand-clock.ts";
import { atOnce, turns, until } from "../test/turns.ts";
import { jumpClock } from "../testing/jump-clock.ts";
import { answer, reset, type Step } from "../testing/stub-fetch.ts";
import { assertNoSecret, errorOf, KEY } from "../testing/vendor-suite.ts";
import type { Timing } from "../vendor-spec/models.ts";
import { scheduleOf } from "./optimal-schedule.ts";
import { phaseOf } from "./phase.ts";
import type { WaitOptions } from "./wait-options.ts";

const START = Date.UTC(2026, 0, 1); // where jumpClock begins
const fresh = { ...ref, submittedAt: new Date(START).toISOString() };
const queued = answer(200, { status: "queued" });
const stateIn = async (journal: Journal) => (await journal.get("k"))?.state;
const faults = (events: VidtaskEvent[]) => events.filter((event) => event.type === "fault");

/** A client that notes in `asked` when each question is asked, in ms. */
function timedClient(steps: Step[], options = {}, change = {}) {
  const clock = jumpClock();
  const asked: number[] = [];
  const noting = steps.map(
    (step): Step =>
      (seen) => (asked.push(clock.elapsed()), step(seen)),
  );
  return { ...acmeClient(noting, { clock, ...options }, change), asked, clock };
}
/** Every task that a watch yields. */
async function all(iterable: AsyncIterable<Task>): Promise<Task[]> {
  const tasks: Task[] = [];
  for await (const task of iterable) tasks.push(task);
  return tasks;
}

/** The first checks of the task with this documented time. */
function checks(timing: Timing, count: number, durations: readonly number[] = []): number[] {
  const [schedule, phase] = [scheduleOf(timing, durations), phaseOf(ref.id)];
  const ages = [schedule(0, phase)];
  while (ages.length < count) ages.push(schedule(ages.at(-1) ?? 0, phase));
  return ages;
}
const TEN_SECONDS = { minMs: 80_000, maxMs: 100_000 };
const FIVE_SECONDS = { minMs: 50_000, maxMs: 70_000 };
/** The widest range of acme-1, for a video of unknown length. */
const ANY_LENGTH = { minMs: 50_000, maxMs: 100_000 };

test("a task is asked for on the schedule of its model", async () => {
  const { client, asked } = timedClient([...Array.from({ length: 9 }, () => running), done]);
  await client.wait(fresh, {});
  expect(asked).toEqual(checks(ANY_LENGTH, 10));
});

describe("ends of other times than documented", () => {
  /** Waits for tasks that end after this time, one after the other, and counts the questions of each. */
  async function waitInTurn(count: number, durationMs: number, options = {}) {
    const { client, asked, clock } = timedClient(
      [(seen) => (clock.elapsed() >= started + durationMs ? done(seen) : running(seen))],
      options,
    );
    let started = 0;
    const lags: number[] = [];
    for (let n = 0; n < count; n++) {
      started = clock.elapsed();
      const submittedAt = new Date(START + started).toISOString();
      await client.wait({ ...ref, id: `t${n}`, submittedAt });
      lags.push(clock.elapsed() - started - durationMs);
    }
    return { lags, asked };
  }

  /** When the last of these tasks is asked for: they begin together, and each takes 20 s longer than the one before. */
  async function askedOfLast(ids: readonly number[]): Promise<number[]> {
    const clock = handClock(START);
    const asked: number[] = [];
    const step: Step = (seen) => {
      const id = Number(/t(\d+)$/.exec(seen.url)?.[1]);
      if (id === 20) asked.push(clock.elapsed());
      return (clock.elapsed() >= 40_000 + id * 20_000 ? done : running)(seen);
    };
    const { client } = acmeClient([step], { clock });
    const waits = ids.map((id) => client.wait({ ...ref, id: `t${id}`, submittedAt: new Date(START).toISOString() }));
    await clock.until(Promise.all(waits));
    return asked;
  }

  test("of tasks that run at the same time are not learned from: the short ones end first", async () => {
    const alone = await askedOfLast([20]);
    expect(await askedOfLast(Array.from({ length: 20 }, (_, n) => n + 1))).toEqual(alone);
  });

  test("are learned from: later waits see the end sooner", async () => {
    const { lags } = await waitInTurn(16, 22_000);
    const mean = (some: readonly number[]) => some.reduce((sum, lag) => sum + lag, 0) / some.length;
    expect(mean(lags.slice(0, 4))).toBeGreaterThan(2_000);
    expect(mean(lags.slice(-8))).toBeLessThan(1_200);
  });

  test("count once each, however often a task that has ended is asked for", async () => {
    const ended = { state: "succeeded", videos: [{ url: "https://cdn.acme.test/v.mp4" }] };
    const times = { createdAt: new Date(START - 900_000).toISOString(), completedAt: new Date(START).toISOString() };
    const read = (body: unknown) =>
      (body as { status: string }).status === "done" ? { ...ended, ...times } : acme.status.read(body, fresh, 200);
    const { client } = timedClient(
      [...Array.from({ length: 20 }, () => done), running],
      {},
      { status: { ...acme.status, read } },
    );
    for (let n = 0; n < 20; n++) await client.get({ ...ref, submittedAt: times.createdAt });
    const nextPollAt = new Date(START + (checks(ANY_LENGTH, 1, [900_000])[0] ?? 0)).toISOString();
    expect(await client.get(fresh)).toMatchObject({ nextPollAt });
  });

  test("are not, where the client says so", async () => {
    const { lags } = await waitInTurn(16, 22_000, { poll: { learn: false } });
    expect(lags.slice(-8).reduce((sum, lag) => sum + lag, 0) / 8).toBeGreaterThan(2_000);
  });
});

test("a new client learns from what its journal has seen end within the last day", async () => {
  const journal = memoryJournal();
  const minute = (n: number) => new Date(START - n * 60_000).toISOString();
  for (let n = 1; n <= 5; n++) {
    const own = { ...ref, id: `old${n}`, submittedAt: minute(n + 1) };
    const completedAt = new Date(START - (n + 1) * 60_000 + 22_000).toISOString();
    const task = { ...own, createdAt: minute(n + 1), completedAt, state: "succeeded" as const, videos: [] as never };
    await journal.begin(row(`k${n}`, { state: "succeeded", ref: own, task, updatedAt: minute(n) }));
  }
  const { client, asked } = timedClient([running, running, done], { journal });
  await client.get(fresh);
  await turns();
  asked.length = 0;
  await client.wait(fresh);
  expect(asked).toEqual(
    checks(
      ANY_LENGTH,
      2,
      Array.from({ length: 5 }, () => 22_000),
    ),
  );
});

const row = (key: string, more: Partial<JournalEntry>): JournalEntry => ({
  key,
  vendor: "acme",
  model: "acme-1",
  account: "acme https://api.acme.test",
  request: { model: "acme-1", prompt: "x" },
  requestHash: "",
  state: "succeeded",
  version: 1,
  attempt: 1,
  createdAt: fresh.submittedAt,
  updatedAt: fresh.submittedAt,
  ...more,
});

test("poll options of the wait go before those of the client", async () => {
  const { client, asked } = timedClient([running, running, done], { poll: { first: 7, interval: 70 } });
  await client.wait(fresh);
  await client.wait({ ...ref }, { poll: { first: 1, interval: 10 } });
  expect(asked).toEqual([7, 77, 147, 148]);
});

/** The gap that stays for a task of last year, from the age it has at `START`. */
const AGE = START - Date.UTC(2025, 0, 1);
const LAST_YEAR = scheduleOf(ANY_LENGTH)(AGE, phaseOf(ref.id)) - AGE;

test.each<{ which: string; old: TaskRef; second: number }>([
  { which: "without a time", old: ref, second: 5_000 },
  { which: "whose time has passed", old: { ...ref, submittedAt: "2025-01-01T00:00:00Z" }, second: LAST_YEAR },
])("a ref $which is asked for at once, and again after $second ms", async ({ old, second }) => {
  const { client, asked } = timedClient([running, done]);
  await client.wait(old);
  expect(asked).toEqual([0, second]);
});

test.each([3_600_000, -3_600_000])("a wall clock that is moved by %i ms makes no wait late", async (moved) => {
  const clock = jumpClock();
  let offset = 0;
  const asked: number[] = [];
  const step: Step = (seen) => {
    asked.push(clock.elapsed());
    if (asked.length === 3) offset = moved;
    return (clock.elapsed() >= 60_000 ? done : running)(seen);
  };
  const { client } = acmeClient([step], { clock: { ...clock, now: () => clock.now() + offset } });
  await client.wait(fresh);
  const gaps = asked.map((at, index) => at - (asked[index - 1] ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(9_000);
});

test.each(["yesterday", "", null, 5])(
  "a time of the submit that is none, %j in the journal, makes no storm",
  async (submittedAt) => {
    const journal = memoryJournal();
    await journal.begin(row("k", { state: "accepted", ref: { ...ref, submittedAt } as never }));
    const { client, asked, events } = timedClient([running, running, done], { journal });
    await client.wait(ref);
    expect(asked).toEqual([0, 5_000, 10_000]);
    expect(faults(events)).toEqual([]);
    expect((await client.get(ref)).state).toBe("succeeded");
  },
);

test("another wait finds the duration in the journal", async () => {
  const { client, asked } = timedClient([accepted, done], { journal: memoryJournal() });
  await client.wait(await client.submit({ ...request, duration: 10 }));
  expect(asked).toEqual([0, ...checks(TEN_SECONDS, 1)]);
});

test.each([
  { call: "wait", run: async (client: VideoClient) => client.wait(await client.submit(request)) },
  { call: "generate", run: (client: VideoClient) => client.generate(request) },
])("$call asks for a video of no length in the times of the length that its model then makes", async ({ run }) => {
  const { client, asked } = timedClient([accepted, ...Array.from({ length: 12 }, () => running), done]);
  await run(client);
  expect(asked).toEqual([0, ...checks(FIVE_SECONDS, 13)]);
});

test("generate knows the duration", async () => {
  const { client, asked } = timedClient([accepted, done]);
  await client.generate({ ...request, duration: 10 });
  expect(asked).toEqual([0, ...checks(TEN_SECONDS, 1)]);
});

test.each<{ fails: string; findByTask: Journal["findByTask"] }>([
  { fails: "rejects", findByTask: () => Promise.reject(new Error("down")) },
  { fails: "has odd rows", findByTask: async () => ({}) as never },
  {
    fails: "throws",
    findByTask: () => {
      throw new Error("at once");
    },
  },
])("a journal that $fails does not hold a wait up", async ({ findByTask }) => {
  const { client } = timedClient([running, done], { journal: { ...memoryJournal(), findByTask } });
  expect((await client.wait(fresh)).state).toBe("succeeded");
});

describe.each(["wait", "get"] as const)("%s", (ask) => {
  test.each([
    { when: "before the question", answered: 0 },
    { when: "after it", answered: 1 },
  ])("is settled by an abort at once, even when the journal hangs $when", async ({ answered }) => {
    let calls = 0;
    const findByTask = async () => (++calls > answered ? new Promise<never>(() => {}) : undefined);
    const { client } = timedClient([done], { journal: { ...memoryJournal(), findByTask } });
    const controller = new AbortController();
    const asking = errorOf(client[ask](ref, { signal: controller.signal }));
    await until(() => calls === answered + 1);
    controller.abort();
    expect(await atOnce(asking)).toMatchObject({ code: "aborted", ref: { id: "t1" } });
  });

  test("writes the end of a task to its row", async () => {
    const journal = memoryJournal();
    const { client } = timedClient([accepted, done], { journal });
    await client[ask](await client.submit(request, { idempotencyKey: "k" }));
    expect(await journal.get("k")).toMatchObject({ state: "succeeded", task: { state: "succeeded" } });
  });
});

test("the end is written to an unknown row that has the task", async () => {
  const journal = memoryJournal();
  const { client } = timedClient([answer(500, { id: "t1" }), done], { journal });
  expect(await errorOf(client.submit(request, { idempotencyKey: "k" }))).toMatchObject({ code: "submit_unknown" });
  await client.get(ref);
  expect(await stateIn(journal)).toBe("succeeded");
});

test("the end is written to no row of another account", async () => {
  const journal = memoryJournal();
  const { client } = timedClient([answer(500, { id: "t1" })], { journal });
  await errorOf(client.submit(request, { idempotencyKey: "k" }));
  await acmeClient([done], { journal, account: "another" }).client.get(ref);
  expect(await stateIn(journal)).toBe("unknown");
});

test("a journal that cannot take the end is an alarm, and the end is returned", async () => {
  const journal = { ...memoryJournal(), findByTask: () => Promise.reject(new Error(`down ${KEY}`)) };
  const { client, events } = timedClient([done], { journal });
  expect((await client.get(ref)).state).toBe("succeeded");
  expect(events).toContainEqual(expect.objectContaining({ type: "alarm", alarm: "journal_failed" }));
  assertNoSecret(events);
});

test("watch yields changes only, with progress, and ends with the end", async () => {
  const at = (progress: number) => answer(200, { status: "running", progress });
  const { client, events } = timedClient([queued, queued, running, at(0.1), at(0.1), at(0.5), done]);
  const tasks = await all(client.watch(ref));
  expect(tasks.map((task) => [task.state, "progress" in task ? task.progress : undefined])).toEqual([
    ["pending", undefined],
    ["processing", undefined],
    ["processing", 0.1],
    ["processing", 0.5],
    ["succeeded", undefined],
  ]);
  expect(events.flatMap((event) => (event.type === "state" ? [event.task] : []))).toEqual(tasks);
});

test("a step back is told and not applied", async () => {
  const { client, events } = timedClient([running, queued, done]);
  expect((await all(client.watch(ref))).map(({ state }) => state)).toEqual(["processing", "succeeded"]);
  expect(events).toContainEqual(
    expect.objectContaining({
      type: "warning",
      warning: expect.objectContaining({ kind: "odd-answer", about: "state" }),
    }),
  );
});

test("a failed task is the last value of watch", async () => {
  expect((await all(timedClient([failed]).client.watch(ref))).map(({ state }) => state)).toEqual(["failed"]);
});

test("a failed task is an error of wait", async () => {
  expect(await errorOf(timedClient([failed]).client.wait(ref))).toMatchObject({
    name: "TaskFailedError",
    code: "unknown",
    billed: "no",
    task: { failure: { message: "too dark" } },
  });
});

test("leaving a watch early asks no more", async () => {
  const { client, asked } = timedClient([running]);
  for await (const _ of client.watch(ref)) break;
  await turns();
  expect(asked).toHaveLength(1);
});

test.each<{ fault: string; step: Step }>([
  { fault: "a reset", step: reset },
  { fault: "a 500", step: answer(500) },
  { fault: "a 400", step: answer(400, {}) },
  { fault: "a 429", step: answer(429) },
  { fault: "HTML", step: answer(200, "<html></html>") },
  { fault: "an unknown state", step: answer(200, { status: "what" }) },
  { fault: "a redirect", step: answer(307, "", { location: "https://b.test" }) },
  { fault: "a `code` in a 200", step: answer(200, { code: 503 }) },
])("$fault is tolerated, backed off from, and told", async ({ step }) => {
  const { client, asked, events } = timedClient([step, step, step, step, done]);
  await client.wait(ref);
  const gaps = asked.slice(1).map((time, index) => time - (asked[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(5_000);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(30_000);
  expect(faults(events)).toHaveLength(4);
  expect(faults(events)[0]).toMatchObject({
    phase: "poll",
    ref: { id: "t1" },
    attempt: 1,
    error: { vendor: "acme" },
  });
});

test("after a fault the next question waits as Retry-After says, at most ten minutes", async () => {
  const limited = (seconds: string) => answer(429, {}, { "retry-after": seconds });
  const { client, asked } = timedClient([limited("60"), limited("86400"), done]);
  await client.wait(ref);
  expect(asked).toEqual([0, 60_000, 660_000]);
});

const missing = answer(404);

test("a task is not missing in its first minute", async () => {
  const { client } = timedClient([missing, missing, missing, missing, done]);
  expect((await client.wait(fresh, { poll: { first: 0, interval: 10_000 } })).state).toBe("succeeded");
});

test("a wall clock that is put forward makes no task missing in its first minute", async () => {
  const clock = jumpClock();
  let offset = 0;
  const steps = [missing, missing, missing, missing, done];
  const { client } = acmeClient(
    steps.map(
      (step): Step =>
        (seen) => ((offset = 3_600_000), step(seen)),
    ),
    { clock: { ...clock, now: () => clock.now() + offset } },
  );
  expect((await client.wait(fresh, { poll: { first: 0, interval: 10_000 } })).state).toBe("succeeded");
});

test("after its first minute a task that is missing three times in a row ends the wait", async () => {
  const { client, asked } = timedClient([missing, missing, running, missing, missing, missing, done]);
  expect(await errorOf(client.wait(ref))).toMatchObject({ name: "VendorError", code: "not_found", ref: { id: "t1" } });
  expect(asked).toHaveLength(6);
});

test("the questions for a missing task are backed off from", async () => {
  const { client, asked } = timedClient([missing]);
  await errorOf(client.wait(ref));
  expect(asked[2]).toBeGreaterThanOrEqual(10_000);
});

test.each([401, 403, 200])("a key that the vendor refuses under %i ends a wait at once", async (status) => {
  const refused = answer(status, { error: { code: "bad_key", message: "no" } });
  const { client, asked } = timedClient([running, refused, done]);
  expect(await errorOf(client.wait(ref))).toMatchObject({ code: "unauthorized", ref: { id: "t1" } });
  expect(asked).toHaveLength(2);
});

test.each([
  [401, "<title>Just a moment...</title>"],
  [401, { message: "Unauthorized" }],
  [403, ""],
  [403, { error: null }],
  [407, "<h1>Proxy Authentication Required</h1>"],
  [429, "slow down"],
])("a page of a gateway or a proxy does not end a wait: %i %j", async (status, body) => {
  const page = answer(status, body);
  const { client, events } = timedClient([running, page, page, page, page, done]);
  expect((await client.wait(ref)).state).toBe("succeeded");
  expect(faults(events)).toHaveLength(4);
  expect(JSON.stringify(faults(events))).not.toContain("ACME_API_KEY");
});

test.each<[string, Step[], unknown]>([
  ["the fault it ends in", [running, answer(500), reset], { name: "ConnectionError" }],
  ["the page it ends in", [running, answer(403, "<title>Just a moment...</title>")], { code: "forbidden" }],
  ["no fault that has passed", [answer(500), running], undefined],
])("a wait that is timed out has as its cause %s", async (_name, steps, cause) => {
  const error = await errorOf(timedClient(steps).client.wait(ref, { waitTimeout: 60_000 }));
  expect(error).toMatchObject({ name: "WaitTimeoutError" });
  if (cause === undefined) expect(error).not.toHaveProperty("cause");
  else expect(error).toMatchObject({ cause });
});

test("the deadline ends a wait only after one question asked past it, with the last snapshot", async () => {
  const { client, asked } = timedClient([running]);
  const error = await errorOf(client.wait(fresh, { waitTimeout: 22_000 }));
  expect(error).toMatchObject({
    code: "wait_timeout",
    retryable: true,
    task: { state: "processing" },
    ref: { id: "t1" },
  });
  expect(asked).toEqual([...checks(ANY_LENGTH, 3), 22_000]);
});

test("the question at the deadline may still find the end", async () => {
  const { client, asked } = timedClient([running, done]);
  expect((await client.wait(fresh, { waitTimeout: 8_000 })).state).toBe("succeeded");
  expect(asked).toEqual([...checks(ANY_LENGTH, 1), 8_000]);
});

test("a wait that sees nothing but faults ends at its deadline too", async () => {
  const { client, events } = timedClient([reset]);
  expect(await errorOf(client.wait(ref, { waitTimeout: 60_000 }))).toMatchObject({
    code: "wait_timeout",
    message: expect.stringContaining("60 s"),
  });
  expect(faults(events).length).toBeGreaterThan(2);
});

test.each<{ own?: number; client?: number; ends: number }>([
  { ends: 1_200_000 },
  { client: 30_000, ends: 30_000 },
  { client: 30_000, own: 10_000, ends: 10_000 },
  { own: 0, ends: 0 },
])("with a time-out of $own for the wait and $client for the client, a wait ends after $ends ms", async (given) => {
  const { client, clock } = timedClient([running], { waitTimeout: given.client });
  await errorOf(client.wait(ref, { waitTimeout: given.own }));
  expect(clock.elapsed()).toBe(given.ends);
});

const durable = { ...memoryJournal(), durable: true as const };
test.each([
  { which: "a durable journal and a key", journal: durable, idempotencyKey: "k", retryable: true },
  { which: "no durable journal", journal: memoryJournal(), idempotencyKey: "k", retryable: false },
  { which: "a key that was generated", journal: durable, idempotencyKey: undefined, retryable: false },
])(
  "with $which, a wait of generate that stops says retryable: $retryable, as the same call would pay again or not",
  async ({ journal, idempotencyKey, retryable }) => {
    const { client } = timedClient([accepted, running], { journal });
    const error = await errorOf(client.generate(request, { idempotencyKey, waitTimeout: 60_000 }));
    expect(error).toMatchObject({ code: "wait_timeout", idempotencyKey: expect.any(String), retryable });
  },
);

test("the time-out of generate is the wait's, not the submit's", async () => {
  const { client, asked } = timedClient([answer(429, {}, { "retry-after": "60" }), accepted, done]);
  await client.generate(request, { waitTimeout: 1_000 });
  expect(asked).toEqual([0, 60_000, 61_000]);
});

test("an abort ends a sleeping wait at once, names the task, and leaves the signal clean", async () => {
  const controller = new AbortController();
  const { client } = acmeClient([running], { clock: jumpClock({ stalled: true }) });
  const options: WaitOptions = { signal: controller.signal, poll: { first: 60_000 } };
  const waiting = errorOf(client.wait(fresh, options));
  await turns();
  controller.abort();
  expect(await atOnce(waiting)).toMatchObject({
    name: "AbortError",
    phase: "poll",
    ref: { id: "t1" },
    retryable: true,
  });
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
});

test("an abort while a question is open ends the wait at once, as an abort of the wait", async () => {
  const controller = new AbortController();
  const { client, events } = acmeClient([() => (controller.abort(), new Promise(() => {}))]);
  expect(await errorOf(client.wait(ref, { signal: controller.signal }))).toMatchObject({
    message: expect.stringContaining("go on with wait()"),
  });
  expect(faults(events)).toEqual([]);
});

test("a wait that ends leaves its signal clean", async () => {
  const { signal } = new AbortController();
  const { client } = acmeClient([running, running, done]);
  await client.wait(ref, { signal, poll: { interval: 1 } });
  await new Promise(setImmediate);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("what an adapter throws that is no reading of a body is not tolerated", async () => {
  const call = () => {
    throw new TypeError("mine");
  };
  await expect(timedClient([running], {}, { status: { ...acme.status, call } }).client.wait(ref)).rejects.toThrow(
    "mine",
  );
});

const oddRefs: readonly { odd: TaskRef; path: string }[] = [
  { odd: { ...ref, vendor: "other" }, path: "ref.vendor" },
  { odd: { ...ref, id: ".." }, path: "ref.id" },
  { odd: { ...ref, id: "a/../b" }, path: "ref.id" },
  { odd: { ...ref, id: "a b" }, path: "ref.id" },
  { odd: { ...ref, model: ".." }, path: "ref.model" },
  { odd: { ...ref, model: "../x" }, path: "ref.model" },
  { odd: { ...ref, model: "a?b" }, path: "ref.model" },
  { odd: { ...ref, model: "a/../b" }, path: "ref.model" },
  { odd: { ...ref, model: "a//b" }, path: "ref.model" },
  { odd: { ...ref, model: "/a" }, path: "ref.model" },
  { odd: { ...ref, model: "a/" }, path: "ref.model" },
  { odd: { ...ref, model: `a/${"b".repeat(127)}` }, path: "ref.model" },
  { odd: { ...ref, submittedAt: "soon" }, path: "ref.submittedAt" },
];
const asks: Record<string, (client: VideoClient, odd: TaskRef) => Promise<unknown>> = {
  wait: (client, odd) => client.wait(odd),
  "wait with an aborted signal": (client, odd) => client.wait(odd, { signal: AbortSignal.abort() }),
  get: (client, odd) => client.get(odd),
  watch: (client, odd) => all(client.watch(odd)),
};

describe.each(Object.entries(asks))("%s", (_name, ask) => {
  test.each(oddRefs)("refuses $odd before anything is asked, and names $path", async ({ odd, path }) => {
    const { client, asked } = timedClient([running]);
    expect(await errorOf(ask(client, odd))).toMatchObject({ code: "invalid_request", issues: [{ path }] });
    expect(asked).toEqual([]);
  });
});

test.each(["acme-9.1_x", "owner/acme-9", "acme-ai/video/v3/pro"])(
  "%s, a model that this version does not list, can still be asked for",
  async (model) => expect((await timedClient([running]).client.get({ ...ref, model })).model).toBe(model),
);
