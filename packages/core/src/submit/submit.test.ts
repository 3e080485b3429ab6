// What a caller of `submit` sees: checks before anything is sent, the key, aborts, drain.
import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import type { ClientOptions } from "../context/options.ts";
import type { JournalEntry } from "../journal/journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import type { VidtaskEvent } from "../task/events.ts";
import { accepted, acmeClient, createAcme, done, request, running } from "../test/acme.ts";
import { atOnce, until } from "../test/turns.ts";
import { jumpClock } from "../testing/jump-clock.ts";
import { answer, refusedConnection, type Step } from "../testing/stub-fetch.ts";
import { errorOf, KEY } from "../testing/vendor-suite.ts";

/** A step that answers when it is told to, as a vendor does that takes its time. */
function held(step: Step): { step: Step; arrived: Promise<void>; answer: () => void } {
  let [arrive, release] = [() => {}, () => {}];
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const released = new Promise<void>((resolve) => (release = resolve));
  return {
    arrived,
    answer: () => release(),
    step: async (seen) => {
      arrive();
      await released;
      return step(seen);
    },
  };
}
const durable = () => ({ ...memoryJournal(), durable: true as const });
const listenersOf = (signal: AbortSignal) => getEventListeners(signal, "abort").length;

test("a key has 1 to 64 characters", async () => {
  const { client, posts } = acmeClient([accepted]);
  for (const key of ["", "x".repeat(65), 7 as never, null as never])
    expect(await errorOf(client.submit(request, { idempotencyKey: key }))).toMatchObject({
      billed: "no",
      issues: [{ path: "idempotencyKey" }],
    });
  expect(posts()).toBe(0);
  await client.submit(request, { idempotencyKey: "x".repeat(64) });
  expect(posts()).toBe(1);
});

test("without a key every submit is a new one", async () => {
  const { client, posts } = acmeClient([accepted, answer(200, { id: "t2" })]);
  expect((await client.submit(request)).id).not.toBe((await client.submit(request)).id);
  expect(posts()).toBe(2);
});

test("a callback URL is https, or http on loopback when the base URL is on loopback too", async () => {
  const tries = async (callbackUrl: string, baseUrl: string) => {
    const { client, posts } = acmeClient([accepted], { baseUrl });
    const error: unknown = await client.submit(request, { callbackUrl }).catch((thrown: unknown) => thrown);
    return { error, posts: posts() };
  };
  for (const [callbackUrl, baseUrl, isGood] of [
    ["https://me.test/cb", "https://api.acme.test", true],
    ["http://127.0.0.1:9/cb", "http://localhost:8", true],
    ["http://[::1]:9/cb", "http://127.0.0.1:8", true],
    ["http://127.0.0.1:9/cb", "https://api.acme.test", false],
    ["http://me.test/cb", "http://127.0.0.1:8", false],
    ["ftp://me.test/cb", "http://127.0.0.1:8", false],
    ["nonsense", "https://api.acme.test", false],
  ] as const) {
    const { error, posts } = await tries(callbackUrl, baseUrl);
    expect(posts, `${callbackUrl}`).toBe(isGood ? 1 : 0);
    if (!isGood) expect(error).toMatchObject({ issues: [{ path: "callbackUrl" }] });
  }
  const { error } = await tries("http://me.test/cb?token=SECRET", "https://api.acme.test");
  expect((error as Error).message).not.toContain("SECRET");
});

test("a callback URL is sent verbatim", async () => {
  const { client, seen } = acmeClient([accepted]);
  await client.submit(request, { callbackUrl: "https://me.test/cb?a=%20b" });
  expect(JSON.parse(seen[0]?.body ?? "")).toMatchObject({ webhook: "https://me.test/cb?a=%20b" });
});

test("a base URL or a key that cannot be used is an error with its path, before anything is sent", async () => {
  const rows: [ClientOptions, string][] = [
    [{ baseUrl: "nonsense" }, "baseUrl"],
    [{ baseUrl: "ftp://a.test" }, "baseUrl"],
    [{ baseUrl: "https://user:pw@a.test" }, "baseUrl"],
    [{ baseUrl: "https://a.test/?q=1" }, "baseUrl"],
    [{ baseUrl: "http://127.0.0.1:6000" }, "baseUrl"],
    [{ apiKey: undefined }, "apiKey"],
    [{ apiKey: "two words" }, "apiKey"],
    [{ apiKey: "schlüssel" }, "apiKey"],
    [{ apiKey: "line\n" }, "apiKey"],
  ];
  for (const [options, path] of rows) {
    const { client, seen } = acmeClient([accepted], options);
    const error = (await errorOf(client.submit(request))) as Error;
    expect(error).toMatchObject({ code: "invalid_request", billed: "no", issues: [{ path }] });
    expect(error.message).not.toMatch(/pw|two words|schlüssel|line/);
    expect(seen).toEqual([]);
  }
});

test("a medium that cannot be read is an issue, not a bare error", async () => {
  const image = new Blob(["x"]);
  image.arrayBuffer = () => Promise.reject(new DOMException("gone", "NotReadableError"));
  const { client, seen } = acmeClient([accepted], { upload: async () => "https://a.test/x" });
  expect(await errorOf(client.submit({ ...request, image }))).toMatchObject({ code: "invalid_request", billed: "no" });
  expect(seen).toEqual([]);
});

test("a key on a journal that does not outlive the process warns once per client, and not without a key", async () => {
  const warnings = (events: VidtaskEvent[]) => events.filter((event) => event.type === "warning");
  const { client, events } = acmeClient([accepted, answer(200, { id: "t2" }), answer(200, { id: "t3" })]);
  await client.submit(request);
  expect(warnings(events)).toEqual([]);
  await client.submit(request, { idempotencyKey: "a" });
  await client.submit(request, { idempotencyKey: "b" });
  expect(warnings(events)).toEqual([
    { type: "warning", idempotencyKey: "a", warning: expect.objectContaining({ kind: "not-durable" }) },
  ]);
  const kept = acmeClient([accepted], { journal: durable() });
  await kept.client.submit(request, { idempotencyKey: "a" });
  expect(warnings(kept.events)).toEqual([]);
});

test("a row says whether its key was drawn, which lets a journal forget it when it has ended", async () => {
  const journal = memoryJournal();
  const ids = ["t3", "t2", "t1"];
  const step: Step = (seen) => (seen.method === "POST" ? Response.json({ id: ids.pop() }) : done(seen));
  const { client } = acmeClient([step], { journal });
  await client.submit(request, { idempotencyKey: "mine" });
  await client.submit(request);
  await client.generate(request);
  const rows: JournalEntry[] = [];
  for await (const row of journal.list()) rows.push(row);
  expect(rows.map(({ key, generatedKey }) => [key === "mine", generatedKey])).toEqual([
    [true, undefined],
    [false, true],
    [false, true],
  ]);
});

test("an abort after the POST left settles at once; the POST is not cancelled, and its task is in the journal", async () => {
  const journal = memoryJournal();
  const post = held(accepted);
  const { client, posts } = acmeClient([post.step], { journal });
  const controller = new AbortController();
  const submitting = errorOf(client.submit(request, { idempotencyKey: "k", signal: controller.signal }));
  await post.arrived;
  controller.abort();
  const aborted = { name: "AbortError", billed: "unknown", idempotencyKey: "k", retryable: false };
  expect(await atOnce(submitting)).toMatchObject(aborted);
  expect(await journal.get("k")).toMatchObject({ state: "sending" });
  post.answer();
  await client.drain();
  expect(await journal.get("k")).toMatchObject({ state: "accepted", ref: { id: "t1" } });
  expect(posts()).toBe(1);
  expect(listenersOf(controller.signal)).toBe(0);
});

test("after an abort the same call may be repeated only with a key under a durable journal", async () => {
  for (const [journal, key, retryable] of [
    [durable(), "k", true],
    [durable(), undefined, false],
    [memoryJournal(), "k", false],
  ] as const) {
    const post = held(accepted);
    const { client } = acmeClient([post.step], { journal });
    const controller = new AbortController();
    const submitting = errorOf(client.submit(request, { idempotencyKey: key, signal: controller.signal }));
    await post.arrived;
    controller.abort();
    expect(await submitting).toMatchObject({ code: "aborted", retryable });
    post.answer();
    await client.drain();
  }
});

test("an abort before the POST sends nothing, bills nothing and frees the key", async () => {
  const journal = memoryJournal();
  const { client, posts } = acmeClient([accepted], { journal });
  expect(await errorOf(client.submit(request, { idempotencyKey: "a", signal: AbortSignal.abort() }))).toMatchObject({
    code: "aborted",
    billed: "no",
    retryable: true,
  });
  expect(await journal.get("a")).toBeUndefined();

  const controller = new AbortController();
  const slow = {
    ...journal,
    update: async (...args: Parameters<typeof journal.update>) => (controller.abort(), journal.update(...args)),
  };
  const late = acmeClient([accepted], { journal: slow });
  expect(await errorOf(late.client.submit(request, { idempotencyKey: "b", signal: controller.signal }))).toMatchObject({
    billed: "no",
  });
  await late.client.drain();
  expect(await journal.get("b")).toMatchObject({ state: "refused" });
  expect(posts()).toBe(0);
  expect(late.posts()).toBe(0);
});

test("an abort in a back-off sends nothing more and frees the key", async () => {
  const journal = memoryJournal();
  const controller = new AbortController();
  const { client, posts } = acmeClient([refusedConnection], {
    journal,
    clock: jumpClock({ stalled: true }),
    onEvent: ({ type }) => void (type === "retry" && setImmediate(() => controller.abort())),
  });
  expect(await errorOf(client.submit(request, { idempotencyKey: "k", signal: controller.signal }))).toMatchObject({
    code: "aborted",
    billed: "no",
  });
  await client.drain();
  expect(await journal.get("k")).toMatchObject({ state: "refused" });
  expect(posts()).toBe(1);
  expect(listenersOf(controller.signal)).toBe(0);
});

test("an abort while the key's earlier task is asked for does not say that nothing was billed", async () => {
  const get = held(running);
  const { client } = acmeClient([accepted, get.step]);
  await client.submit(request, { idempotencyKey: "k" });
  const controller = new AbortController();
  const again = errorOf(client.submit(request, { idempotencyKey: "k", signal: controller.signal }));
  await get.arrived;
  controller.abort();
  expect(await again).toMatchObject({ code: "aborted", billed: "unknown" });
});

test("a signal that serves many submits keeps no listener of any", async () => {
  const { signal } = new AbortController();
  const { client } = acmeClient([answer(400, {})]);
  for (let round = 0; round < 20; round++) await errorOf(client.submit(request, { signal }));
  await new Promise(setImmediate);
  expect(listenersOf(signal)).toBe(0);
});

test("drain waits for what has left, and for its row", async () => {
  const journal = memoryJournal();
  const post = held(accepted);
  const { client } = acmeClient([post.step], { journal });
  const submitting = client.submit(request, { idempotencyKey: "k" });
  await post.arrived;
  let isDrained = false;
  const draining = client.drain().then(() => (isDrained = true));
  await new Promise(setImmediate);
  expect(isDrained).toBe(false);
  post.answer();
  await draining;
  expect((await journal.get("k"))?.state).toBe("accepted");
  expect((await submitting).id).toBe("t1");
});

test("drain stops what has not left: it rejects, bills nothing, and no POST starts any more", async () => {
  const { client, posts } = acmeClient([refusedConnection], { clock: jumpClock({ stalled: true }) });
  const submitting = errorOf(client.submit(request));
  await until(() => posts() === 1);
  await client.drain();
  expect(await submitting).toMatchObject({ code: "aborted", billed: "no", retryable: true });
  expect(await errorOf(client.submit(request))).toMatchObject({ code: "aborted", billed: "no" });
  expect(posts()).toBe(1);
});

test("drain gives up after its time-out with an error, and can be called again", async () => {
  const post = held(accepted);
  const { client } = acmeClient([post.step]);
  const submitting = client.submit(request);
  await post.arrived;
  expect(await errorOf(client.drain({ timeout: 5 }))).toMatchObject({
    code: "aborted",
    message: expect.stringContaining("1 paid request"),
  });
  expect(await errorOf(client.drain({ timeout: Number.NaN }))).toMatchObject({ code: "aborted" });
  post.answer();
  await client.drain({ timeout: Number.POSITIVE_INFINITY });
  expect((await submitting).id).toBe("t1");
});

test("a drained client still reads, and `await using` drains", async () => {
  const post = held(accepted);
  const { client } = acmeClient([post.step, running]);
  const submitting = client.submit(request);
  await post.arrived;
  setImmediate(post.answer);
  {
    await using _ = client;
  }
  expect((await client.get(await submitting)).state).toBe("processing");
});

test("an upload that ignores its signal holds neither the caller nor drain nor the key", async () => {
  const journal = memoryJournal();
  const { client, posts } = acmeClient([accepted], { journal, upload: () => new Promise(() => {}) });
  const controller = new AbortController();
  const submitting = errorOf(
    client.submit({ ...request, image: new Blob(["x"]) }, { idempotencyKey: "k", signal: controller.signal }),
  );
  await until(async () => (await journal.get("k")) !== undefined);
  controller.abort();
  expect(await submitting).toMatchObject({ code: "aborted", billed: "no" });
  await client.drain();
  expect(posts()).toBe(0);
  expect((await journal.get("k"))?.state).toBe("refused");
});

test("files are uploaded once each, and their URLs are what is sent", async () => {
  const files: [string, string][] = [];
  const upload = async (file: Blob) => {
    files.push([file.type, await file.text()]);
    return new URL(`https://files.test/${files.length}`);
  };
  const { client, seen } = acmeClient([accepted], { upload });
  await client.submit({
    ...request,
    image: new Blob(["one"], { type: "image/png" }),
    endImage: "data:image/gif;base64,dHdv",
  });
  expect(files.toSorted()).toEqual([
    ["image/gif", "two"],
    ["image/png", "one"],
  ]);
  const { input } = JSON.parse(seen[0]?.body ?? "") as { input: Record<string, string> };
  expect(Object.values(input).toSorted()).toEqual(["https://files.test/1", "https://files.test/2"]);
});

test("an upload that fails ends the submit before the POST, without a secret, and frees the key", async () => {
  const journal = memoryJournal();
  for (const upload of [
    () => Promise.reject(new Error(`no room ${KEY}`)),
    async () => "ftp://files.test/x",
    async () => undefined as never,
    () => {
      throw new Error("now");
    },
  ]) {
    const { client, posts } = acmeClient([accepted], { upload, journal });
    const error = (await errorOf(
      client.submit({ ...request, image: new Blob(["x"]) }, { idempotencyKey: "k" }),
    )) as Error;
    expect(error).toMatchObject({ code: "connection", billed: "no", retryable: true });
    expect(error.message).not.toContain(KEY);
    expect(posts()).toBe(0);
    expect((await journal.get("k"))?.state).toBe("refused");
  }
});

test("a request that is changed after the call is sent as it was", async () => {
  const asked = { ...request, extraBody: { seed: 1 } };
  const { client, seen } = acmeClient([accepted]);
  const submitting = client.submit(asked);
  asked.extraBody.seed = 2;
  asked.prompt = "changed";
  await submitting;
  expect(JSON.parse(seen[0]?.body ?? "")).toMatchObject({ prompt: "a waterfall", seed: 1 });
});

test("a client can be made where there is no randomness yet, as on Workers", () => {
  const { randomUUID } = crypto;
  crypto.randomUUID = () => {
    throw new Error("Disallowed operation called within global scope");
  };
  try {
    expect(createAcme().vendor).toBe("acme");
  } finally {
    crypto.randomUUID = randomUUID;
  }
});

test("an environment that may not be read counts as empty, as on Deno", async () => {
  const { env } = process;
  Object.defineProperty(process, "env", {
    configurable: true,
    get: () => {
      throw new Error("NotCapable");
    },
  });
  try {
    const error = await errorOf(createAcme().submit(request));
    expect(error).toMatchObject({ issues: [{ path: "apiKey" }] });
  } finally {
    Object.defineProperty(process, "env", { configurable: true, value: env, writable: true });
  }
});
