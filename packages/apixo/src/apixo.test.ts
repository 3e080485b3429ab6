import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { membersOf } from "@vidtask/core/router";
import { describeVendor } from "@vidtask/core/testing";
import { createEmulator } from "@vidtask/emulator";
import { describe, expect, onTestFinished, test } from "vitest";
import callbackFailed from "../../../fixtures/apixo/callback.failed.json" with { type: "json" };
import callbackSuccess from "../../../fixtures/apixo/callback.success.json" with { type: "json" };
import insufficientCredits from "../../../fixtures/apixo/error.insufficient-credits.json" with { type: "json" };
import failed from "../../../fixtures/apixo/status.failed.json" with { type: "json" };
import pending from "../../../fixtures/apixo/status.pending.json" with { type: "json" };
import processing from "../../../fixtures/apixo/status.processing.json" with { type: "json" };
import succeeded from "../../../fixtures/apixo/status.success.json" with { type: "json" };
import accepted from "../../../fixtures/apixo/submit.accepted.json" with { type: "json" };
import { createApixo, formatRef, parseRef, type ApixoRequest, type VidtaskEvent } from "./index.ts";
import { saveVideo } from "./node.ts";

const MINUTE = 60_000;
async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vidtask-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe("conformance", () => {
  describeVendor(createApixo, {
    request: { model: "kling-2-6", prompt: "a waterfall", duration: 5, sound: true },
    fixtures: {
      accepted,
      processing: [pending, processing],
      succeeded,
      failed,
      refused: insufficientCredits,
      callback: [callbackSuccess, callbackFailed],
    },
    test,
  });
});

describe("with the emulator", () => {
  const requests: ApixoRequest[] = [
    { model: "kling-2-6", prompt: "a waterfall", aspectRatio: "9:16", sound: true, routing: "value" },
    { model: "kling-2-6", prompt: "it moves", image: "https://example.com/a.png", duration: 10 },
    { model: "kling-2-5-turbo-pro", prompt: "a waterfall", cfgScale: 0.7, negativePrompt: "blur", aspectRatio: "1:1" },
    {
      model: "kling-2-5-turbo-pro",
      prompt: "morph",
      image: "https://example.com/a.png",
      endImage: "https://example.com/b.png",
    },
  ];
  test.each(requests)(
    "$model makes $prompt in the documented time, is charged once and sends documented fields only",
    async (request) => {
      const emulator = createEmulator({ clock: "manual" });
      const apixo = createApixo(emulator.for("apixo"));
      const { expected } = apixo.plan(request);
      const before = emulator.clock.now();
      const done = await emulator.clock.until(apixo.generate(request));
      expect(emulator.clock.now() - before).toBeGreaterThanOrEqual(expected?.minMs ?? Number.NaN);
      expect(emulator.clock.now() - before).toBeLessThanOrEqual((expected?.maxMs ?? 0) + 5_000);
      expect(emulator.ledger).toEqual([{ vendor: "apixo", taskId: done.id, usd: 0.1, kind: "charge" }]);
      expect(emulator.requests.flatMap((entry) => entry.undocumented ?? [])).toEqual([]);
      expect(Date.parse(done.videos[0].expiresAt ?? "")).toBe(Date.parse(done.completedAt ?? "") + 24 * 3_600_000);
    },
  );

  test("a submit in callback mode is taken, and polling finds its end all the same", async () => {
    const emulator = createEmulator({ clock: "manual" });
    const apixo = createApixo(emulator.for("apixo"));
    const callbackUrl = "https://app.test/cb";
    const done = await emulator.clock.until(apixo.generate({ model: "kling-2-6", prompt: "x" }, { callbackUrl }));
    expect(done.state).toBe("succeeded");
    expect(emulator.requests[0]?.body).toMatchObject({ request_type: "callback", callback_url: callbackUrl });
  });

  test("a task is watched through its documented states, and told in events", async () => {
    const emulator = createEmulator({ clock: "manual" });
    const events: VidtaskEvent[] = [];
    const apixo = createApixo({ ...emulator.for("apixo"), onEvent: (event) => void events.push(event) });
    const states: string[] = [];
    const watching = (async () => {
      const task = await apixo.submit({ model: "kling-2-6", prompt: "x" }, { idempotencyKey: "row-1" });
      for await (const { state } of apixo.watch(task, { poll: { first: 0, interval: 1_000 } })) states.push(state);
    })();
    await emulator.clock.until(watching);
    expect(states).toEqual(["pending", "processing", "succeeded"]);
    expect(events).toContainEqual(expect.objectContaining({ type: "accepted", idempotencyKey: "row-1" }));
    expect(JSON.stringify(events)).not.toContain(emulator.for("apixo").apiKey);
  });

  test("a queue that submits the same key again and again sees the task move, polls when told to, and pays once", async () => {
    const emulator = createEmulator({ clock: "manual" });
    const apixo = createApixo(emulator.for("apixo"));
    const run = () => apixo.submit({ model: "kling-2-6", prompt: "x", duration: 10 }, { idempotencyKey: "row-1" });
    let task = await run();
    for (let runs = 1; task.state !== "succeeded"; runs++) {
      if (task.state === "failed" || runs > 40) throw new Error(`${task.state} after ${runs} runs`);
      expect(Date.parse(task.nextPollAt)).toBeGreaterThan(emulator.clock.now());
      await emulator.clock.advance(Date.parse(task.nextPollAt) - emulator.clock.now());
      task = await run();
    }
    expect(emulator.ledger).toHaveLength(1);
    expect(emulator.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
    emulator.reset(); // the vendor forgets; the journal does not
    expect(
      await apixo.generate({ model: "kling-2-6", prompt: "x", duration: 10 }, { idempotencyKey: "row-1" }),
    ).toEqual(task);
  });

  test("the time of the next poll takes the length of the video into account, from the ref alone too", async () => {
    const emulator = createEmulator({ clock: "manual" });
    const apixo = createApixo(emulator.for("apixo"));
    const tasks = [
      await apixo.submit({ model: "kling-2-6", prompt: "x", duration: 5 }),
      await apixo.submit({ model: "kling-2-6", prompt: "x", duration: 10 }),
    ];
    await emulator.clock.advance(49_500);
    const again = await Promise.all(tasks.map((task) => apixo.get(parseRef(formatRef(task)))));
    const [short = 0, long = 0] = again.map((task) => Date.parse("nextPollAt" in task ? task.nextPollAt : ""));
    expect(again.map(({ submittedAt }) => submittedAt)).toEqual(tasks.map(({ submittedAt }) => submittedAt));
    expect(long).toBeGreaterThan(short);
  });

  test("an account that cannot pay, a wrong key and a lost task say what to do", async () => {
    const emulator = createEmulator({ clock: "manual", credits: 0.05 });
    const options = emulator.for("apixo");
    const request: ApixoRequest = { model: "kling-2-6", prompt: "x" };
    await expect(createApixo(options).submit(request)).rejects.toMatchObject({
      code: "insufficient_credits",
      billed: "no",
    });
    const stranger = createApixo({ ...options, apiKey: "wrong" });
    await expect(stranger.submit(request)).rejects.toThrow(/APIXO_API_KEY/);
    const ref = { vendor: "apixo", model: "kling-2-6", id: "task_00000000" };
    await expect(emulator.clock.until(createApixo(options).wait(ref))).rejects.toMatchObject({
      code: "not_found",
      ref,
    });
    expect(emulator.ledger).toEqual([]);
  });

  test("the balance falls by what the ledger holds", async () => {
    const emulator = createEmulator({ clock: "manual", credits: 10 });
    const apixo = createApixo(emulator.for("apixo"));
    await apixo.submit({ model: "kling-2-6", prompt: "x" });
    expect((await apixo.balance?.())?.usd).toBeCloseTo(9.9);
  });
});

describe("saveVideo", () => {
  test("saves a whole file under its name and leaves nothing beside it", async () => {
    const emulator = createEmulator({ clock: "manual" });
    const apixo = createApixo(emulator.for("apixo"));
    const done = await emulator.clock.until(apixo.generate({ model: "kling-2-6", prompt: "x", sound: true }));
    const folder = await emptyFolder();
    const seen: number[] = [];
    const saved = await saveVideo(apixo, done, join(folder, "deep", "video.mp4"), {
      onProgress: (bytes) => void seen.push(bytes),
    });
    const file = await readFile(saved.path);
    expect(file.byteLength).toBe(saved.bytes);
    expect(seen.at(-1)).toBe(saved.bytes);
    expect(file.subarray(4, 8).toString()).toBe("ftyp");
    expect(await readdir(join(folder, "deep"))).toEqual(["video.mp4"]);
  });

  test("a task that has not succeeded has no video yet", async () => {
    const emulator = createEmulator({ clock: "manual" });
    const apixo = createApixo(emulator.for("apixo"));
    const task = await apixo.submit({ model: "kling-2-6", prompt: "x" });
    await expect(saveVideo(apixo, task, join(tmpdir(), "never.mp4"))).rejects.toMatchObject({
      code: "download",
      ref: { id: task.id },
    });
  });

  test("a task that failed never will have one, and the error says so", async () => {
    const apixo = createApixo({ apiKey: "k", fetch: (async () => Response.json(failed)) as typeof fetch });
    const saving = saveVideo(apixo, { vendor: "apixo", model: "kling-2-6", id: "t" }, join(tmpdir(), "never.mp4"));
    await expect(saving).rejects.toMatchObject({ code: "download", retryable: false, billed: "unknown" });
  });
});

test("core counts on callbacks for as long as the vendor sends them to a receiver that takes all of its time", async () => {
  const deliverCallback = async () => {
    await emulator.clock.sleep(30_000);
    return new Response(null, { status: 500 });
  };
  const emulator = createEmulator({ clock: "manual", deliverCallback });
  const client = createApixo(emulator.for("apixo"));
  await client.submit({ model: "kling-2-6", prompt: "x" }, { callbackUrl: "https://app.test/hook" });
  await emulator.clock.advance(150 * MINUTE);
  const sent = emulator.callbacks.map(({ at }) => at);
  const lastMs = (sent.at(-1) ?? 0) - (sent[0] ?? 0);
  const { callbackWindowMs = 0 } = membersOf(client)[0]?.spec ?? {};
  expect(callbackWindowMs).toBeGreaterThanOrEqual(lastMs);
  expect(callbackWindowMs - lastMs).toBeLessThan(3 * MINUTE);
});

test("without a `baseUrl` the documented address is asked", async () => {
  const asked: string[] = [];
  const fetch = (async (input: Request | URL | string) => {
    asked.push(input instanceof Request ? input.url : String(input));
    return new Response("", { status: 401 });
  }) as typeof globalThis.fetch;
  const ref = { vendor: "apixo", model: "kling-2-6", id: "x" };
  await expect(createApixo({ apiKey: "k", fetch }).get(ref)).rejects.toMatchObject({ code: "unauthorized" });
  expect(asked).toEqual([expect.stringContaining("https://api.apixo.ai/api/v1/")]);
});
