// What strangers send to a callback URL. Nothing that a `get` has not said reaches `onTask`, and the vendor is asked a
// bounded number of times.
import { afterEach, describe, expect, test, vi } from "vitest";
import type { ClientOptions } from "../context/options.ts";
import {
  acmeAnswers,
  acmeReceiver,
  callback,
  callbackTo,
  DONE,
  durableJournal,
  FAILED,
  RUNNING,
  type AcmeReceiver,
  type AcmeTasks,
} from "../test/acme-callbacks.ts";
import { turns, until } from "../test/turns.ts";
import { jumpClock } from "../testing/jump-clock.ts";

afterEach(() => void vi.useRealTimers());

/** A body that can be seen being read. */
function watchedBody(chunks: () => Iterable<string> | AsyncIterable<string>) {
  const seen = { bytes: 0, isCancelled: false };
  const encoder = new TextEncoder();
  let iterator: Iterator<string> | AsyncIterator<string> | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const given = chunks();
        iterator ??= Symbol.asyncIterator in given ? given[Symbol.asyncIterator]() : given[Symbol.iterator]();
        const { done, value } = await iterator.next();
        if (done) return controller.close();
        seen.bytes += value.length;
        controller.enqueue(encoder.encode(value));
      },
      cancel: () => void (seen.isCancelled = true),
    },
    { highWaterMark: 0 },
  );
  return { seen, more: { body, duplex: "half" } as RequestInit };
}

/** `onTask` was not called, and the vendor was not asked. */
function expectNothingDone({ handled, gets }: AcmeReceiver): void {
  expect(handled).toEqual([]);
  expect(gets()).toBe(0);
}

/** A receiver after one submit, under `k`. */
async function afterSubmit(): Promise<AcmeReceiver> {
  const all = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }));
  await all.pay();
  return all;
}

test.each(["https://app.test/cb", "https://app.test/cb/", "https://app.test/", "https://app.test/cb?token=x"])(
  "no token, as in %s: 404, the body unread, the vendor not asked",
  async (url) => {
    const all = await afterSubmit();
    const { seen, more } = watchedBody(() => ["{}"]);
    expect((await all.receiver.fetch(callbackTo(url, "t1", more))).status).toBe(404);
    expect(seen.bytes).toBe(0);
    expectNothingDone(all);
  },
);

const wrongTokens: Record<string, (url: string) => string | Promise<string>> = {
  "with one character more": (url) => `${url}A`,
  "with one character less": (url) => url.slice(0, -1),
  "of another version": (url) => url.replace("vtc1", "vtc2"),
  "in capitals": (url) => url.toUpperCase(),
  "with two slashes behind it": (url) => `${url}//`,
  "with a segment behind it": (url) => `${url}/x`,
  "with a space behind it": (url) => `${url}%20`,
  "of 100,000 characters": () => `https://app.test/${"v".repeat(100_000)}`,
  "signed with another secret": async () => {
    const stranger = acmeReceiver(acmeAnswers(["t1"], {}), { callback: { ...callback, secret: "xy".repeat(16) } });
    await stranger.pay();
    return stranger.urls()[0] ?? "";
  },
};
test.each(Object.entries(wrongTokens))(
  "a token %s: 404, the body unread, the vendor not asked",
  async (_name, change) => {
    const all = await afterSubmit();
    const { seen, more } = watchedBody(() => ["{}"]);
    const url = await change(all.urls()[0] ?? "");
    expect((await all.receiver.fetch(callbackTo(url, "t1", more))).status).toBe(404);
    expect(seen.bytes).toBe(0);
    expectNothingDone(all);
  },
);

test("an expired token: 404", async () => {
  const clock = jumpClock();
  const all = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), { clock });
  await all.pay();
  await clock.sleep(49 * 3_600_000);
  expect((await all.receiver.fetch(callbackTo(all.urls()[0]))).status).toBe(404);
  expectNothingDone(all);
});

test("the token of another submit: its key is not given this task, and both keep their own", async () => {
  const all = acmeReceiver(acmeAnswers(["t1", "t2"], { t1: DONE, t2: FAILED }));
  await all.pay("a");
  await all.pay("b");
  const [a, b] = all.urls();
  expect((await all.receiver.fetch(callbackTo(a, "t2"))).status).toBe(200); // nothing would change by calling again
  expectNothingDone(all);
  expect(all.alarms()).toEqual(["callback_mismatch"]);
  await all.receiver.fetch(callbackTo(b, "t2"));
  await all.client.get({ vendor: "acme", model: "acme-1", id: "t1" });
  expect(all.handled).toMatchObject([{ key: "b", task: { id: "t2", state: "failed" } }]);
  expect(await all.journal.get("a")).toMatchObject({ ref: { id: "t1" } });
});

test.each([
  { where: "over the same journal", isShared: true },
  { where: "in a process that was restarted without a durable journal", isShared: false },
])("a replayed body $where: handled once, and the vendor asked once", async ({ isShared }) => {
  const all = await afterSubmit();
  const [url] = all.urls();
  const other = acmeReceiver(acmeAnswers([], { t1: DONE }), isShared ? { journal: all.journal } : {});
  for (let times = 0; times < 20; times++) expect(await other.callBack(url)).toBe(200);
  expect(other.gets()).toBe(1);
  expect(other.handled).toMatchObject([{ key: "k", task: { id: "t1", state: "succeeded" } }]);
});

test.each([true, false])(
  "a forged success for a running task: not passed on (durable journal: %s)",
  async (durable) => {
    const tasks: AcmeTasks = { t1: RUNNING };
    const all = acmeReceiver(acmeAnswers(["t1"], tasks), durable ? {} : { journal: undefined });
    await all.pay();
    const receiver = durable ? all : acmeReceiver(acmeAnswers([], tasks));
    const { status } = await receiver.receiver.fetch(callbackTo(all.urls()[0]));
    expect(status).toBe(durable ? 200 : 503);
    expect(receiver.handled).toEqual([]);
    expect(receiver.gets()).toBe(1);
    if (!durable) return;
    // The forgery only made the client look; the true end is passed on when it comes.
    tasks["t1"] = DONE;
    await until(() => all.handled.length > 0);
    expect(all.handled).toMatchObject([{ task: { state: "succeeded" } }]);
    expect(JSON.stringify(all.handled)).not.toContain("evil");
  },
);

test("a forged failure: what the vendor says is passed on", async () => {
  const all = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }));
  await all.pay();
  const body = JSON.stringify({ id: "t1", status: "error", reason: "forged" });
  expect((await all.receiver.fetch(callbackTo(all.urls()[0], "t1", { body }))).status).toBe(200);
  expect(all.handled).toMatchObject([{ task: { state: "succeeded" } }]);
  expect(JSON.stringify([all.handled, all.events, await all.journal.get("k")])).not.toContain("forged");
});

test("a foreign result host in a forged body: the URL is the vendor's", async () => {
  const all = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }));
  await all.pay();
  await all.receiver.fetch(callbackTo(all.urls()[0])); // its body names evil.test
  expect(all.handled).toMatchObject([{ task: { videos: [{ url: "https://cdn.acme.test/v.mp4" }] } }]);
  expect(JSON.stringify([all.handled, all.events, await all.journal.get("k")])).not.toContain("evil");
});

test("a body that repeats the pictures of the request is read", async () => {
  const all = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }));
  await all.pay();
  const body = JSON.stringify({ input: `data:image/png;base64,${"A".repeat(700_000)}`, id: "t1" });
  expect((await all.receiver.fetch(callbackTo(all.urls()[0], "t1", { body }))).status).toBe(200);
  expect(all.handled).toMatchObject([{ task: { id: "t1", state: "succeeded" } }]);
});

test.each([
  { length: "no length", headers: {} },
  { length: "its length", headers: { "content-length": String(50 * 2 ** 20) } },
  { length: "a length of 10", headers: { "content-length": "10" } },
])("a body of 50 MB under $length: 413, after a megabyte at most", async ({ headers }) => {
  const all = await afterSubmit();
  const chunk = " ".repeat(16_384);
  const { seen, more } = watchedBody(function* () {
    for (let sent = 0; sent < 50 * 2 ** 20; sent += chunk.length) yield chunk;
  });
  const sent = { ...more, headers: { "content-type": "application/json", ...headers } };
  expect((await all.receiver.fetch(callbackTo(all.urls()[0], "t1", sent))).status).toBe(413);
  expect(seen.bytes).toBeLessThanOrEqual(2 ** 20 + chunk.length);
  expect(seen.isCancelled).toBe(seen.bytes > 0);
  expectNothingDone(all);
});

test("a body that comes slowly: 408 after 5 s, and the rest is not waited for", async () => {
  const all = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }));
  await all.pay();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { seen, more } = watchedBody(async function* () {
    for (;;) {
      yield " ";
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  });
  const answer = all.receiver.fetch(callbackTo(all.urls()[0], "t1", more));
  await until(() => seen.bytes > 0);
  await vi.advanceTimersByTimeAsync(4_900);
  expect(await Promise.race([answer, "waiting"])).toBe("waiting");
  await vi.advanceTimersByTimeAsync(200);
  expect((await answer).status).toBe(408);
  expect(seen.bytes).toBeLessThanOrEqual(6);
  expect(seen.isCancelled).toBe(true);
  expectNothingDone(all);
});

test("a body that breaks off: 400", async () => {
  const all = await afterSubmit();
  const { more } = watchedBody(function* () {
    yield '{"id":';
    throw new Error("reset");
  });
  expect((await all.receiver.fetch(callbackTo(all.urls()[0], "t1", more))).status).toBe(400);
  expectNothingDone(all);
});

test("a body that stalls: 408", async () => {
  const all = await afterSubmit();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  let isAsked = false;
  const stall = (): Promise<void> => new Promise(() => (isAsked = true));
  const body = new ReadableStream<Uint8Array>({ pull: stall }, { highWaterMark: 0 });
  const answer = all.receiver.fetch(callbackTo(all.urls()[0], "t1", { body, duplex: "half" } as RequestInit));
  await until(() => isAsked);
  await vi.advanceTimersByTimeAsync(5_100);
  expect((await answer).status).toBe(408);
  expectNothingDone(all);
});

test.each(["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])(
  "the method %s: 405 that names the right one, before the token",
  async (method) => {
    const all = await afterSubmit();
    const { status, headers } = await all.receiver.fetch(new Request(all.urls()[0] ?? "", { method }));
    expect(status).toBe(405);
    expect(headers.get("allow")).toBe("POST");
    expectNothingDone(all);
  },
);

test.each([
  "",
  "{",
  "null",
  "[]",
  '"t1"',
  "{}",
  '{"id":null}',
  '{"id":1.5}',
  '{"id":""}',
  '{"id":".."}',
  '{"id":"a/../b"}',
  '{"id":"a b"}',
  JSON.stringify({ id: "x".repeat(129) }),
  '{"code":200,"message":"success","data":{"taskId":"t1","state":"success"}}', // of another vendor
])("a valid token with the body %s, which is no callback: 400", async (body) => {
  const all = await afterSubmit();
  expect((await all.receiver.fetch(callbackTo(all.urls()[0], "", { body }))).status).toBe(400);
  expectNothingDone(all);
});

describe("a valid token with the id of a task that is not of its submit", () => {
  const start = jumpClock().now();
  const hour = 3_600_000;
  const tasks: AcmeTasks = {
    t1: RUNNING,
    second: { ...DONE, createdAt: new Date(start + 1_000).toISOString() },
    old: { ...DONE, createdAt: new Date(start - 2 * hour).toISOString() },
    model: { ...DONE, model: "acme-2" },
  };

  test.each([
    { id: "nothing", alarm: "callback_mismatch" },
    { id: "old", alarm: "callback_mismatch" },
    { id: "model", alarm: "callback_mismatch" },
    { id: "second", alarm: "double_charge" },
  ])("$id: not handled, the submit keeps its own, and the alarm is $alarm", async ({ id, alarm }) => {
    const all = acmeReceiver(acmeAnswers(["t1"], tasks));
    await all.pay();
    for (let times = 0; times < 3; times++)
      expect((await all.receiver.fetch(callbackTo(all.urls()[0], id))).status).toBe(200);
    expect(all.handled).toEqual([]);
    expect(all.alarms()).toEqual([alarm]);
    expect(all.gets()).toBe(1);
    expect(await all.journal.get("k")).toMatchObject({ state: "accepted", ref: { id: "t1" } });
  });

  test.each(["old", "model"])("%s: an unknown submit is not given it", async (id) => {
    const all = acmeReceiver(acmeAnswers([undefined], tasks));
    await all.pay();
    await all.receiver.fetch(callbackTo(all.urls()[0], id));
    expect(all.handled).toEqual([]);
    expect(all.alarms()).toEqual(["callback_mismatch"]);
    expect(await all.journal.get("k")).toMatchObject({ state: "unknown" });
    expect((await all.journal.get("k"))?.ref).toBeUndefined();
  });
});

describe("where the clock that wrote the time of a POST is hours off", () => {
  const HOUR = 3_600_000;
  /** The vendor's word of a task, with its own clock in the answer; `aheadMs`: of the machine that sends and receives. */
  function lost(aheadMs: number, createdAgoMs: number, date = true) {
    const clock = jumpClock({ stalled: true });
    const skewed = { ...clock, now: () => clock.now() + aheadMs };
    const createdAt = new Date(clock.now() - createdAgoMs).toISOString();
    const answers = acmeAnswers([undefined], {});
    const all = acmeReceiver(
      async (seen) =>
        seen.method === "POST"
          ? answers(seen)
          : Response.json(
              { ...DONE, createdAt },
              date ? { headers: { date: new Date(clock.now()).toUTCString() } } : undefined,
            ),
      { clock: skewed },
    );
    return all;
  }

  test.each([3 * HOUR, -3 * HOUR])("by %i ms: its task is bound by its age, as the vendor tells it", async (ahead) => {
    const all = lost(ahead, 60_000);
    await all.pay();
    expect((await all.receiver.fetch(callbackTo(all.urls()[0]))).status).toBe(200);
    expect(all.handled).toMatchObject([{ key: "k", task: { id: "t1" } }]);
    expect(all.alarms()).toEqual([]);
  });

  test.each([3 * HOUR, -3 * HOUR])("by %i ms: a task that is older than the POST is not", async (ahead) => {
    const all = lost(ahead, 5 * HOUR);
    await all.pay();
    await all.receiver.fetch(callbackTo(all.urls()[0]));
    expect(all.handled).toEqual([]);
    expect(all.alarms()).toEqual(["callback_mismatch"]);
  });

  test("and the vendor does not tell its own, nothing is bound", async () => {
    const all = lost(3 * HOUR, 60_000, false);
    await all.pay();
    await all.receiver.fetch(callbackTo(all.urls()[0]));
    expect(all.alarms()).toEqual(["callback_mismatch"]);
  });

  test("of a store, too: the age is that of the row, by the store's clock", async () => {
    const clock = jumpClock({ stalled: true });
    const journal = { ...durableJournal(), now: async () => clock.now() + 5 * HOUR };
    const sender = acmeReceiver(acmeAnswers([undefined], {}), { journal, clock });
    await sender.pay();
    const createdAt = new Date(clock.now()).toISOString();
    const headers = { date: new Date(clock.now()).toUTCString() };
    const receiver = acmeReceiver(() => Response.json({ ...DONE, createdAt }, { headers }), { journal, clock });
    expect((await receiver.receiver.fetch(callbackTo(sender.urls()[0]))).status).toBe(200);
    expect(receiver.handled).toMatchObject([{ key: "k" }]);
  });
});

test("an id that the vendor does not know, under an unknown submit: 503, as it may be early", async () => {
  const all = acmeReceiver(acmeAnswers([undefined], {}));
  await all.pay();
  expect((await all.receiver.fetch(callbackTo(all.urls()[0], "made-up"))).status).toBe(503);
  expect(all.handled).toEqual([]);
  expect((await all.journal.get("k"))?.state).toBe("unknown");
});

test("2,000 valid callbacks for one task in a second: one question to the vendor, one call of onTask", async () => {
  const vendor = acmeAnswers(["t1"], { t1: DONE });
  let end = () => {};
  const all = acmeReceiver(async (seen) => {
    if (seen.method === "GET") await new Promise<void>((resolve) => (end = resolve));
    return vendor(seen);
  });
  await all.pay();
  const [url] = all.urls();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }); // that second does not pass
  const answering = Promise.all(Array.from({ length: 2_000 }, async () => all.receiver.fetch(callbackTo(url))));
  await until(() => all.gets() === 1);
  await turns(); // some come while the vendor is asked, the others after it
  end();
  const answers = await answering;
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(all.gets()).toBe(1);
  expect(all.handled).toHaveLength(1);
});

test("2,000 forged ones for a running task, one after the other: a question every 2 s at most", async () => {
  const clock = jumpClock({ stalled: true });
  let asked = 0;
  const vendor = acmeAnswers(["t1"], { t1: RUNNING });
  const all = acmeReceiver((seen) => (seen.method === "GET" && asked++, vendor(seen)), { clock, journal: undefined });
  await all.pay();
  const [url] = all.urls();
  const statuses = new Set<number>();
  for (let times = 0; times < 2_000; times++) statuses.add((await all.receiver.fetch(callbackTo(url))).status);
  expect(asked).toBe(1);
  expect(all.handled).toEqual([]);
  await all.client.drain();
});

test("the same where every request makes its client and receiver anew, as a Worker does: the budget is the account's", async () => {
  const clock = jumpClock({ stalled: true });
  const all = acmeReceiver(acmeAnswers(["t1"], { t1: RUNNING }), { clock, journal: undefined });
  await all.pay();
  let asked = 0;
  for (let times = 0; times < 100; times++) {
    const fresh = acmeReceiver((seen) => (asked++, acmeAnswers([], { t1: RUNNING })(seen)), {
      clock,
      journal: undefined,
    });
    expect((await fresh.receiver.fetch(callbackTo(all.urls()[0]))).status).toBe(503);
  }
  expect(asked).toBe(1);
});

/** Sends the callbacks of sixty tasks again and again until all are handled; when the vendor was asked. */
async function handleSixty(isLost: boolean, options: ClientOptions = {}) {
  const clock = jumpClock();
  const times: number[] = [];
  const ids = Array.from({ length: 60 }, (_, index) => `t${index}`);
  const vendor = acmeAnswers(isLost ? ids.map(() => undefined) : ids, Object.fromEntries(ids.map((id) => [id, DONE])));
  const all = acmeReceiver((seen) => (seen.method === "GET" && times.push(clock.elapsed()), vendor(seen)), {
    ...options,
    clock,
  });
  for (const id of ids) await all.pay(id);
  const urls = all.urls();
  const sendAll = () =>
    Promise.all(urls.map(async (url, index) => (await all.receiver.fetch(callbackTo(url, `t${index}`))).status));
  const first = await sendAll();
  await until(async () => (await sendAll()).every((status) => status === 200));
  expect(times).toHaveLength(60);
  expect(all.handled).toHaveLength(60);
  return { first, times };
}

const fastest = (times: readonly number[], apart: number): number =>
  Math.min(...times.slice(apart).map((at, index) => at - (times[index] ?? 0)));

test("callbacks of many submits that were lost: five questions a second, and all are handled", async () => {
  const { first, times } = await handleSixty(true);
  expect(first).toContain(503); // sent away, but in line
  expect(fastest(times, 5)).toBeGreaterThanOrEqual(1_000);
});

test("callbacks of many tasks of the journal: half of the requests a minute, and all are handled", async () => {
  const { first, times } = await handleSixty(false, { limits: { requestsPerMinute: 50 } });
  expect(first).toContain(503);
  expect(fastest(times, 25)).toBeGreaterThanOrEqual(60_000);
});

test("callbacks of many tasks of the journal, of a vendor without a limit: all are handled at once", async () => {
  const { first } = await handleSixty(false);
  expect(new Set(first)).toEqual(new Set([200]));
});

test("an invented id every 2 s under a lost submit does not keep its true callback away", async () => {
  const clock = jumpClock({ stalled: true });
  const all = acmeReceiver(acmeAnswers([undefined], { t1: DONE }), { clock });
  await all.pay();
  const [url] = all.urls();
  expect((await all.receiver.fetch(callbackTo(url, "invented"))).status).toBe(503);
  expect((await all.receiver.fetch(callbackTo(url, "t1"))).status).toBe(200);
  expect(all.handled).toMatchObject([{ key: "k", task: { id: "t1" } }]);
});

test("an invented id that the vendor is slow to deny does not keep the true callback away meanwhile", async () => {
  let deny = () => {};
  const answers = acmeAnswers([undefined], { t1: DONE });
  const all = acmeReceiver(async (seen) => {
    if (seen.url.endsWith("/invented")) await new Promise<void>((resolve) => (deny = resolve));
    return answers(seen);
  });
  await all.pay();
  const [url] = all.urls();
  const slow = all.receiver.fetch(callbackTo(url, "invented"));
  await until(() => all.gets() === 1);
  expect((await all.receiver.fetch(callbackTo(url, "t1"))).status).toBe(200);
  deny();
  expect((await slow).status).toBe(503);
});

test("the id of a foreign task under another token does not keep that task's own callback away", async () => {
  const clock = jumpClock({ stalled: true });
  const all = acmeReceiver(acmeAnswers(["t1", "t2"], { t1: DONE, t2: DONE }), { clock });
  await all.pay("a");
  await all.pay("b");
  const [a, b] = all.urls();
  await all.receiver.fetch(callbackTo(a, "t2"));
  expect((await all.receiver.fetch(callbackTo(b, "t2"))).status).toBe(200);
  expect(all.handled).toMatchObject([{ key: "b" }]);
});

test("without a client that has a callback there is no receiver, and so no open door", () => {
  expect(() => acmeReceiver(acmeAnswers([], {}), { callback: undefined })).toThrow(/clients: .*`callback`/);
});
