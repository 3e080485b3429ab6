// What a caller of `submit` sees: checks before anything is sent, the key, aborts, drain.
import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import type { ClientOptions } from "../context/options.ts";
import type { JournalEntry } from "../journal/journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import type { VidtaskEvent } from "../task/events.ts";
import { accepted, acmeClient, createAcme, done, request, running } from "../test/acme.ts";
import { aroundSending, WAYS } from "../test/around-sending.ts";
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

test.each([
  { what: "empty", key: "" },
  { what: "of 65 characters", key: "x".repeat(65) },
])("a key that is $what is refused", async ({ key }) => {
  const { client, posts } = acmeClient([accepted]);
  expect(await errorOf(client.submit(request, { idempotencyKey: key }))).toMatchObject({
    billed: "no",
    issues: [{ path: "idempotencyKey" }],
  });
  expect(posts()).toBe(0);
});

test("a key may have 64 characters", async () => {
  const { client, posts } = acmeClient([accepted]);
  await client.submit(request, { idempotencyKey: "x".repeat(64) });
  expect(posts()).toBe(1);
});

test("without a key every submit is a new one", async () => {
  const { client, posts } = acmeClient([accepted, answer(200, { id: "t2" })]);
  expect((await client.submit(request)).id).not.toBe((await client.submit(request)).id);
  expect(posts()).toBe(2);
});

test.each([
  { callbackUrl: "https://me.test/cb", baseUrl: "https://api.acme.test" },
  { callbackUrl: "http://127.0.0.1:9/cb", baseUrl: "http://localhost:8" },
  { callbackUrl: "http://[::1]:9/cb", baseUrl: "http://127.0.0.1:8" },
])("the callback URL $callbackUrl is taken for the base URL $baseUrl", async ({ callbackUrl, baseUrl }) => {
  const { client, posts } = acmeClient([accepted], { baseUrl });
  await client.submit(request, { callbackUrl });
  expect(posts()).toBe(1);
});

test.each([
  { callbackUrl: "http://127.0.0.1:9/cb", baseUrl: "https://api.acme.test" },
  { callbackUrl: "http://me.test/cb", baseUrl: "http://127.0.0.1:8" },
  { callbackUrl: "ftp://me.test/cb", baseUrl: "http://127.0.0.1:8" },
  { callbackUrl: "nonsense", baseUrl: "https://api.acme.test" },
])("the callback URL $callbackUrl is refused for the base URL $baseUrl", async ({ callbackUrl, baseUrl }) => {
  const { client, posts } = acmeClient([accepted], { baseUrl });
  expect(await errorOf(client.submit(request, { callbackUrl }))).toMatchObject({ issues: [{ path: "callbackUrl" }] });
  expect(posts()).toBe(0);
});

test("a refused callback URL is told without its query", async () => {
  const { client } = acmeClient([accepted]);
  const error = await errorOf(client.submit(request, { callbackUrl: "http://me.test/cb?token=SECRET" }));
  expect(error).toMatchObject({ issues: [{ path: "callbackUrl" }] });
  expect((error as Error).message).not.toContain("SECRET");
});

test("a callback URL is sent verbatim", async () => {
  const { client, seen } = acmeClient([accepted]);
  await client.submit(request, { callbackUrl: "https://me.test/cb?a=%20b" });
  expect(JSON.parse(seen[0]?.body ?? "")).toMatchObject({ webhook: "https://me.test/cb?a=%20b" });
});

test.each([undefined, "two words", "schlüssel", "line\n"])(
  "the API key %j is an error at the first call, before anything is sent, that does not show it",
  async (apiKey) => {
    const { client, seen } = acmeClient([accepted], { apiKey });
    const error = (await errorOf(client.submit(request))) as Error;
    expect(error).toMatchObject({ code: "invalid_request", billed: "no", issues: [{ path: "apiKey" }] });
    expect(error.message).not.toMatch(/two words|schlüssel|line\n/);
    expect(seen).toEqual([]);
  },
);

test("a medium that cannot be read is an issue, not a bare error", async () => {
  const image = new Blob(["x"]);
  image.arrayBuffer = () => Promise.reject(new DOMException("gone", "NotReadableError"));
  const { client, seen } = acmeClient([accepted], { upload: async () => "https://a.test/x" });
  expect(await errorOf(client.submit({ ...request, image }))).toMatchObject({ code: "invalid_request", billed: "no" });
  expect(seen).toEqual([]);
});

const warnings = (events: VidtaskEvent[]) => events.filter((event) => event.type === "warning");

test("a key on a journal that does not outlive the process warns once per client", async () => {
  const { client, events } = acmeClient([accepted, answer(200, { id: "t2" })]);
  await client.submit(request, { idempotencyKey: "a" });
  await client.submit(request, { idempotencyKey: "b" });
  expect(warnings(events)).toEqual([
    { type: "warning", idempotencyKey: "a", warning: expect.objectContaining({ kind: "not-durable" }) },
  ]);
});

test("without a key, a journal that does not outlive the process does not warn", async () => {
  const { client, events } = acmeClient([accepted]);
  await client.submit(request);
  expect(warnings(events)).toEqual([]);
});

test("a durable journal does not warn", async () => {
  const { client, events } = acmeClient([accepted], { journal: durable() });
  await client.submit(request, { idempotencyKey: "a" });
  expect(warnings(events)).toEqual([]);
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

test.each([
  { which: "a key under a durable journal", journal: durable(), key: "k", retryable: true },
  { which: "no key", journal: durable(), key: undefined, retryable: false },
  { which: "a key under a journal in memory", journal: memoryJournal(), key: "k", retryable: false },
])("after an abort with $which, retryable is $retryable", async ({ journal, key, retryable }) => {
  const post = held(accepted);
  const { client } = acmeClient([post.step], { journal });
  const controller = new AbortController();
  const submitting = errorOf(client.submit(request, { idempotencyKey: key, signal: controller.signal }));
  await post.arrived;
  controller.abort();
  expect(await submitting).toMatchObject({ code: "aborted", retryable });
  post.answer();
  await client.drain();
});

test("an abort before the call sends nothing, bills nothing and begins no row", async () => {
  const journal = memoryJournal();
  const { client, posts } = acmeClient([accepted], { journal });
  expect(await errorOf(client.submit(request, { idempotencyKey: "k", signal: AbortSignal.abort() }))).toMatchObject({
    code: "aborted",
    billed: "no",
    retryable: true,
  });
  expect(await journal.get("k")).toBeUndefined();
  expect(posts()).toBe(0);
});

test.each(WAYS)(
  "an abort before the POST ($way) sends nothing, bills nothing and frees the key",
  async ({ options }) => {
    const journal = memoryJournal();
    const controller = new AbortController();
    const aborting = aroundSending(journal, async (write) => (controller.abort(), write()));
    const { client, posts } = acmeClient([accepted], { journal: aborting, ...options });
    const submitting = client.submit(request, { idempotencyKey: "k", signal: controller.signal });
    expect(await errorOf(submitting)).toMatchObject({ billed: "no" });
    await client.drain();
    expect((await journal.get("k"))?.state).toBe("refused");
    expect(posts()).toBe(0);
  },
);

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
  const submitting = client.submit(request, { idempotencyKey: "row-17" });
  await post.arrived;
  expect(await errorOf(client.drain({ timeout: 5 }))).toMatchObject({
    code: "aborted",
    message: expect.stringContaining("the submit of key row-17"),
  });
  expect(await errorOf(client.drain({ timeout: 0 }))).toMatchObject({ code: "aborted" });
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

test.each<{ fails: string; upload: NonNullable<ClientOptions["upload"]> }>([
  { fails: "rejects", upload: () => Promise.reject(new Error(`no room ${KEY}`)) },
  {
    fails: "throws",
    upload: () => {
      throw new Error("now");
    },
  },
])("an upload that $fails ends the submit before the POST, without a secret, and frees the key", async ({ upload }) => {
  const journal = memoryJournal();
  const { client, posts } = acmeClient([accepted], { upload, journal });
  const submitting = client.submit({ ...request, image: new Blob(["x"]) }, { idempotencyKey: "k" });
  const error = (await errorOf(submitting)) as Error;
  expect(error).toMatchObject({ code: "connection", billed: "no", retryable: true });
  expect(error.message).not.toContain(KEY);
  expect(posts()).toBe(0);
  expect((await journal.get("k"))?.state).toBe("refused");
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
