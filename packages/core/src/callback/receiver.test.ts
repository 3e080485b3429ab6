// What a receiver does with true callbacks: late, early, twice, in several processes, and with an `onTask` that is slow or fails.
import { afterEach, expect, test, vi } from "vitest";
import { createReceiver } from "../client/functions.ts";
import { contextOf } from "../client/members.ts";
import { settleSubmit } from "../client/settle.ts";
import type { Journal } from "../journal/journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import type { JournalState } from "../journal/states.ts";
import {
  acmeAnswers,
  acmeReceiver,
  callback,
  callbackTo,
  DONE,
  durableJournal,
  FAILED,
  RUNNING,
  type AcmeTasks,
} from "../test/acme-callbacks.ts";
import { acmeClient, request } from "../test/acme.ts";
import { turns, until } from "../test/turns.ts";
import { jumpClock } from "../testing/jump-clock.ts";
import { reset, type Step } from "../testing/stub-fetch.ts";
import { errorOf } from "../testing/vendor-suite.ts";

afterEach(() => void vi.useRealTimers());

test.each([
  ["success", DONE, "succeeded"],
  ["failure", FAILED, "failed"],
])("the callback of a %s: 200, and onTask has the task and its key", async (_name, body, state) => {
  const all = acmeReceiver(acmeAnswers(["t1"], { t1: body }));
  await all.pay("row-1");
  expect((await all.receiver.fetch(callbackTo(all.urls()[0]))).status).toBe(200);
  expect(all.handled).toMatchObject([{ key: "row-1", task: { vendor: "acme", model: "acme-1", id: "t1", state } }]);
  expect(await all.journal.get("row-1")).toMatchObject({ state, deliveredAt: expect.any(String) });
});

test("an unknown submit is reconciled: its key has the task, and submitting again sends nothing", async () => {
  const all = acmeReceiver(acmeAnswers([undefined], { t1: DONE }));
  expect(await all.pay()).toMatchObject({ code: "submit_unknown", retryable: true });
  expect((await all.receiver.fetch(callbackTo(all.urls()[0]))).status).toBe(200);
  expect(all.handled).toMatchObject([{ key: "k", task: { id: "t1" } }]);
  expect(all.alarms()).toEqual([]);
  expect(all.events).toContainEqual(expect.objectContaining({ type: "accepted", idempotencyKey: "k" }));
  expect(await all.pay()).toMatchObject({ id: "t1", state: "succeeded" });
  expect(all.posts()).toBe(1);
});

test("the same for a submit of another process that died: receiver and client share the journal only", async () => {
  const journal = durableJournal();
  const dead = acmeClient([reset], { journal, callback });
  await dead.client.submit(request, { idempotencyKey: "k" }).catch(() => {});
  const row = await journal.get("k");
  await journal.update("k", row?.version ?? 0, { state: "sending" });
  const all = acmeReceiver(acmeAnswers([], { t1: DONE }), { journal });
  const { webhook } = JSON.parse(dead.seen[0]?.body ?? "{}") as { webhook: string };
  expect((await all.receiver.fetch(callbackTo(webhook))).status).toBe(200);
  expect(await journal.get("k")).toMatchObject({ state: "succeeded", ref: { id: "t1" } });
});

test.each(["an answer that is lost", "its answer"])(
  "a callback that comes before %s: submit returns the task, paid once",
  async (which) => {
    let early: Promise<Response> | undefined;
    const vendor = acmeAnswers(which === "its answer" ? ["t1"] : [undefined], { t1: DONE });
    const step: Step = async (seen) => {
      if (seen.method === "POST") {
        const { webhook } = JSON.parse(seen.body) as { webhook: string };
        early = all.receiver.fetch(callbackTo(webhook));
        expect((await early).status).toBe(200);
      }
      return vendor(seen);
    };
    const all = acmeReceiver(step);
    expect(await all.client.submit(request, { idempotencyKey: "k" })).toMatchObject({ id: "t1" });
    expect(await early).toBeDefined();
    expect([all.posts(), all.handled.length, all.alarms()]).toEqual([1, 1, []]);
    expect(await all.journal.get("k")).toMatchObject({ state: "succeeded", attempt: 1 });
  },
);

test.each<[JournalState, string[]]>([
  ["refused", ["late_accept"]],
  ["lost", ["late_accept"]],
  ["unknown", []],
  ["begun", []],
])("a row that is %s has its task when a callback is confirmed", async (state, alarms) => {
  const all = acmeReceiver(acmeAnswers([undefined], { t1: DONE }));
  await all.pay();
  const row = await all.journal.get("k");
  await all.journal.update("k", row?.version ?? 0, { state });
  expect((await all.receiver.fetch(callbackTo(all.urls()[0]))).status).toBe(200);
  expect(await all.journal.get("k")).toMatchObject({ state: "succeeded", ref: { id: "t1" } });
  expect([all.alarms(), all.handled.length]).toEqual([alarms, 1]);
});

test("a late callback of an earlier attempt is told, and never bound to the new one", async () => {
  const all = acmeReceiver(acmeAnswers([undefined, "t2"], { t1: DONE, t2: RUNNING }));
  await all.pay();
  await settleSubmit(all.journal, "k", "lost", { force: true });
  await all.pay();
  const [first] = all.urls();
  for (let times = 0; times < 3; times++) expect((await all.receiver.fetch(callbackTo(first))).status).toBe(200);
  expect([all.alarms(), all.handled, all.gets()]).toEqual([["late_accept"], [], 1]);
  expect(await all.journal.get("k")).toMatchObject({ state: "accepted", ref: { id: "t2" }, attempt: 2 });
});

test("a task that two keys claim stays with the first", async () => {
  const all = acmeReceiver(acmeAnswers(["t1", undefined], { t1: DONE }));
  await all.pay("a");
  await all.pay("b");
  expect((await all.receiver.fetch(callbackTo(all.urls()[1], "t1"))).status).toBe(200);
  expect([all.alarms(), all.handled]).toEqual([["callback_mismatch"], []]);
  expect(await all.journal.get("b")).toMatchObject({ state: "unknown" });
});

test("any wait on the task ends with the callback, without asking again", async () => {
  const tasks: AcmeTasks = { t1: RUNNING };
  const clock = jumpClock({ stalled: true });
  const all = acmeReceiver(acmeAnswers(["t1"], tasks), { clock });
  await all.pay();
  const waiting = all.client.wait({
    vendor: "acme",
    model: "acme-1",
    id: "t1",
    submittedAt: new Date(clock.now()).toISOString(),
  });
  tasks["t1"] = DONE;
  await all.receiver.fetch(callbackTo(all.urls()[0]));
  expect(await waiting).toMatchObject({ state: "succeeded" });
  expect(all.gets()).toBe(1);
});

test("an end the journal has is handled without asking, and a later odd answer does not change it", async () => {
  const tasks: AcmeTasks = { t1: DONE };
  const all = acmeReceiver(acmeAnswers(["t1"], tasks));
  const task = (await all.pay()) as { id: string };
  await all.client.get({ vendor: "acme", model: "acme-1", id: task.id });
  delete tasks["t1"]; // the vendor forgets
  expect((await all.receiver.fetch(callbackTo(all.urls()[0]))).status).toBe(200);
  expect([all.handled.length, all.gets()]).toEqual([1, 1]);
});

test("not yet ended, with a durable journal: 200, and the client looks until it has", async () => {
  const tasks: AcmeTasks = { t1: RUNNING };
  const all = acmeReceiver(acmeAnswers(["t1"], tasks));
  await all.pay();
  const later: Promise<unknown>[] = [];
  const platform = { waitUntil: (work: Promise<unknown>) => void later.push(work) };
  expect((await all.receiver.fetch(callbackTo(all.urls()[0]), platform)).status).toBe(200);
  expect(all.handled).toEqual([]);
  tasks["t1"] = DONE;
  await Promise.all(later);
  expect([later.length, all.handled.length]).toEqual([1, 1]);
});

test("not yet ended, without a durable journal: 503, and the next callback finds the end", async () => {
  const tasks: AcmeTasks = { t1: RUNNING };
  const clock = jumpClock();
  const all = acmeReceiver(acmeAnswers(["t1"], tasks), { journal: memoryJournal(), clock });
  await all.pay();
  const [url] = all.urls();
  expect((await all.receiver.fetch(callbackTo(url))).status).toBe(503);
  tasks["t1"] = DONE;
  expect((await all.receiver.fetch(callbackTo(url))).status).toBe(503); // not within 2 s
  await clock.sleep(2_000);
  expect((await all.receiver.fetch(callbackTo(url))).status).toBe(200);
  expect([all.handled.length, all.gets()]).toEqual([1, 2]);
});

test("a task that is found running binds an unknown submit at once", async () => {
  const all = acmeReceiver(acmeAnswers([undefined], { t1: RUNNING }));
  await all.pay();
  await all.receiver.fetch(callbackTo(all.urls()[0]));
  expect(await all.journal.get("k")).toMatchObject({ state: "accepted", ref: { id: "t1" } });
  await all.client.drain();
});

test("a vendor that cannot be asked: 503, and the next callback is as good as the first", async () => {
  let isDown = true;
  const vendor = acmeAnswers(["t1"], { t1: DONE });
  const clock = jumpClock();
  const all = acmeReceiver((seen) => (seen.method === "GET" && isDown ? reset(seen) : vendor(seen)), { clock });
  await all.pay();
  expect((await all.receiver.fetch(callbackTo(all.urls()[0]))).status).toBe(503);
  isDown = false;
  await clock.sleep(2_000);
  expect((await all.receiver.fetch(callbackTo(all.urls()[0]))).status).toBe(200);
  expect(all.handled).toHaveLength(1);
  expect(all.events).toContainEqual(expect.objectContaining({ type: "fault", phase: "callback", idempotencyKey: "k" }));
});

test("an onTask that throws: 503, told, and called again by the next callback until it succeeds once", async () => {
  let calls = 0;
  const all = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), {
    onTask: () => {
      if (++calls < 3) throw new Error("the database is down");
    },
  });
  await all.pay();
  const statuses: number[] = [];
  for (let times = 0; times < 5; times++) statuses.push((await all.receiver.fetch(callbackTo(all.urls()[0]))).status);
  expect([statuses, calls, all.gets()]).toEqual([[503, 503, 200, 200, 200], 3, 1]);
  expect(all.events).toContainEqual(
    expect.objectContaining({ type: "fault", phase: "callback", error: { message: "the database is down" } }),
  );
});

test("an onTask that throws when nobody will call again is called again by the client", async () => {
  const tasks: AcmeTasks = { t1: RUNNING };
  let calls = 0;
  const all = acmeReceiver(acmeAnswers(["t1"], tasks), {
    onTask: async () => (++calls < 3 ? Promise.reject(new Error("no")) : 0),
  });
  await all.pay();
  expect((await all.receiver.fetch(callbackTo(all.urls()[0]))).status).toBe(200);
  tasks["t1"] = DONE;
  await until(async () => (await all.journal.get("k"))?.deliveredAt !== undefined);
  expect(calls).toBe(3);
});

test("an onTask that takes longer than 8 s: 503 while it runs on, never twice at once, then 200", async () => {
  let end = () => {};
  let calls = 0;
  const all = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), {
    clock: jumpClock({ stalled: true }), // else renewing the claim would take its time past the life of the token
    onTask: () => (calls++, new Promise<void>((resolve) => (end = resolve))),
  });
  await all.pay();
  const later: Promise<unknown>[] = [];
  const platform = { waitUntil: (work: Promise<unknown>) => void later.push(work) };
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  for (let times = 0; times < 3; times++) {
    const answer = all.receiver.fetch(callbackTo(all.urls()[0]), platform);
    await until(() => calls > 0);
    await vi.advanceTimersByTimeAsync(7_500);
    expect(await Promise.race([answer, "waiting"])).toBe("waiting");
    await vi.advanceTimersByTimeAsync(600);
    expect((await answer).status).toBe(503);
  }
  expect((await all.journal.get("k"))?.deliveredAt).toBeUndefined();
  end();
  await Promise.all(later);
  vi.useRealTimers();
  expect((await all.receiver.fetch(callbackTo(all.urls()[0]))).status).toBe(200);
  expect(calls).toBe(1);
});

test("two processes over one journal run onTask once, and a second of them meets 503 meanwhile", async () => {
  const journal = durableJournal();
  const clock = jumpClock();
  let end = () => {};
  const calls: string[] = [];
  const slow = () => (calls.push("one"), new Promise<void>((resolve) => (end = resolve)));
  const one = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), { journal, clock, onTask: slow });
  const two = acmeReceiver(acmeAnswers([], { t1: DONE }), { journal, clock, onTask: () => void calls.push("two") });
  await one.pay();
  const [url] = one.urls();
  const first = one.receiver.fetch(callbackTo(url));
  await until(() => calls.length === 1);
  await clock.sleep(95_000); // far beyond one claim: it is renewed
  expect((await two.receiver.fetch(callbackTo(url))).status).toBe(503);
  end();
  expect((await first).status).toBe(200);
  expect((await two.receiver.fetch(callbackTo(url))).status).toBe(200);
  expect(calls).toEqual(["one"]);
});

test("two processes that start at the same moment: one of them runs it", async () => {
  for (let round = 0; round < 50; round++) {
    const journal = slowly(durableJournal(), round);
    let calls = 0;
    let running = 0;
    const onTask = async () => {
      calls++;
      expect(++running).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    };
    const one = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), { journal, onTask });
    const two = acmeReceiver(acmeAnswers([], { t1: DONE }), { journal, onTask });
    await one.pay();
    const [url] = one.urls();
    const statuses = await Promise.all(
      [one, two].map(async ({ receiver }) => (await receiver.fetch(callbackTo(url))).status),
    );
    expect(statuses).toContain(200);
    expect(calls).toBe(1);
  }
});

test("a process that dies in onTask leaves a claim that lapses, and another runs it again", async () => {
  const journal = durableJournal();
  const clock = jumpClock();
  const all = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), { journal, clock });
  await all.pay();
  await all.client.get({ vendor: "acme", model: "acme-1", id: "t1" });
  const row = await journal.get("k");
  await journal.update("k", row?.version ?? 0, { deliveryLeaseUntil: new Date(clock.now() + 30_000).toISOString() });
  expect((await all.receiver.fetch(callbackTo(all.urls()[0]))).status).toBe(503);
  await clock.sleep(31_000);
  expect((await all.receiver.fetch(callbackTo(all.urls()[0]))).status).toBe(200);
  expect(all.handled).toHaveLength(1);
});

test("a journal that fails: 503, and no onTask without a claim; one that fails after it: 200 and an alarm", async () => {
  const journal = durableJournal();
  let fails: (patch: object) => boolean = () => false;
  const failing: Journal = {
    ...journal,
    update: async (key, version, patch) => {
      if (fails(patch)) throw new Error("disk full");
      return journal.update(key, version, patch);
    },
  };
  const all = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), { journal: failing });
  await all.pay();
  await all.client.get({ vendor: "acme", model: "acme-1", id: "t1" });
  fails = () => true;
  expect((await all.receiver.fetch(callbackTo(all.urls()[0]))).status).toBe(503);
  expect(all.handled).toEqual([]);
  fails = (patch) => "deliveredAt" in patch;
  expect((await all.receiver.fetch(callbackTo(all.urls()[0]))).status).toBe(200);
  expect([all.handled.length, all.alarms()]).toEqual([1, ["journal_failed"]]);
});

test("drain waits for an onTask under way; after it a callback meets 503, for another process", async () => {
  let end = () => {};
  let calls = 0;
  const all = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), {
    onTask: () => (calls++, new Promise<void>((resolve) => (end = resolve))),
  });
  await all.pay();
  const answer = all.receiver.fetch(callbackTo(all.urls()[0]));
  await until(() => calls === 1);
  let isDrained = false;
  const draining = all.client.drain().then(() => (isDrained = true));
  await turns();
  expect(isDrained).toBe(false);
  end();
  await draining;
  expect((await answer).status).toBe(200);
  expect((await all.receiver.fetch(callbackTo(all.urls()[0]))).status).toBe(503);
});

test("drain does not wait for a task that runs on: the journal keeps it", async () => {
  const all = acmeReceiver(acmeAnswers(["t1"], { t1: RUNNING }), { clock: jumpClock({ stalled: true }) });
  await all.pay();
  expect((await all.receiver.fetch(callbackTo(all.urls()[0]))).status).toBe(200);
  await all.client.drain();
  expect(await all.journal.get("k")).toMatchObject({ state: "accepted" });
});

test("several clients: each token finds its own, by vendor, secret or account", async () => {
  const tasks = { t1: DONE };
  const journal = durableJournal();
  const other = { ...callback, secret: "another secret of at least 32 bytes" };
  const clients = [
    acmeClient([acmeAnswers(["t1"], tasks)], { callback, journal, account: "a" }),
    acmeClient([acmeAnswers(["t1"], tasks)], { callback, journal, account: "b" }),
    acmeClient([acmeAnswers(["t1"], tasks)], { callback, journal }, { vendor: "other" }),
    acmeClient([acmeAnswers(["t1"], tasks)], { callback: other, journal: durableJournal() }),
  ];
  const handled: string[] = [];
  const receiver = createReceiver({
    clients: clients.map(({ client }) => client),
    onTask: (task, { idempotencyKey: key }) => void handled.push(`${task.vendor} ${key}`),
  });
  for (const [index, { client, seen }] of clients.entries()) {
    if (index === 1)
      await journal.update("key0", (await journal.get("key0"))?.version ?? 0, {
        ref: { ...request, vendor: "acme", id: "t0" },
      });
    await client.submit(request, { idempotencyKey: `key${index}` });
    if (index === 0) continue;
    const { webhook } = JSON.parse(seen[0]?.body ?? "{}") as { webhook: string };
    expect((await receiver.fetch(callbackTo(webhook))).status).toBe(200);
    expect(seen.filter(({ method }) => method === "GET")).toHaveLength(1);
  }
  expect(handled).toEqual(["acme key1", "other key2", "acme key3"]);
});

test("a router's members are reached through it", async () => {
  const all = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }));
  await all.pay();
  const members = Reflect.get(all.client, Symbol.for("vidtask.client")) as unknown;
  const router = { [Symbol.for("vidtask.client")]: members } as unknown as typeof all.client;
  const keys: string[] = [];
  const receiver = createReceiver({
    clients: [router],
    onTask: (_task, { idempotencyKey: key }) => void keys.push(key),
  });
  expect((await receiver.fetch(callbackTo(all.urls()[0]))).status).toBe(200);
  expect(keys).toEqual(["k"]);
});

test("a row of an account that no client here has: told, 503, not handled", async () => {
  const journal = durableJournal();
  const mine = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), { journal, account: "mine" });
  await mine.pay();
  const all = acmeReceiver(acmeAnswers([], { t1: DONE }), { journal, account: "another" });
  expect((await all.receiver.fetch(callbackTo(mine.urls()[0]))).status).toBe(503);
  expect([all.handled, all.alarms(), all.gets()]).toEqual([[], ["callback_mismatch"], 0]);
});

test("a secret that was rotated is accepted for as long as it is in the list", async () => {
  const all = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }));
  await all.pay();
  const secret = ["a new secret of at least 32 bytes !", callback.secret];
  const after = acmeReceiver(acmeAnswers([], { t1: DONE }), {
    journal: all.journal,
    callback: { ...callback, secret },
  });
  expect((await after.receiver.fetch(callbackTo(all.urls()[0]))).status).toBe(200);
  expect(after.handled).toHaveLength(1);
});

test("a body that somebody has read before is an error that says what to do", async () => {
  const all = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }));
  await all.pay();
  const read = callbackTo(all.urls()[0]);
  await read.text();
  expect(String(await errorOf(all.receiver.fetch(read)))).toMatch(/read before/);
  expect(contextOf(all.client).inFlight.size).toBe(0);
});

/** The same journal, whose calls take one to three turns of the event loop. */
function slowly(journal: Journal, seed: number): Journal {
  let drawn = seed;
  const pause = async () => {
    drawn = (drawn * 1_103_515_245 + 12_345) % 2 ** 31;
    for (let turns = drawn % 3; turns >= 0; turns--) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    ...journal,
    get: async (key) => (await pause(), journal.get(key)),
    findByTask: async (ref) => (await pause(), journal.findByTask(ref)),
    update: async (key, version, patch) => (await pause(), journal.update(key, version, patch)),
  };
}
