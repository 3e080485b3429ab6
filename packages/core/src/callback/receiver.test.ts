// What a receiver does with true callbacks: late, early, twice, in several processes, and with an `onTask` that is slow or fails.
import { afterEach, describe, expect, test, vi } from "vitest";
import { createReceiver } from "../client/functions.ts";
import { settingsOf } from "../client/members.ts";
import { settleSubmit } from "../client/settle.ts";
import { contextOf } from "../context/context.ts";
import type { ClientOptions } from "../context/options.ts";
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
import { errorOf, type StubbedClient } from "../testing/vendor-suite.ts";
import type { Adapter } from "../vendor-spec/spec.ts";

afterEach(() => void vi.useRealTimers());

test.each([
  ["success", DONE, "succeeded"],
  ["failure", FAILED, "failed"],
])("the callback of a %s: 200, and onTask has the task and its key", async (_name, body, state) => {
  const acme = acmeReceiver(acmeAnswers(["t1"], { t1: body }));
  await acme.pay("row-1");
  expect(await acme.callBack()).toBe(200);
  expect(acme.handled).toMatchObject([{ key: "row-1", task: { vendor: "acme", model: "acme-1", id: "t1", state } }]);
  expect(await acme.journal.get("row-1")).toMatchObject({ state, deliveredAt: expect.any(String) });
});

test("an unknown submit is reconciled: its key has the task, and submitting again sends nothing", async () => {
  const acme = acmeReceiver(acmeAnswers([undefined], { t1: DONE }));
  expect(await acme.pay()).toMatchObject({ code: "submit_unknown", retryable: true });
  expect(await acme.callBack()).toBe(200);
  expect(acme.handled).toMatchObject([{ key: "k", task: { id: "t1" } }]);
  expect(acme.alarms()).toEqual([]);
  expect(acme.events).toContainEqual(expect.objectContaining({ type: "accepted", idempotencyKey: "k" }));
  expect(await acme.pay()).toMatchObject({ id: "t1", state: "succeeded" });
  expect(acme.posts()).toBe(1);
});

test("the same for a submit of another process that died: receiver and client share the journal only", async () => {
  const journal = durableJournal();
  const dead = acmeClient([reset], { journal, callback });
  await dead.client.submit(request, { idempotencyKey: "k" }).catch(() => {});
  const row = await journal.get("k");
  await journal.update("k", row?.version ?? 0, { state: "sending" });
  const acme = acmeReceiver(acmeAnswers([], { t1: DONE }), { journal });
  const { webhook } = JSON.parse(dead.seen[0]?.body ?? "{}") as { webhook: string };
  expect(await acme.callBack(webhook)).toBe(200);
  expect(await journal.get("k")).toMatchObject({ state: "succeeded", ref: { id: "t1" } });
});

test.each([
  { answer: "its answer", id: "t1" },
  { answer: "an answer that is lost", id: undefined },
])("a callback that comes before $answer: submit returns the task, paid once", async ({ id }) => {
  let early: Promise<Response> | undefined;
  const vendor = acmeAnswers([id], { t1: DONE });
  const step: Step = async (seen) => {
    if (seen.method === "POST") {
      const { webhook } = JSON.parse(seen.body) as { webhook: string };
      early = acme.receiver.fetch(callbackTo(webhook));
      expect((await early).status).toBe(200);
    }
    return vendor(seen);
  };
  const acme = acmeReceiver(step);
  expect(await acme.client.submit(request, { idempotencyKey: "k" })).toMatchObject({ id: "t1" });
  expect(await early).toBeDefined();
  expect(acme.posts()).toBe(1);
  expect(acme.handled).toHaveLength(1);
  expect(acme.alarms()).toEqual([]);
  expect(await acme.journal.get("k")).toMatchObject({ state: "succeeded", attempt: 1 });
});

test.each<[JournalState, string[]]>([
  ["refused", ["late_accept"]],
  ["lost", ["late_accept"]],
  ["unknown", []],
  ["begun", []],
])("a row that is %s has its task when a callback is confirmed", async (state, alarms) => {
  const acme = acmeReceiver(acmeAnswers([undefined], { t1: DONE }));
  await acme.pay();
  const row = await acme.journal.get("k");
  await acme.journal.update("k", row?.version ?? 0, { state });
  expect(await acme.callBack()).toBe(200);
  expect(await acme.journal.get("k")).toMatchObject({ state: "succeeded", ref: { id: "t1" } });
  expect(acme.alarms()).toEqual(alarms);
  expect(acme.handled).toHaveLength(1);
});

test("a late callback of an earlier attempt is told, and never bound to the new one", async () => {
  const acme = acmeReceiver(acmeAnswers([undefined, "t2"], { t1: DONE, t2: RUNNING }));
  await acme.pay();
  await settleSubmit(acme.journal, "k", "lost", { force: true });
  await acme.pay();
  const [first] = acme.urls();
  for (let times = 0; times < 3; times++) expect(await acme.callBack(first)).toBe(200);
  expect(acme.alarms()).toEqual(["late_accept"]);
  expect(acme.handled).toEqual([]);
  expect(acme.gets()).toBe(1);
  expect(await acme.journal.get("k")).toMatchObject({ state: "accepted", ref: { id: "t2" }, attempt: 2 });
});

test.each(["7", "12345678901234567890"])("an id that comes as the number %s is its digits", async (id) => {
  const acme = acmeReceiver(acmeAnswers([id], { [id]: DONE }));
  await acme.pay();
  expect((await acme.receiver.fetch(callbackTo(acme.urls()[0], "", { body: `{"id":${id}}` }))).status).toBe(200);
  expect(acme.handled).toMatchObject([{ key: "k", task: { id } }]);
});

test("a task that two keys claim stays with the first", async () => {
  const acme = acmeReceiver(acmeAnswers(["t1", undefined], { t1: DONE }));
  await acme.pay("a");
  await acme.pay("b");
  expect(await acme.callBack(acme.urls()[1])).toBe(200);
  expect(acme.alarms()).toEqual(["callback_mismatch"]);
  expect(acme.handled).toEqual([]);
  expect(await acme.journal.get("b")).toMatchObject({ state: "unknown" });
});

test("any wait on the task ends with the callback, without asking again", async () => {
  const tasks: AcmeTasks = { t1: RUNNING };
  const clock = jumpClock({ stalled: true });
  const acme = acmeReceiver(acmeAnswers(["t1"], tasks), { clock });
  await acme.pay();
  const waiting = acme.client.wait({
    vendor: "acme",
    model: "acme-1",
    id: "t1",
    submittedAt: new Date(clock.now()).toISOString(),
  });
  tasks["t1"] = DONE;
  await acme.callBack();
  expect(await waiting).toMatchObject({ state: "succeeded" });
  expect(acme.gets()).toBe(1);
});

test("an end the journal has is handled without asking, and a later odd answer does not change it", async () => {
  const tasks: AcmeTasks = { t1: DONE };
  const acme = acmeReceiver(acmeAnswers(["t1"], tasks));
  const task = (await acme.pay()) as { id: string };
  await acme.client.get({ vendor: "acme", model: "acme-1", id: task.id });
  delete tasks["t1"]; // the vendor forgets
  expect(await acme.callBack()).toBe(200);
  expect(acme.handled).toHaveLength(1);
  expect(acme.gets()).toBe(1);
});

test("a callback reads and writes its row as often as it must", async () => {
  const real = { ...durableJournal(), now: async () => Date.now() };
  const trips: string[] = [];
  const counted = (name: keyof Journal) => ({
    [name]: (...given: never[]) => {
      trips.push(name);
      return (real[name] as (...given: never[]) => unknown)(...given);
    },
  });
  const journal = Object.assign({}, real, ...(["get", "findByTask", "update", "now"] as const).map(counted)) as Journal;
  const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), { journal });
  await acme.pay();
  trips.length = 0;
  expect(await acme.callBack()).toBe(200);
  // The row; its end; the row with its end; the lease; that it is handled.
  expect(trips).toEqual(["get", "findByTask", "update", "get", "now", "update", "update"]);
  trips.length = 0;
  expect(await acme.callBack()).toBe(200);
  expect(trips).toEqual(["get"]);
  expect(acme.handled).toHaveLength(1);
});

test("not yet ended, with a durable journal: 200, and the client looks until it has", async () => {
  const tasks: AcmeTasks = { t1: RUNNING };
  const acme = acmeReceiver(acmeAnswers(["t1"], tasks));
  await acme.pay();
  const later: Promise<unknown>[] = [];
  const platform = { waitUntil: (work: Promise<unknown>) => void later.push(work) };
  expect((await acme.receiver.fetch(callbackTo(acme.urls()[0]), platform)).status).toBe(200);
  expect(acme.handled).toEqual([]);
  tasks["t1"] = DONE;
  await Promise.all(later);
  expect(later).toHaveLength(1);
  expect(acme.handled).toHaveLength(1);
});

test("not yet ended, without a durable journal: 503, and the next callback finds the end", async () => {
  const tasks: AcmeTasks = { t1: RUNNING };
  const clock = jumpClock();
  const acme = acmeReceiver(acmeAnswers(["t1"], tasks), { journal: memoryJournal(), clock });
  await acme.pay();
  const [url] = acme.urls();
  expect(await acme.callBack(url)).toBe(503);
  tasks["t1"] = DONE;
  expect(await acme.callBack(url)).toBe(503); // not within 2 s
  await clock.sleep(2_000);
  expect(await acme.callBack(url)).toBe(200);
  expect(acme.handled).toHaveLength(1);
  expect(acme.gets()).toBe(2);
});

test("a task that is found running binds an unknown submit at once", async () => {
  const acme = acmeReceiver(acmeAnswers([undefined], { t1: RUNNING }));
  await acme.pay();
  await acme.callBack();
  expect(await acme.journal.get("k")).toMatchObject({ state: "accepted", ref: { id: "t1" } });
  await acme.client.drain();
});

test("a vendor that cannot be asked: 503, and the next callback is as good as the first", async () => {
  let isDown = true;
  const vendor = acmeAnswers(["t1"], { t1: DONE });
  const clock = jumpClock();
  const acme = acmeReceiver((seen) => (seen.method === "GET" && isDown ? reset(seen) : vendor(seen)), { clock });
  await acme.pay();
  expect(await acme.callBack()).toBe(503);
  isDown = false;
  await clock.sleep(2_000);
  expect(await acme.callBack()).toBe(200);
  expect(acme.handled).toHaveLength(1);
  expect(acme.events).toContainEqual(
    expect.objectContaining({ type: "fault", phase: "callback", idempotencyKey: "k" }),
  );
});

test("an onTask that throws: 503, told, and called again by the next callback until it succeeds once", async () => {
  let calls = 0;
  const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), {
    onTask: () => {
      if (++calls < 3) throw new Error("the database is down");
    },
  });
  await acme.pay();
  const statuses: number[] = [];
  for (let times = 0; times < 5; times++) statuses.push(await acme.callBack());
  expect(statuses).toEqual([503, 503, 200, 200, 200]);
  expect(calls).toBe(3);
  expect(acme.gets()).toBe(1);
  expect(acme.events).toContainEqual(
    expect.objectContaining({ type: "fault", phase: "callback", error: { message: "the database is down" } }),
  );
});

test("an onTask that throws what cannot be read is called again by the next callback", async () => {
  let calls = 0;
  const unreadable = new Proxy({}, { get: () => expect.fail("was read"), has: () => expect.fail("was read") });
  const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), {
    onTask() {
      if (++calls === 1) throw unreadable; // oxlint-disable-line no-throw-literal
    },
  });
  await acme.pay();
  expect([await acme.callBack(), await acme.callBack()]).toEqual([503, 200]);
  expect(calls).toBe(2);
});

test("an onTask that throws when the vendor will not call again is called again by the client", async () => {
  const tasks: AcmeTasks = { t1: RUNNING };
  let calls = 0;
  const acme = acmeReceiver(acmeAnswers(["t1"], tasks), {
    onTask: async () => (++calls < 3 ? Promise.reject(new Error("no")) : 0),
  });
  await acme.pay();
  expect(await acme.callBack()).toBe(200);
  tasks["t1"] = DONE;
  await until(async () => (await acme.journal.get("k"))?.deliveredAt !== undefined);
  expect(calls).toBe(3);
});

test("an onTask that takes longer than 8 s: 503 while it runs on, never twice at once, then 200", async () => {
  let end = () => {};
  let calls = 0;
  const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), {
    clock: jumpClock({ stalled: true }), // else renewing the claim would take its time past the life of the token
    onTask: () => (calls++, new Promise<void>((resolve) => (end = resolve))),
  });
  await acme.pay();
  const later: Promise<unknown>[] = [];
  const platform = { waitUntil: (work: Promise<unknown>) => void later.push(work) };
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  for (let times = 0; times < 3; times++) {
    const answer = acme.receiver.fetch(callbackTo(acme.urls()[0]), platform);
    await until(() => calls > 0);
    await vi.advanceTimersByTimeAsync(7_500);
    expect(await Promise.race([answer, "waiting"])).toBe("waiting");
    await vi.advanceTimersByTimeAsync(600);
    expect((await answer).status).toBe(503);
  }
  expect((await acme.journal.get("k"))?.deliveredAt).toBeUndefined();
  end();
  await Promise.all(later);
  vi.useRealTimers();
  expect(await acme.callBack()).toBe(200);
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
  expect(await two.callBack(url)).toBe(503);
  end();
  expect((await first).status).toBe(200);
  expect(await two.callBack(url)).toBe(200);
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
  const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), { journal, clock });
  await acme.pay();
  await acme.client.get({ vendor: "acme", model: "acme-1", id: "t1" });
  const row = await journal.get("k");
  await journal.update("k", row?.version ?? 0, { deliveryLeaseUntil: new Date(clock.now() + 30_000).toISOString() });
  expect(await acme.callBack()).toBe(503);
  await clock.sleep(31_000);
  expect(await acme.callBack()).toBe(200);
  expect(acme.handled).toHaveLength(1);
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
  const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), { journal: failing });
  await acme.pay();
  await acme.client.get({ vendor: "acme", model: "acme-1", id: "t1" });
  fails = () => true;
  expect(await acme.callBack()).toBe(503);
  expect(acme.handled).toEqual([]);
  fails = (patch) => "deliveredAt" in patch;
  expect(await acme.callBack()).toBe(200);
  expect(acme.handled).toHaveLength(1);
  expect(acme.alarms()).toEqual(["journal_failed"]);
});

test("drain waits for an onTask under way; after it a callback meets 503, for another process", async () => {
  let end = () => {};
  let calls = 0;
  const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), {
    onTask: () => (calls++, new Promise<void>((resolve) => (end = resolve))),
  });
  await acme.pay();
  const answer = acme.receiver.fetch(callbackTo(acme.urls()[0]));
  await until(() => calls === 1);
  let isDrained = false;
  const draining = acme.client.drain().then(() => (isDrained = true));
  await turns();
  expect(isDrained).toBe(false);
  end();
  await draining;
  expect((await answer).status).toBe(200);
  expect(await acme.callBack()).toBe(503);
});

test("drain does not wait for a task that runs on: the journal keeps it", async () => {
  const acme = acmeReceiver(acmeAnswers(["t1"], { t1: RUNNING }), { clock: jumpClock({ stalled: true }) });
  await acme.pay();
  expect(await acme.callBack()).toBe(200);
  await acme.client.drain();
  expect(await acme.journal.get("k")).toMatchObject({ state: "accepted" });
});

describe("a receiver of several clients", () => {
  const webhook = ({ seen }: StubbedClient) => (JSON.parse(seen[0]?.body ?? "{}") as { webhook: string }).webhook;
  const reads = ({ seen }: StubbedClient) => seen.filter(({ method }) => method === "GET").length;
  const client = (options: ClientOptions, change?: Partial<Adapter>) =>
    acmeClient([acmeAnswers(["t1"], { t1: DONE })], { callback, ...options }, change);

  test.each<{ by: string; key: string; options?: ClientOptions; change?: Partial<Adapter> }>([
    { by: "account", key: "b", options: { account: "b" } },
    { by: "vendor", key: "other", change: { vendor: "other" } },
    {
      by: "secret",
      key: "secret",
      options: {
        callback: { ...callback, secret: "another secret of at least 32 bytes" },
        journal: durableJournal(),
      },
    },
  ])("finds the client of a token by $by", async ({ key, options, change }) => {
    const journal = durableJournal();
    const others = [client({ journal, account: "a" }), client({ journal, account: "c" }, { vendor: "another" })];
    const mine = client({ journal, ...options }, change);
    const told: string[] = [];
    const receiver = createReceiver({
      clients: [...others, mine].map((one) => one.client),
      onTask: (task, { idempotencyKey }) => void told.push(`${task.vendor} ${idempotencyKey}`),
    });
    await mine.client.submit(request, { idempotencyKey: key });
    expect((await receiver.fetch(callbackTo(webhook(mine)))).status).toBe(200);
    expect(told).toEqual([`${change?.vendor ?? "acme"} ${key}`]);
    expect(reads(mine)).toBe(1);
    expect(others.map(reads)).toEqual([0, 0]);
  });
});

test("a router's members are reached through it", async () => {
  const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }));
  await acme.pay();
  const members = Reflect.get(acme.client, Symbol.for("vidtask.client")) as unknown;
  const router = { [Symbol.for("vidtask.client")]: members } as unknown as typeof acme.client;
  const keys: string[] = [];
  const receiver = createReceiver({
    clients: [router],
    onTask: (_task, { idempotencyKey: key }) => void keys.push(key),
  });
  expect((await receiver.fetch(callbackTo(acme.urls()[0]))).status).toBe(200);
  expect(keys).toEqual(["k"]);
});

test("a row of an account that no client here has: told, 503, not handled", async () => {
  const journal = durableJournal();
  const mine = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), { journal, account: "mine" });
  await mine.pay();
  const acme = acmeReceiver(acmeAnswers([], { t1: DONE }), { journal, account: "another" });
  expect(await acme.callBack(mine.urls()[0])).toBe(503);
  expect(acme.handled).toEqual([]);
  expect(acme.alarms()).toEqual(["callback_mismatch"]);
  expect(acme.gets()).toBe(0);
});

test("a secret that was rotated is accepted for as long as it is in the list", async () => {
  const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }));
  await acme.pay();
  const secret = ["a new secret of at least 32 bytes !", callback.secret];
  const after = acmeReceiver(acmeAnswers([], { t1: DONE }), {
    journal: acme.journal,
    callback: { ...callback, secret },
  });
  expect(await after.callBack(acme.urls()[0])).toBe(200);
  expect(after.handled).toHaveLength(1);
});

test("a row that cannot be used: 503 and a fault that says why, and no onTask", async () => {
  const journal = durableJournal();
  const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), { journal });
  await acme.pay();
  const row = await journal.get("k");
  await journal.update("k", row?.version ?? 0, { state: "odd" as JournalState });
  expect((await acme.receiver.fetch(callbackTo(acme.urls()[0]))).status).toBe(503);
  expect(acme.handled).toEqual([]);
  expect(acme.events).toContainEqual(
    expect.objectContaining({ type: "fault", phase: "callback", error: { message: expect.stringContaining("key k") } }),
  );
});

test.each([
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "application/jsonp",
  "text/html",
  "",
])('a callback whose content type is "%s" is one like all others', async (type) => {
  const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }));
  await acme.pay();
  const body = new TextEncoder().encode('{"id":"t1"}');
  const headers = type ? { "content-type": type } : {};
  const request = new Request(acme.urls()[0] ?? "", { method: "POST", body, headers });
  expect((await acme.receiver.fetch(request)).status).toBe(200);
  expect(acme.handled).toHaveLength(1);
});

test.each<[string, string, string]>([
  ["one slash behind the token", "https://app.test/cb", "/"],
  ["one slash behind the token, and a query", "https://app.test/cb?a=b", "/?a=b"],
])("%s changes nothing", async (_what, url, tail) => {
  const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), { callback: { ...callback, url } });
  await acme.pay();
  const [sent = ""] = acme.urls();
  expect((await acme.receiver.fetch(callbackTo(sent.replace(/\?.*$/, "") + tail))).status).toBe(200);
  expect(acme.handled).toHaveLength(1);
});

test.each<[string, (text: string) => unknown]>([
  ["text", (text) => text],
  ["bytes", (text) => new TextEncoder().encode(text)],
  ["a buffer", (text) => new TextEncoder().encode(text).buffer],
  ["its value", (text) => JSON.parse(text) as unknown],
])("a body that was read before is taken from `body`, as %s", async (_what, made) => {
  const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }));
  await acme.pay();
  const read = callbackTo(acme.urls()[0]);
  const body = made(await read.text());
  expect((await acme.receiver.fetch(read, { body })).status).toBe(200);
  expect(acme.handled).toHaveLength(1);
});

test("a platform that cannot wait any more changes nothing", async () => {
  const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }));
  await acme.pay();
  const waitUntil = () => {
    throw new TypeError("Illegal invocation");
  };
  expect((await acme.receiver.fetch(callbackTo(acme.urls()[0]), { waitUntil })).status).toBe(200);
});

test("a body that was read before is an error that says what to do", async () => {
  const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }));
  await acme.pay();
  const read = callbackTo(acme.urls()[0]);
  await read.text();
  expect(String(await errorOf(acme.receiver.fetch(read)))).toMatch(/read before/);
  expect(contextOf(settingsOf(acme.client)).inFlight.size).toBe(0);
});

test("where a framework gives null for what surrounds a request, that is nothing", async () => {
  const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }));
  await acme.pay();
  const { status } = await acme.receiver.fetch(callbackTo(acme.urls()[0]), null as never);
  expect(status).toBe(200);
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
