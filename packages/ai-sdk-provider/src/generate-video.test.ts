// The SDK's own `generateVideo` over the emulator: what is paid, what arrives, what is told.
import { createApixo, type Journal } from "@vidtask/apixo";
import { createEmulator, type FaultOptions } from "@vidtask/emulator";
import { experimental_generateVideo as generateVideo, experimental_startVideo as startVideo, RetryError } from "ai";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createVidtaskProvider, vidtaskErrorOf, VidtaskCallError, type VidtaskMetadata } from "./index.ts";
import { durable, pollBy, setUp, vendors, type VendorName } from "./test/set-up.ts";

const names = Object.keys(vendors) as VendorName[];

test.each(names)("%s: one call, one charge, the whole video", async (vendor) => {
  const { emulator, model, prompt, poll, charges } = setUp(vendor);
  const made = await emulator.clock.until(generateVideo({ model, prompt, duration: 5, poll }));
  expect(charges()).toBe(1);
  expect(made.video.mediaType).toBe("video/mp4");
  expect(made.video.uint8Array.length).toBeGreaterThan(10_000);
  expect(made.warnings.filter(({ type }) => type === "unsupported")).toEqual([]);
});

describe("polls: no passing fault ends a paid task", () => {
  test.each([
    "reset-before-read",
    "reset-after-accept",
    "close-after-accept",
    "cut",
    "cut-no-length",
    "empty",
    "html-200",
    "html-502",
    "302",
    "307",
    "404",
    "idle-408",
    "429",
    "500",
    "502",
    "503",
    "unknown-state",
  ])("%s, twice in a row", async (kind) => {
    const { emulator, model, prompt, poll, charges } = setUp();
    emulator.injectFault({ on: "poll", kind, times: 2 } as FaultOptions);
    const made = await emulator.clock.until(generateVideo({ model, prompt, poll, maxRetries: 0 }));
    expect(emulator.requests.filter(({ fault }) => fault === kind)).toHaveLength(2);
    expect(made.video.uint8Array.length).toBeGreaterThan(10_000);
    expect(charges()).toBe(1);
  });
});

test("a poll that fails for longer than one status may last is pending, and the next one goes on", async () => {
  const { emulator, model, prompt, poll, charges } = setUp();
  emulator.injectFault({ on: "poll", kind: "503", times: 12 });
  const made = await emulator.clock.until(generateVideo({ model, prompt, poll, maxRetries: 0 }));
  expect(made.videos).toHaveLength(1);
  expect(charges()).toBe(1);
});

test("a task that has vanished is an error with its ref, not a wait for ever", async () => {
  const { emulator, model, prompt, poll } = setUp();
  emulator.injectFault({ on: "poll", kind: "404", times: Infinity });
  const making = emulator.clock.until(generateVideo({ model, prompt, poll }));
  const error: unknown = await making.catch((thrown: unknown) => thrown);
  expect(VidtaskCallError.isInstance(error)).toBe(true);
  expect(vidtaskErrorOf(error)).toMatchObject({ code: "not_found", retryable: false, ref: { vendor: "apixo" } });
});

describe("the video is whole", () => {
  test.each(["cut", "reset-before-read", "503", "404"])("a download that meets %s goes on", async (kind) => {
    const { emulator, model, prompt, poll } = setUp();
    const whole = await emulator.clock.until(generateVideo({ model, prompt, poll }));
    emulator.injectFault({ on: "download", kind } as FaultOptions);
    const again = await emulator.clock.until(generateVideo({ model, prompt, poll }));
    expect(emulator.requests.filter(({ fault }) => fault === kind)).toHaveLength(1);
    expect(again.video.uint8Array.length).toBe(whole.video.uint8Array.length);
  });

  test("over a real socket on loopback, where the SDK's own download refuses to go", async () => {
    // Faster time would end the patience of a download in a moment of a busy machine.
    const emulator = createEmulator({ clock: { speed: 500 } });
    const server = await emulator.listen();
    onTestFinished(() => server.close());
    emulator.injectFault({ on: "download", kind: "cut" });
    const { video } = createVidtaskProvider({ client: createApixo({ ...server.for("apixo"), journal: durable() }) });
    const options = { model: video("kling-2-6"), prompt: "a waterfall", poll: pollBy(emulator) };
    const made = await generateVideo(options);
    expect(made.video.uint8Array.length).toBeGreaterThan(10_000);
    const byUrl = generateVideo({ ...options, providerOptions: { vidtask: { results: "url" } } });
    await expect(byUrl).rejects.toMatchObject({ name: "AI_DownloadError" });
  });
});

test("a failed task ends the call with its reason, code and ref, and is not paid for again", async () => {
  const { emulator, model, poll, charges } = setUp();
  const making = emulator.clock.until(generateVideo({ model, prompt: "[fail:CONTENT_VIOLATION] a waterfall", poll }));
  await expect(making).rejects.toThrow(/^apixo:kling-2-6:task_\w+ failed: .+ \(content_rejected, billed: unknown\)$/);
  expect(charges()).toBe(1);
});

test("metadata has ref, key, price and the end of the video's life", async () => {
  const { emulator, model, prompt, poll } = setUp("apimodels");
  const made = await emulator.clock.until(
    generateVideo({ model, prompt, poll, headers: { "Idempotency-Key": "row-17" } }),
  );
  const metadata = made.providerMetadata["vidtask"] as unknown as VidtaskMetadata;
  expect(metadata).toMatchObject({
    ref: expect.stringMatching(/^apimodels:kling-v2-6:/),
    idempotencyKey: "row-17",
    price: { usd: 0.0159, source: expect.stringContaining("APIModels") },
    task: { state: "succeeded" },
    videos: [{ ref: metadata.ref, expiresAt: expect.stringMatching(/^2026-01-08T/) }],
  });
});

test("two videos under the SDK's own keys are two tasks, each with its ref", async () => {
  const { emulator, model, prompt, poll, charges } = setUp();
  const made = await emulator.clock.until(generateVideo({ model, prompt, n: 2, poll }));
  const { videos } = made.providerMetadata["vidtask"] as unknown as VidtaskMetadata;
  expect(made.videos).toHaveLength(2);
  expect(new Set(videos?.map(({ ref }) => ref)).size).toBe(2);
  expect(charges()).toBe(2);
});

test("a lost answer is never paid twice: not retried, with key, code and billed", async () => {
  const { emulator, model, prompt, poll, charges, posts } = setUp();
  emulator.injectFault({ on: "submit", kind: "reset-after-accept" });
  const making = emulator.clock.until(generateVideo({ model, prompt, poll }));
  const error = (await making.catch((thrown: unknown) => thrown)) as VidtaskCallError;
  expect(error).toMatchObject({
    name: "AI_APICallError",
    isRetryable: false,
    code: "submit_unknown",
    billed: "unknown",
  });
  expect(error.idempotencyKey).toMatch(/^aisdk_vid_/);
  expect(error.data).toMatchObject({ code: "submit_unknown", docs: "@vidtask/core/ERRORS.md#submit_unknown" });
  expect([posts(), charges()]).toEqual([1, 1]);
});

describe("the SDK retries what may be retried", () => {
  /** Starts a video with a journal that cannot be written at first. */
  async function startAfter(failures: number) {
    vi.useFakeTimers({ toFake: ["setTimeout"] }); // of the SDK's retry
    onTestFinished(() => void vi.useRealTimers());
    const real = durable();
    let tries = 0;
    const begin: Journal["begin"] = async (entry) => {
      if (tries++ < failures) throw new Error("the database is away");
      return real.begin(entry);
    };
    const { model, prompt, charges, posts } = setUp("apixo", { journal: { ...real, begin } });
    let isOver = false;
    const starting = startVideo({ model, prompt }).finally(() => (isOver = true));
    starting.catch(() => {});
    while (!isOver) await vi.advanceTimersByTimeAsync(500);
    return { starting, counts: () => [tries, posts(), charges()] };
  }

  test("under the same key: one charge", async () => {
    const { starting, counts } = await startAfter(1);
    expect((await starting).providerMetadata).toHaveProperty("vidtask.ref");
    expect(counts()).toEqual([2, 1, 1]);
  });

  test("and vidtask's error is in what it throws when it gives up", async () => {
    const { starting, counts } = await startAfter(3);
    const error: unknown = await starting.catch((thrown: unknown) => thrown);
    expect(RetryError.isInstance(error)).toBe(true);
    expect(vidtaskErrorOf(error)).toMatchObject({ code: "journal", retryable: true, billed: "no" });
    expect(counts()).toEqual([3, 0, 0]);
  });
});

test("an error holds no key of the account and no prompt", async () => {
  const { emulator, model, poll } = setUp();
  emulator.injectFault({ on: "submit", kind: "reset-after-accept" });
  const making = emulator.clock.until(generateVideo({ model, prompt: "a private waterfall", poll }));
  const error = (await making.catch((thrown: unknown) => thrown)) as VidtaskCallError;
  const text = JSON.stringify([error, error.data, error.message, error.url, error.requestBodyValues]);
  expect(text).not.toContain("private waterfall");
  expect(text).not.toContain(emulator.for("apixo").apiKey);
});
