import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { membersOf } from "@vidtask/core/router";
import { describeVendor } from "@vidtask/core/testing";
import { createEmulator } from "@vidtask/emulator";
import { describe, expect, onTestFinished, test } from "vitest";
import callbackCompleted from "../../../fixtures/apimodels/callback.completed.json" with { type: "json" };
import callbackFailed from "../../../fixtures/apimodels/callback.failed.json" with { type: "json" };
import uploaded from "../../../fixtures/apimodels/files.form.json" with { type: "json" };
import place from "../../../fixtures/apimodels/files.place.json" with { type: "json" };
import completed from "../../../fixtures/apimodels/status.completed.json" with { type: "json" };
import failed from "../../../fixtures/apimodels/status.failed.json" with { type: "json" };
import pending from "../../../fixtures/apimodels/status.pending.json" with { type: "json" };
import processing from "../../../fixtures/apimodels/status.processing.json" with { type: "json" };
import accepted from "../../../fixtures/apimodels/submit.accepted.json" with { type: "json" };
import {
  createAPIModels,
  createReceiver,
  type APIModelsRequest,
  type ClientOptions,
  type Unverified,
  type VidtaskEvent,
} from "./index.ts";
import { saveVideo } from "./node.ts";

const MINUTE = 60_000;
const image = "https://example.com/a.png";

describe("conformance", () => {
  describeVendor(createAPIModels, {
    request: { model: "kling-v2-6", prompt: "a waterfall", duration: 5, aspectRatio: "16:9" },
    // No page prints the body of an error: this is the documented envelope with a documented code.
    fixtures: {
      accepted,
      processing: [pending, processing],
      succeeded: completed,
      failed,
      refused: { code: 402, msg: "余额不足 - 积分不够" },
      callback: [callbackCompleted, callbackFailed],
    },
    test,
  });
});

describe("with the emulator", () => {
  const documented: APIModelsRequest[] = [
    { model: "kling-v2-6", prompt: "a waterfall", aspectRatio: "9:16" },
    { model: "kling-v2-6", prompt: "it moves", image, duration: 10 },
    { model: "kling-v2-6", image },
    { model: "kling-motion-control", image, motionVideo: "https://example.com/dance.mp4" },
  ];
  test.each(documented)("$model makes a video and sends documented fields only", async (request) => {
    const emulator = createEmulator({ clock: "manual" });
    const apimodels = createAPIModels(emulator.for("apimodels"));
    const before = emulator.clock.now();
    const done = await emulator.clock.until(apimodels.generate(request));
    // Half of the tasks end before the median; the slowest the emulator draws takes 900 s.
    expect(emulator.clock.now() - before).toBeLessThanOrEqual(915_000);
    expect(emulator.requests.flatMap((entry) => entry.undocumented ?? [])).toEqual([]);
    expect(emulator.ledger).toMatchObject([{ vendor: "apimodels", taskId: done.id, kind: "charge" }]);
    expect(Date.parse(done.videos[0].expiresAt ?? "")).toBe(Date.parse(done.completedAt ?? "") + 7 * 86_400_000);
  });

  const priced: APIModelsRequest[] = [
    { model: "kling-v2-6", prompt: "x", duration: 10 },
    { model: "kling-v2-6", prompt: "x", quality: "pro" },
    { model: "kling-v2-6", prompt: "x", quality: "pro", sound: true },
    { model: "kling-v2-6", prompt: "<<<voice_1>>> sings", quality: "pro", sound: true, voices: ["v1"] },
    { model: "kling-v3", prompt: "x", duration: 7 },
    { model: "kling-v3", prompt: "x", duration: 15, quality: "pro", sound: true },
  ];
  test.each(priced)("$model is charged what the plan says, once", async (request) => {
    const emulator = createEmulator({ clock: "manual" });
    const apimodels = createAPIModels(emulator.for("apimodels"));
    const usd = apimodels.plan(request).price?.usd ?? Number.NaN;
    const done = await emulator.clock.until(apimodels.generate(request, { maxPrice: usd }));
    expect(emulator.ledger).toMatchObject([{ taskId: done.id, usd: expect.closeTo(usd, 4), kind: "charge" }]);
  });

  test("a submit with a callback URL is taken, and polling finds its end all the same", async () => {
    const emulator = createEmulator({ clock: "manual" });
    const apimodels = createAPIModels(emulator.for("apimodels"));
    const callbackUrl = "https://app.test/cb";
    const done = await emulator.clock.until(apimodels.generate({ model: "kling-v2-6", prompt: "x" }, { callbackUrl }));
    expect(done.state).toBe("succeeded");
    expect(emulator.requests[0]?.body).toMatchObject({ callback_url: callbackUrl });
  });

  test("a task is watched through its documented states, and told in events", async () => {
    const emulator = createEmulator({ clock: "manual" });
    const events: VidtaskEvent[] = [];
    const apimodels = createAPIModels({ ...emulator.for("apimodels"), onEvent: (event) => void events.push(event) });
    const states: string[] = [];
    const watching = (async () => {
      const task = await apimodels.submit({ model: "kling-v2-6", prompt: "x" }, { idempotencyKey: "row-1" });
      for await (const { state } of apimodels.watch(task, { poll: { first: 0, interval: 1_000 } })) states.push(state);
    })();
    await emulator.clock.until(watching);
    expect(states).toEqual(["pending", "processing", "succeeded"]);
    expect(events).toContainEqual(expect.objectContaining({ type: "accepted", idempotencyKey: "row-1" }));
    expect(JSON.stringify(events)).not.toContain(emulator.for("apimodels").apiKey);
  });

  test("an account that cannot pay, a wrong key and a lost task say what to do", async () => {
    const emulator = createEmulator({ clock: "manual", credits: 0.01 });
    const options = emulator.for("apimodels");
    const request: APIModelsRequest = { model: "kling-v2-6", prompt: "x" };
    await expect(createAPIModels(options).submit(request)).rejects.toMatchObject({
      code: "insufficient_credits",
      billed: "no",
    });
    const stranger = createAPIModels({ ...options, apiKey: "sk_wrong" });
    await expect(stranger.submit(request)).rejects.toThrow(/APIMODELS_API_KEY/);
    const ref = { vendor: "apimodels", model: "kling-v2-6", id: "clnobodyknowsthis" };
    await expect(emulator.clock.until(createAPIModels(options).wait(ref))).rejects.toMatchObject({
      code: "not_found",
      ref,
    });
    expect(emulator.ledger).toEqual([]);
  });

  test("what a submit costs is gone from the balance", async () => {
    const emulator = createEmulator({ clock: "manual", credits: 10 });
    const apimodels = createAPIModels(emulator.for("apimodels"));
    await apimodels.submit({ model: "kling-v2-6", prompt: "x" });
    expect((await apimodels.balance?.())?.usd).toBeCloseTo(10 - 0.0159);
  });

  test("files are uploaded first, and the video is saved whole", async () => {
    const emulator = createEmulator({ clock: "manual" });
    const apimodels = createAPIModels(emulator.for("apimodels"));
    const done = await emulator.clock.until(
      apimodels.generate({
        model: "kling-motion-control",
        image: new File(["a picture"], "cat.png", { type: "image/png" }),
        motionVideo: new Blob(["a video"], { type: "video/mp4" }),
      }),
    );
    const submits = emulator.requests.filter(({ path }) => path.endsWith("/video/generations"));
    expect(submits).toHaveLength(1);
    expect(submits[0]?.body).toMatchObject({
      image: expect.stringMatching(/^https?:/),
      motion_video: expect.stringMatching(/^https?:/),
    });
    const folder = await mkdtemp(join(tmpdir(), "vidtask-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const saved = await saveVideo(apimodels, done, join(folder, "video.mp4"));
    expect((await readFile(saved.path)).byteLength).toBe(saved.bytes);
  });
});

describe("a file is uploaded before anything is submitted", () => {
  const url = place.data.publicUrl;
  const file = new File(["a picture"], "cat.png", { type: "image/png" });
  const request = { model: "kling-v2-6", prompt: "it jumps", image: file } as const;

  type Seen = { what: string; authorization: string | null; type: string | null; body: string };
  type Answers = { place?: () => Response; put?: () => Response; form?: () => Response };
  /** The vendor and its storage as a stub; `seen` holds what was sent, in order. */
  function stub(answers: Answers = {}, options: ClientOptions = {}) {
    const seen: Seen[] = [];
    const fetch = (async (input: Request | URL | string, init?: RequestInit) => {
      const sent = new Request(input, init);
      const { pathname } = new URL(sent.url);
      const type = sent.headers.get("content-type");
      const isForm = type?.startsWith("multipart/form-data");
      const what = sent.method === "PUT" ? "put" : !pathname.endsWith("/files") ? "submit" : isForm ? "form" : "place";
      seen.push({ what, authorization: sent.headers.get("authorization"), type, body: await sent.text() });
      switch (what) {
        case "submit":
          return Response.json(accepted);
        case "put":
          return answers.put?.() ?? new Response("");
        case "form":
          return answers.form?.() ?? Response.json(uploaded);
        default:
          return answers.place?.() ?? Response.json(place);
      }
    }) as typeof globalThis.fetch;
    return { seen, client: createAPIModels({ apiKey: "a-secret-key", fetch, ...options }) };
  }
  const steps = (seen: Seen[]) => seen.map(({ what }) => what);
  const submitted = (seen: Seen[]): unknown => JSON.parse(seen.find(({ what }) => what === "submit")?.body ?? "null");

  test("by PUT to the place the vendor gives, with the same type and without the key", async () => {
    const { client, seen } = stub();
    await client.submit(request);
    expect(steps(seen)).toEqual(["place", "put", "submit"]);
    expect(JSON.parse(seen[0]?.body ?? "")).toEqual({ filename: "cat.png", contentType: "image/png", fileSize: 9 });
    expect(seen[1]).toEqual({ what: "put", authorization: null, type: "image/png", body: "a picture" });
    expect(submitted(seen)).toMatchObject({ image: url });
  });

  test.each<[name: string, answers: Answers, expected: string[]]>([
    ["no place", { place: () => Response.json({ msg: "busy" }, { status: 500 }) }, ["place", "form", "submit"]],
    ["an error under HTTP 200", { place: () => Response.json({ code: 500, msg: "x" }) }, ["place", "form", "submit"]],
    ["a place without its URL", { place: () => Response.json({ code: 200, data: {} }) }, ["place", "form", "submit"]],
    ["a PUT that is refused", { put: () => new Response("", { status: 403 }) }, ["place", "put", "form", "submit"]],
    ["a PUT that breaks", { put: () => Response.error() }, ["place", "put", "form", "submit"]],
  ])("%s: by form instead", async (_name, answers, expected) => {
    const { client, seen } = stub(answers);
    await client.submit(request);
    expect(steps(seen)).toEqual(expected);
    const form = seen.find(({ what }) => what === "form");
    expect(form?.body).toMatch(/name="file"; filename="cat\.png"\r\nContent-Type: image\/png\r\n\r\na picture\r\n/);
    expect(form?.authorization).toBe("Bearer a-secret-key");
    expect(submitted(seen)).toMatchObject({ image: url });
  });

  test("when neither way works nothing is submitted, nothing billed, and the key is free", async () => {
    let isBroken = true;
    const failing = () => (isBroken ? Response.json({ msg: "no room" }, { status: 500 }) : Response.json(uploaded));
    const { client, seen } = stub({ place: failing, form: failing });
    await expect(client.submit(request, { idempotencyKey: "row-1" })).rejects.toMatchObject({
      billed: "no",
      phase: "submit",
    });
    expect(steps(seen)).toEqual(["place", "form"]);
    isBroken = false;
    await client.submit(request, { idempotencyKey: "row-1" });
    expect(steps(seen).at(-1)).toBe("submit");
  });

  test("a refused key is not tried twice", async () => {
    const { client, seen } = stub({ place: () => new Response("", { status: 401 }) });
    await expect(client.submit(request)).rejects.toMatchObject({ code: "unauthorized", billed: "no" });
    expect(steps(seen)).toEqual(["place"]);
  });

  test("picture and video of a motion-control task, and a data: URL", async () => {
    const { client, seen } = stub();
    const motionVideo = "data:video/mp4;base64,YSB2aWRlbw==";
    await client.submit({ model: "kling-motion-control", image: file, motionVideo });
    expect(steps(seen).toSorted()).toEqual(["place", "place", "put", "put", "submit"]);
    const puts = seen.filter(({ what }) => what === "put").map(({ type, body }) => [type, body]);
    expect(puts).toContainEqual(["video/mp4", "a video"]);
    expect(submitted(seen)).toMatchObject({ image: url, motion_video: url });
  });

  test("an `upload` of your own goes before the vendor's", async () => {
    const upload = async () => "https://bucket.example/cat.png";
    const { client, seen } = stub({}, { upload });
    await client.submit(request);
    expect(steps(seen)).toEqual(["submit"]);
    expect(submitted(seen)).toMatchObject({ image: "https://bucket.example/cat.png" });
  });

  test("a plan uploads nothing and shows where the URL will be", () => {
    const { client, seen } = stub();
    expect(client.plan(request).body).toMatchObject({ image: "upload:image" });
    expect(seen).toEqual([]);
  });
});

test("a receiver shows what only the callback says, and leaves it out of the task", async () => {
  const seen: { task: object; unverified: Unverified | undefined }[] = [];
  const emulator = createEmulator({ clock: "manual", deliverCallback: (request) => receiver.fetch(request) });
  const callback = { url: "https://app.test/hook", secret: "0123456789abcdef0123456789abcdef" };
  const client = createAPIModels({ ...emulator.for("apimodels"), callback });
  const receiver = createReceiver({
    clients: [client],
    onTask: (task, { unverified }) => void seen.push({ task, unverified }),
  });
  await client.submit({ model: "kling-v2-6", prompt: "x", duration: 10 });
  await emulator.clock.advance(60 * MINUTE);
  expect(seen).toHaveLength(1);
  expect(seen[0]?.unverified).toEqual({
    videoDuration: 10,
    videoSize: expect.stringMatching(/^\d+x\d+$/),
    costTime: expect.any(Number),
  });
  expect(JSON.stringify(seen[0]?.task)).not.toMatch(/duration|width|costTime/);
});

test("core counts on callbacks for as long as the vendor sends them however often they fail", async () => {
  const deliverCallback = async () => new Response(null, { status: 500 });
  const emulator = createEmulator({ clock: "manual", deliverCallback });
  const client = createAPIModels(emulator.for("apimodels"));
  await client.submit({ model: "kling-v2-6", prompt: "x" }, { callbackUrl: "https://app.test/hook" });
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
  const ref = { vendor: "apimodels", model: "kling-v2-6", id: "x" };
  await expect(createAPIModels({ apiKey: "k", fetch }).get(ref)).rejects.toMatchObject({ code: "unauthorized" });
  expect(asked).toEqual([expect.stringContaining("https://apimodels.app/api/v1/")]);
});
