// A webhook of the caller's own, a workflow's, and vidtask's receiver.
import { createReceiver } from "@vidtask/apixo";
import { createEmulator } from "@vidtask/emulator";
import {
  experimental_generateVideo as generateVideo,
  experimental_getVideoStatus as getVideoStatus,
  experimental_startVideo as startVideo,
} from "ai";
import { describe, expect, test } from "vitest";
import { receiverWebhook, vidtaskErrorOf } from "./index.ts";
import { pollBy, setUp } from "./test/set-up.ts";

const url = "https://app.test/hooks/1";
const secret = "0123456789abcdef0123456789abcdef";

/** A program with one endpoint, where `received` settles. */
function withEndpoint() {
  let came: (body: string) => void = () => {};
  const received = new Promise<{ headers: Record<string, string>; body: string }>((resolve) => {
    came = (body) => resolve({ headers: {}, body });
  });
  const told: string[] = [];
  const emulator = createEmulator({
    clock: "manual",
    deliverCallback: async (request) => {
      told.push(request.url);
      came(await request.text());
      return new Response(null, { status: 200 });
    },
  });
  return {
    ...setUp("apixo", {}, emulator),
    told,
    came: (body: string) => came(body),
    webhook: async () => ({ url, received }),
  };
}

describe("an address of the caller's own", () => {
  test("is sent to the vendor, and one look after the callback has the video", async () => {
    const { emulator, model, prompt, poll, webhook, told, charges } = withEndpoint();
    const made = await emulator.clock.until(generateVideo({ model, prompt, poll, webhook }));
    expect(told).toEqual([url]);
    expect(made.video.uint8Array.length).toBeGreaterThan(10_000);
    expect(charges()).toBe(1);
  });

  test.each(["forged", "forged-failure", "duplicate"] as const)("a callback that is %s ends nothing", async (kind) => {
    const { emulator, model, prompt, poll, webhook, charges } = withEndpoint();
    emulator.injectFault({ on: "callback", kind });
    const made = await emulator.clock.until(generateVideo({ model, prompt, poll, webhook }));
    expect(made.video.uint8Array.length).toBeGreaterThan(10_000);
    expect(charges()).toBe(1);
  });

  test("faults while the one look waits do not end it", async () => {
    const { emulator, model, prompt, poll, webhook } = withEndpoint();
    emulator.injectFault({ on: "callback", kind: "forged" });
    emulator.injectFault({ on: "poll", kind: "503", times: 3 });
    const made = await emulator.clock.until(generateVideo({ model, prompt, poll, webhook, maxRetries: 0 }));
    expect(made.videos).toHaveLength(1);
  });

  test("a callback that is much too early costs the call, after a minute, and not the task, which the error names", async () => {
    const { emulator, client, model, poll, webhook, came } = withEndpoint();
    // The SDK would try it again by a clock of its own.
    const headers = { "idempotency-key": "k" };
    const options = { model, prompt: "[stuck] a waterfall", poll, webhook, maxRetries: 0, headers };
    const making = emulator.clock.until(generateVideo(options));
    came("{}");
    const error = vidtaskErrorOf(await making.catch((thrown: unknown) => thrown));
    expect(error).toMatchObject({ code: "wait_timeout", retryable: true, ref: { model: "kling-2-6" } });
    expect(emulator.clock.now() - Date.parse("2026-01-01T00:00:00Z")).toBeGreaterThanOrEqual(60_000);
    expect(await client.submit({ model: "kling-2-6", prompt: options.prompt }, { idempotencyKey: "k" })).toMatchObject({
      id: expect.stringMatching(/^task_/),
    });
  });

  test("of startVideo too", async () => {
    const { emulator, model, prompt, told } = withEndpoint();
    const { operation } = await emulator.clock.until(startVideo({ model, prompt, webhookUrl: url }));
    await emulator.clock.advance(600_000);
    expect(told).toEqual([url]);
    const status = await emulator.clock.until(getVideoStatus(model, { operation }));
    expect(status).toMatchObject({ status: "completed", videos: [{ type: "url" }] });
  });
});

describe("vidtask's own receiver", () => {
  function withReceiver(kind?: "lost" | "forged") {
    const ends: string[] = [];
    const emulator = createEmulator({ clock: "manual", deliverCallback: async (request) => receiver.fetch(request) });
    const callback = { url: "https://app.test/cb", secret };
    const given = setUp("apixo", { callback }, emulator);
    const receiver = createReceiver({
      clients: [given.client],
      onTask: (task, { idempotencyKey }) => void ends.push(`${idempotencyKey} ${task.state}`),
    });
    if (kind) emulator.injectFault({ on: "callback", kind });
    return { ...given, ends };
  }

  test("ends the call when the task ends, with fewer questions than by polls", async () => {
    const { emulator, model, prompt, poll, ends, charges } = withReceiver();
    const options = { model, prompt, poll, webhook: receiverWebhook, headers: { "idempotency-key": "row-17" } };
    const made = await emulator.clock.until(generateVideo(options));
    // The call goes on when the end is known; the program is told of it, and the vendor answered, beside that.
    await expect.poll(() => ends).toEqual(["row-17 succeeded"]);
    await expect.poll(() => emulator.callbacks).toMatchObject([{ status: 200 }]);
    expect(made.video.uint8Array.length).toBeGreaterThan(10_000);
    expect(charges()).toBe(1);
  });

  test.each(["lost", "forged"] as const)("a callback that is %s changes nothing but the time", async (kind) => {
    const { emulator, model, prompt, poll } = withReceiver(kind);
    const made = await emulator.clock.until(generateVideo({ model, prompt, poll, webhook: receiverWebhook }));
    expect(made.videos).toHaveLength(1);
  });

  test("a failed task ends the call with its reason", async () => {
    const { emulator, model, poll } = withReceiver();
    const prompt = "[fail:CONTENT_VIOLATION] a waterfall";
    const making = emulator.clock.until(generateVideo({ model, prompt, poll, webhook: receiverWebhook }));
    await expect(making).rejects.toThrow(/content_rejected/);
  });

  test("without a receiver the task's end is found by asking", async () => {
    const { emulator, model, prompt } = setUp();
    const options = { model, prompt, poll: pollBy(emulator), webhook: receiverWebhook };
    expect((await emulator.clock.until(generateVideo(options))).videos).toHaveLength(1);
  });

  test("an abort ends the wait behind it", async () => {
    const { emulator, model, prompt, poll } = withReceiver();
    const controller = new AbortController();
    const options = { model, prompt, poll, webhook: receiverWebhook, abortSignal: controller.signal };
    const making = generateVideo(options);
    making.catch(() => {});
    await emulator.clock.advance(10_000);
    controller.abort();
    await expect(emulator.clock.until(making)).rejects.toMatchObject({ name: "AbortError" });
  });
});
