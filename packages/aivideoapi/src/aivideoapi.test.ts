import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { membersOf } from "@vidtask/core/router";
import { describeVendor } from "@vidtask/core/testing";
import { createEmulator } from "@vidtask/emulator";
import { describe, expect, onTestFinished, test } from "vitest";
import callbackCompleted from "../../../fixtures/aivideoapi/callback.completed.json" with { type: "json" };
import callbackFailed from "../../../fixtures/aivideoapi/callback.failed.json" with { type: "json" };
import insufficientCredits from "../../../fixtures/aivideoapi/error.insufficient-credits.json" with { type: "json" };
import accepted from "../../../fixtures/aivideoapi/submit.accepted.json" with { type: "json" };
import succeeded from "../../../fixtures/aivideoapi/task.completed.json" with { type: "json" };
import failed from "../../../fixtures/aivideoapi/task.failed.json" with { type: "json" };
import pending from "../../../fixtures/aivideoapi/task.pending.json" with { type: "json" };
import processing from "../../../fixtures/aivideoapi/task.processing.json" with { type: "json" };
import { createAIVideoAPI, memoryJournal, settleSubmit, type AIVideoAPIRequest, type VidtaskEvent } from "./index.ts";
import { saveVideo } from "./node.ts";

const MINUTE = 60_000;
const image = "https://example.com/photo.jpg";
const simple: AIVideoAPIRequest = { model: "kling-2.6", prompt: "it moves", image };

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vidtask-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe("conformance", () => {
  describeVendor(createAIVideoAPI, {
    request: { model: "kling-2.6", prompt: "it moves", image, duration: 5, sound: true },
    fixtures: {
      accepted,
      processing: [pending, processing],
      succeeded,
      failed,
      refused: insufficientCredits,
      callback: [callbackCompleted, callbackFailed],
    },
    test,
  });
});

describe("with the emulator", () => {
  test.each<AIVideoAPIRequest>([
    simple,
    { ...simple, prompt: "with sound", sound: true },
    { ...simple, prompt: "ten seconds", duration: 10 },
    { ...simple, prompt: "ten seconds with sound", duration: 10, sound: true },
  ])("$model makes $prompt, is charged once what the plan says and sends documented fields only", async (request) => {
    const emulator = createEmulator({ clock: "manual" });
    const client = createAIVideoAPI(emulator.for("aivideoapi"));
    const usd = client.plan(request).price?.usd;
    const done = await emulator.clock.until(client.generate(request, { maxPrice: usd }));
    expect(emulator.ledger).toEqual([{ vendor: "aivideoapi", taskId: done.id, usd, kind: "charge" }]);
    expect(emulator.requests.flatMap((entry) => entry.undocumented ?? [])).toEqual([]);
    expect(done.videos[0]).not.toHaveProperty("expiresAt");
    expect(Date.parse(done.completedAt ?? "")).toBeGreaterThan(Date.parse(done.createdAt ?? ""));
    expect(Math.abs(Date.parse(done.createdAt ?? "") - Date.parse(done.submittedAt ?? ""))).toBeLessThanOrEqual(1_000);
  });

  test("a submit with a callback URL is taken, and polling finds its end all the same", async () => {
    const emulator = createEmulator({ clock: "manual" });
    const client = createAIVideoAPI(emulator.for("aivideoapi"));
    const callbackUrl = "https://app.test/cb";
    const done = await emulator.clock.until(client.generate(simple, { callbackUrl }));
    expect(done.state).toBe("succeeded");
    expect(emulator.requests[0]?.body).toMatchObject({ callback_url: callbackUrl });
  });

  test("a task is watched through its documented states, and told in events", async () => {
    const emulator = createEmulator({ clock: "manual" });
    const events: VidtaskEvent[] = [];
    const client = createAIVideoAPI({
      ...emulator.for("aivideoapi"),
      onEvent: (event) => void events.push(event),
    });
    const states: string[] = [];
    const watching = (async () => {
      const task = await client.submit(simple, { idempotencyKey: "row-1" });
      for await (const { state } of client.watch(task, { poll: { first: 0, interval: 1_000 } })) states.push(state);
    })();
    await emulator.clock.until(watching);
    expect(states).toEqual(["pending", "processing", "succeeded"]);
    expect(events).toContainEqual(expect.objectContaining({ type: "accepted", idempotencyKey: "row-1" }));
    expect(JSON.stringify(events)).not.toContain(emulator.for("aivideoapi").apiKey);
  });

  test("an account that cannot pay, a wrong key and a lost task say what to do", async () => {
    const emulator = createEmulator({ clock: "manual", credits: 0.05 });
    const options = emulator.for("aivideoapi");
    await expect(createAIVideoAPI(options).submit(simple)).rejects.toMatchObject({
      code: "insufficient_credits",
      billed: "no",
    });
    for (const apiKey of ["sk-wrong", "wrong"])
      await expect(createAIVideoAPI({ ...options, apiKey }).submit(simple)).rejects.toThrow(/sk-.*AIVIDEOAPI_API_KEY/);
    const ref = { vendor: "aivideoapi", model: "kling-2.6", id: "00000000-0000-4000-8000-000000000000" };
    await expect(emulator.clock.until(createAIVideoAPI(options).wait(ref))).rejects.toMatchObject({
      code: "not_found",
      vendorCode: "task_not_found",
      ref,
    });
    expect(emulator.ledger).toEqual([]);
  });

  test("the balance is in credits and dollars, and falls by what the ledger holds", async () => {
    const emulator = createEmulator({ clock: "manual", credits: 10 });
    const client = createAIVideoAPI(emulator.for("aivideoapi"));
    expect(await client.balance?.()).toEqual({ credits: 2_000, usd: 10 });
    await client.submit({ ...simple, sound: true });
    expect(await client.balance?.()).toEqual({ credits: 1_780, usd: 8.9 });
  });

  test("the video of a task is saved whole", async () => {
    const emulator = createEmulator({ clock: "manual" });
    const client = createAIVideoAPI(emulator.for("aivideoapi"));
    const done = await emulator.clock.until(client.generate({ ...simple, sound: true }));
    const saved = await saveVideo(client, done, join(await emptyFolder(), "video.mp4"));
    const file = await readFile(saved.path);
    expect(file.byteLength).toBe(saved.bytes);
    expect(file.subarray(4, 8).toString()).toBe("ftyp");
  });
});

test("core counts on callbacks for as long as the vendor sends them to a receiver that takes all of its time", async () => {
  const deliverCallback = async () => {
    await emulator.clock.sleep(30_000);
    return new Response(null, { status: 500 });
  };
  const emulator = createEmulator({ clock: "manual", deliverCallback });
  const client = createAIVideoAPI(emulator.for("aivideoapi"));
  await client.submit(simple, { callbackUrl: "https://app.test/hook" });
  await emulator.clock.advance(150 * MINUTE);
  const sent = emulator.callbacks.map(({ at }) => at);
  const lastMs = (sent.at(-1) ?? 0) - (sent[0] ?? 0);
  const { callbackWindowMs = 0 } = membersOf(client)[0]?.spec ?? {};
  expect(callbackWindowMs).toBeGreaterThanOrEqual(lastMs);
  expect(callbackWindowMs - lastMs).toBeLessThan(3 * MINUTE);
});

test("the longest task that core counts on is longer than the finished one that the page prints", () => {
  const { maxTaskMs } = membersOf(createAIVideoAPI())[0]?.spec ?? {};
  expect(maxTaskMs).toBeGreaterThan((succeeded.completed_at - succeeded.created_at) * 1000);
});

test("an unknown submit is lost only when such a task and its callbacks are over", async () => {
  const emulator = createEmulator({ clock: "manual" });
  const journal = memoryJournal();
  const client = createAIVideoAPI({ ...emulator.for("aivideoapi"), journal });
  emulator.injectFault({ on: "submit", kind: "reset-after-accept" });
  await expect(client.submit(simple, { idempotencyKey: "row-1" })).rejects.toMatchObject({ code: "submit_unknown" });
  const settle = () => settleSubmit(journal, "row-1", "lost", { client });
  await emulator.clock.advance(133 * MINUTE);
  await expect(settle()).rejects.toMatchObject({ issues: [{ path: "outcome" }] });
  await emulator.clock.advance(2 * MINUTE);
  await settle();
  expect(await journal.get("row-1")).toMatchObject({ state: "lost" });
});

test("without a `baseUrl` the documented address is asked", async () => {
  const asked: string[] = [];
  const fetch = (async (input: Request | URL | string) => {
    asked.push(input instanceof Request ? input.url : String(input));
    return new Response("", { status: 401 });
  }) as typeof globalThis.fetch;
  const ref = { vendor: "aivideoapi", model: "kling-2.6", id: "x" };
  await expect(createAIVideoAPI({ apiKey: "k", fetch }).get(ref)).rejects.toMatchObject({ code: "unauthorized" });
  expect(asked).toEqual([expect.stringContaining("https://api.aivideoapi.ai/v1/")]);
});
