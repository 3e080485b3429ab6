// The SDK's header and vidtask's key: who names a video, and what one name can mean.
import { formatRef, type TaskRef, type VidtaskEvent } from "@vidtask/apixo";
import { experimental_generateVideo as generateVideo, experimental_startVideo as startVideo } from "ai";
import { describe, expect, test } from "vitest";
import { vidtaskErrorOf } from "./index.ts";
import { plainCall, setUp } from "./test/set-up.ts";

const keyed = (key: string) => ({ "idempotency-key": key });

test("a caller's key is the task's, in any case of the header: the second call costs nothing", async () => {
  const { emulator, client, model, poll, charges } = setUp();
  const prompt = "a waterfall";
  await emulator.clock.until(generateVideo({ model, prompt, poll, headers: { "Idempotency-Key": "row-17" } }));
  const again = await emulator.clock.until(generateVideo({ model, prompt, poll, headers: keyed("row-17") }));
  expect(again.videos).toHaveLength(1);
  expect(charges()).toBe(1);
  expect(await client.submit({ model: "kling-2-6", prompt }, { idempotencyKey: "row-17" })).toMatchObject({
    state: "succeeded",
  });
});

test("the SDK's own key, one for each call, is taken where the caller has none", async () => {
  const { emulator, model, prompt } = setUp();
  const started = await emulator.clock.until(startVideo({ model, prompt }));
  expect(started.providerMetadata?.["vidtask"]).toMatchObject({ idempotencyKey: expect.stringMatching(/^aisdk_vid_/) });
});

test.each(["x".repeat(65), "x".repeat(5_000)])("a key that is too long is hashed, the same each time", async (key) => {
  const { emulator, model, prompt, charges } = setUp();
  const first = await emulator.clock.until(startVideo({ model, prompt, headers: keyed(key) }));
  const second = await emulator.clock.until(startVideo({ model, prompt, headers: keyed(key) }));
  expect(first.providerMetadata?.["vidtask"]).toMatchObject({
    idempotencyKey: expect.stringMatching(/^sha256-[\w-]{43}$/),
  });
  expect(second.operation).toEqual(first.operation);
  const other = await emulator.clock.until(startVideo({ model, prompt, headers: keyed(`${key}y`) }));
  expect(other.operation).not.toEqual(first.operation);
  expect(charges()).toBe(2);
});

// The SDK itself lets no such header pass, but it is not the only one that may call a model.
test.each(["", "a\u0000b", "a\ud800", "a\ud800".repeat(40)])("a key that no journal takes is refused", async (key) => {
  const { model, posts } = setUp();
  const starting = model.doStart({ ...plainCall, headers: keyed(key) });
  await expect(starting).rejects.toMatchObject({ code: "invalid_request", issues: [{ path: "idempotencyKey" }] });
  expect(posts()).toBe(0);
});

test("a long key in any script is one of its own", async () => {
  const { model, charges } = setUp();
  const start = async (key: string) => model.doStart({ ...plainCall, headers: keyed(key) });
  const long = "ключ".repeat(30);
  expect((await start(long)).operation).toEqual((await start(long)).operation);
  await start(`${long}и`);
  expect(charges()).toBe(2);
});

test.each([
  "x-idempotency-key",
  "Idempotency_Key",
  "idempotencykey",
  "idempotency",
  "idempotency-kye",
  "X-Idempotent-Key",
])("%s, which was meant for the key, is refused: each call would be paid for", async (name) => {
  const { emulator, model, prompt, posts } = setUp();
  const making = emulator.clock.until(startVideo({ model, prompt, headers: { [name]: "row-17" } }));
  const path = `headers.${name.toLowerCase()}`;
  await expect(making).rejects.toMatchObject({
    issues: [{ path, message: expect.stringContaining("`idempotency-key`") }],
  });
  expect(posts()).toBe(0);
});

test("the same key for another request is refused", async () => {
  const { emulator, model, charges } = setUp();
  await emulator.clock.until(startVideo({ model, prompt: "a waterfall", headers: keyed("k") }));
  const other = emulator.clock.until(startVideo({ model, prompt: "a desert", headers: keyed("k") }));
  await expect(other).rejects.toMatchObject({ code: "invalid_request", issues: [{ path: "idempotencyKey" }] });
  expect(charges()).toBe(1);
});

describe("n: 2 under one key of the caller's", () => {
  const refused = { code: "invalid_request", billed: "no", issues: [{ path: "n" }] };

  test("is refused before anything is sent: it would be the same video twice", async () => {
    const { emulator, model, prompt, poll, posts } = setUp();
    const making = emulator.clock.until(generateVideo({ model, prompt, n: 2, poll, headers: keyed("k") }));
    await expect(making).rejects.toMatchObject(refused);
    expect(posts()).toBe(0);
  });

  test("is refused with a webhook too, however long its factory takes", async () => {
    const { emulator, model, prompt, poll, posts } = setUp();
    let made = 0;
    const webhook = async () => {
      const url = `https://app.test/hooks/${made++}`;
      if (made === 2) await new Promise((resolve) => setTimeout(resolve, 5));
      return { url, received: new Promise<never>(() => {}) };
    };
    const making = emulator.clock.until(generateVideo({ model, prompt, n: 2, poll, webhook, headers: keyed("k") }));
    await expect(making).rejects.toMatchObject(refused);
    expect(posts()).toBe(0);
  });

  test("is refused where the SDK is told to ask for both at once", async () => {
    const { emulator, model, prompt, posts } = setUp();
    const starting = emulator.clock.until(startVideo({ model, prompt, n: 2, maxVideosPerCall: 2 }));
    await expect(starting).rejects.toMatchObject(refused);
    expect(posts()).toBe(0);
  });

  test("two calls at the same time under one key are no such thing: one task, for both", async () => {
    const { emulator, model, prompt, poll, charges } = setUp();
    const call = async () => generateVideo({ model, prompt, poll, headers: keyed("k") });
    const both = await emulator.clock.until(Promise.all([call(), call()]));
    expect(both.map(({ videos }) => videos.length)).toEqual([1, 1]);
    expect(charges()).toBe(1);
  });

  test("two calls at the same time under two keys share nothing", async () => {
    const { emulator, model, prompt, poll, charges } = setUp();
    const call = async (key: string) => generateVideo({ model, prompt, poll, headers: keyed(key) });
    await emulator.clock.until(Promise.all([call("a"), call("b")]));
    expect(charges()).toBe(2);
  });
});

describe("an abort leaves the task to go on with", () => {
  test("between two polls: the same key finds it", async () => {
    const { emulator, model, prompt, poll, charges } = setUp();
    const controller = new AbortController();
    const options = { model, prompt, poll, headers: keyed("k") };
    const stopped = generateVideo({ ...options, abortSignal: controller.signal });
    stopped.catch(() => {});
    await emulator.clock.advance(12_000);
    controller.abort();
    await expect(emulator.clock.until(stopped)).rejects.toMatchObject({ name: "AbortError" });
    const made = await emulator.clock.until(generateVideo(options));
    expect(made.videos).toHaveLength(1);
    expect(charges()).toBe(1);
  });

  test("between two polls without a key: `accepted` has told the ref, and `resume` finds the task", async () => {
    const told: TaskRef[] = [];
    const onEvent = (event: VidtaskEvent) => void (event.type === "accepted" && told.push(event.ref));
    const { emulator, client, model, prompt, poll, charges } = setUp("apixo", { onEvent });
    const controller = new AbortController();
    const stopped = generateVideo({ model, prompt, poll, abortSignal: controller.signal });
    stopped.catch(() => {});
    await emulator.clock.advance(12_000);
    controller.abort();
    const error: unknown = await emulator.clock.until(stopped).catch((thrown: unknown) => thrown);
    expect(vidtaskErrorOf(error)).toBeUndefined(); // it is the SDK's own
    const found: unknown[] = [];
    const looking = (async () => {
      for await (const row of client.resume()) if ("task" in row) found.push(formatRef(row.task));
    })();
    await emulator.clock.until(looking);
    expect(found).toEqual(told.map(formatRef));
    expect([found.length, charges()]).toEqual([1, 1]);
  });

  test("while a poll is open: the error has the ref, and nothing is retried", async () => {
    const { emulator, client, model, prompt, poll } = setUp();
    const controller = new AbortController();
    emulator.injectFault({ on: "poll", kind: "no-answer" });
    const stopped = generateVideo({ model, prompt, poll, abortSignal: controller.signal });
    const error = stopped.catch((thrown: unknown) => thrown);
    while (!emulator.requests.some(({ fault }) => fault === "no-answer")) await emulator.clock.advance(1_000);
    controller.abort();
    const found = vidtaskErrorOf(await error);
    expect(found).toMatchObject({ name: "AbortError", ref: { vendor: "apixo" } });
    expect(await emulator.clock.until(client.wait(found!.ref!))).toMatchObject({ state: "succeeded" });
  });

  test("before the start: nothing is sent", async () => {
    const { emulator, model, prompt, posts } = setUp();
    const starting = startVideo({ model, prompt, abortSignal: AbortSignal.abort() });
    await expect(emulator.clock.until(starting)).rejects.toMatchObject({ name: "AbortError", billed: "no" });
    expect(posts()).toBe(0);
  });
});
