// Writes contracts/vidtask-apixo.json: what the client relies on, with the documented bodies as the vendor's answers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { MatchersV3, PactV4 } from "@pact-foundation/pact";
import { membersOf } from "@vidtask/core/router";
import { INVALID_KEY, runCallback, runInteraction, type Interaction } from "@vidtask/core/testing/contract";
import { test } from "vitest";
import balance from "../../../fixtures/apixo/balance.json" with { type: "json" };
import callbackFailed from "../../../fixtures/apixo/callback.failed.json" with { type: "json" };
import callbackSuccess from "../../../fixtures/apixo/callback.success.json" with { type: "json" };
import insufficientCredits from "../../../fixtures/apixo/error.insufficient-credits.json" with { type: "json" };
import invalidRequest from "../../../fixtures/apixo/error.invalid-request.json" with { type: "json" };
import unauthorized from "../../../fixtures/apixo/error.unauthorized.json" with { type: "json" };
import failedImage from "../../../fixtures/apixo/status.failed.invalid-image-url.json" with { type: "json" };
import failed from "../../../fixtures/apixo/status.failed.json" with { type: "json" };
import failedNoCode from "../../../fixtures/apixo/status.failed.no-code.json" with { type: "json" };
import pending from "../../../fixtures/apixo/status.pending.json" with { type: "json" };
import processing from "../../../fixtures/apixo/status.processing.json" with { type: "json" };
import success from "../../../fixtures/apixo/status.success.json" with { type: "json" };
import accepted from "../../../fixtures/apixo/submit.accepted.json" with { type: "json" };
import image from "../../../fixtures/apixo/submit.image-to-video.request.json" with { type: "json" };
import text from "../../../fixtures/apixo/submit.text-to-video.request.json" with { type: "json" };
import endFrame from "../../../fixtures/apixo/submit.turbo.end-frame.request.json" with { type: "json" };
import turbo from "../../../fixtures/apixo/submit.turbo.text-to-video.request.json" with { type: "json" };
import { createApixo, VendorError, type ApixoRequest, type ClientOptions, type SubmitOptions } from "./index.ts";

const pact = new PactV4({
  consumer: "vidtask",
  provider: "apixo",
  dir: fileURLToPath(new URL("../../../contracts", import.meta.url)),
  logLevel: "error",
});
const contract = (interaction: Interaction) =>
  test(interaction.name, () => runInteraction(pact, "/api/v1", interaction));

const credits = { name: "an account with credits" };
const noCredits = { name: "an account without credits" };
const rateLimited = { name: "the rate limit is reached" };
const callbackUrl = "https://your-server.com/callback";
const taskId = MatchersV3.regex("[A-Za-z0-9_-]{1,128}", "task_12345678");

const post = (model: string, json: unknown) => ({ method: "POST" as const, path: `/generateTask/${model}`, json });
const get = (model: string, id = "task_12345678") => ({
  method: "GET" as const,
  path: `/statusTask/${model}`,
  query: { taskId: id },
});
const money = { method: "GET" as const, path: "/apikeys/current-balance" };
const ref = (model: string, id = "task_12345678") => ({ vendor: "apixo", model, id });

const submits = (request: ApixoRequest, options?: SubmitOptions) => async (at: ClientOptions) => {
  assert.equal((await createApixo(at).submit(request, options)).id, "task_12345678");
};
const refuses =
  (code: string, work: (client: ReturnType<typeof createApixo>) => Promise<unknown>) => async (at: ClientOptions) => {
    const error: unknown = await work(createApixo(at)).catch((thrown: unknown) => thrown);
    assert.ok(VendorError.isInstance(error), String(error));
    assert.equal(error.code, code);
  };

const waterfall = { prompt: text.input.prompt, aspectRatio: "16:9" } as const;
const mountain = { prompt: image.input.prompt, image: "https://example.com/ref.jpg" };
const simple: ApixoRequest = { model: "kling-2-6", prompt: "a waterfall" };
const simpleBody = {
  request_type: "async",
  input: { mode: "text-to-video", prompt: "a waterfall", duration: 5, sound: false },
};

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/apixo/submit.${name}.request.json`, import.meta.url), "utf8"));
const skyline = { prompt: "a cinematic city skyline at sunset, slow camera push-in", aspectRatio: "16:9" } as const;

const still = "animate this still life scene with subtle camera movement";

const submissions: [name: string, json: unknown, request: ApixoRequest, options?: SubmitOptions][] = [
  [
    "kling-2-6, text to video, polled",
    text,
    { model: "kling-2-6", ...waterfall, duration: 10, sound: true, routing: "value" },
  ],
  [
    "kling-2-6, image to video, with a callback",
    image,
    { model: "kling-2-6", ...mountain, sound: true, routing: "official" },
    { callbackUrl },
  ],
  ["kling-2-6, only a prompt: duration and sound are always written", simpleBody, simple],
  [
    "kling-2-5-turbo-pro, text to video, polled",
    turbo,
    { model: "kling-2-5-turbo-pro", ...waterfall, negativePrompt: "blur, jitter", cfgScale: 0.5 },
  ],
  [
    "kling-2-5-turbo-pro, start and end frame, with a callback",
    endFrame,
    { model: "kling-2-5-turbo-pro", ...mountain, endImage: "https://example.com/end.jpg", duration: 10 },
    { callbackUrl },
  ],
  ["kling-3-0-std, text to video", fixture("kling-3-0-std.text-to-video"), { model: "kling-3-0-std", ...skyline }],
  [
    "kling-3-0-std, image to video, with a callback",
    fixture("kling-3-0-std.image-to-video"),
    { model: "kling-3-0-std", ...mountain, duration: 15, sound: true },
    { callbackUrl },
  ],
  [
    "kling-3-0-std, motion control",
    fixture("kling-3-0-std.motion-control"),
    { model: "kling-3-0-std", image: mountain.image, motionVideo: "https://example.com/motion.mp4" },
  ],
  [
    "kling-3-0-turbo, text to video",
    fixture("kling-3-0-turbo.text-to-video"),
    {
      model: "kling-3-0-turbo",
      prompt: "a cinematic city skyline at sunset with a slow push-in",
      aspectRatio: "16:9",
      duration: 12,
    },
  ],
  [
    "kling-3-0-turbo, image to video in 1080p",
    fixture("kling-3-0-turbo.image-to-video"),
    { model: "kling-3-0-turbo", ...mountain, resolution: "1080p" },
  ],
  [
    "kling-2-1, image to video",
    fixture("kling-2-1.quickstart"),
    { model: "kling-2-1", prompt: still, image: "https://example.com/source.jpg" },
  ],
  [
    "kling-2-1, the older pages' example",
    fixture("kling-2-1.older"),
    {
      model: "kling-2-1",
      prompt: still,
      image: "https://example.com/std_ref.jpg",
      negativePrompt: "blur, low quality",
      cfgScale: 0.6,
      routing: "value",
    },
  ],
  [
    "kling-2-1 in pro, start and end frame, with a callback",
    fixture("kling-2-1.pro-frames"),
    {
      model: "kling-2-1",
      prompt: still,
      image: mountain.image,
      endImage: "https://example.com/end.jpg",
      quality: "pro",
      duration: 10,
    },
    { callbackUrl },
  ],
  [
    "kling-2-1 in master, text to video: the ratio is always written",
    fixture("kling-2-1.master-text"),
    { model: "kling-2-1", prompt: text.input.prompt, quality: "master" },
  ],
  [
    "veo-3-1, text to video",
    fixture("veo-3-1.text"),
    {
      model: "veo-3-1",
      prompt: "a cinematic flyover of a futuristic city at sunrise",
      quality: "quality",
      aspectRatio: "16:9",
    },
  ],
  [
    "veo-3-1, fast by default",
    fixture("veo-3-1.fast"),
    { model: "veo-3-1", prompt: "A golden retriever running through a field of flowers", aspectRatio: "16:9" },
  ],
  [
    "veo-3-1, first and last frame",
    fixture("veo-3-1.frames"),
    {
      model: "veo-3-1",
      prompt: "Smooth morphing transition between the two landscapes",
      quality: "quality",
      aspectRatio: "16:9",
      image: "https://example.com/start-frame.jpg",
      endImage: "https://example.com/end-frame.jpg",
    },
  ],
];
for (const [name, json, request, options] of submissions)
  contract({
    name: `a submit of ${name}`,
    state: credits,
    request: post(request.model, json),
    response: { status: 200, json: accepted, like: { "data.taskId": taskId } },
    run: submits(request, options),
  });

contract({
  name: "a submit that the account cannot pay",
  state: noCredits,
  request: post("kling-2-6", simpleBody),
  response: { status: 400, json: insufficientCredits },
  run: refuses("insufficient_credits", (client) => client.submit(simple)),
});
const withoutPrompt = { ...simpleBody, input: { ...simpleBody.input, prompt: undefined } };
contract({
  // The client never sends this by itself; what it reads is the vendor's answer to a missing field.
  name: "a submit without its prompt",
  state: credits,
  request: post("kling-2-6", JSON.parse(JSON.stringify(withoutPrompt))),
  response: { status: 400, json: invalidRequest },
  run: (at) => {
    const damaging = ((url, init) => fetch(url, { ...init, body: JSON.stringify(withoutPrompt) })) as typeof fetch;
    return refuses("invalid_request", (client) => client.submit(simple))({ ...at, fetch: damaging });
  },
});
contract({
  name: "a submit with an unknown key",
  request: { ...post("kling-2-6", simpleBody), key: INVALID_KEY },
  response: { status: 401, json: unauthorized },
  run: refuses("unauthorized", (client) => client.submit(simple)),
});
contract({
  // No page prints the body of a 429.
  name: "a submit above the rate limit",
  state: rateLimited,
  request: post("kling-2-6", simpleBody),
  response: { status: 429 },
  run: refuses("rate_limited", (client) => client.submit(simple, { submitTimeout: 0 })),
});

const { createTime, completeTime } = success.data;
const states: [name: string, body: unknown, params: Record<string, string | number>, expected: object][] = [
  [
    "a pending task",
    pending,
    { state: "pending", createTime },
    { state: "pending", createdAt: "2026-01-09T13:33:30.929Z" },
  ],
  ["a processing task", processing, { state: "processing", createTime }, { state: "processing" }],
  [
    "a succeeded task",
    success,
    { state: "success", createTime, completeTime, resultUrl: "https://r2.apixo.ai/video.mp4" },
    {
      state: "succeeded",
      completedAt: "2026-01-09T13:34:12.317Z",
      videos: [{ url: "https://r2.apixo.ai/video.mp4", expiresAt: "2026-01-10T13:34:12.317Z" }],
      processingMs: 41_388,
    },
  ],
  [
    "a task that broke the content rules",
    failed,
    { state: "failed", failCode: failed.data.failCode, failMsg: failed.data.failMsg },
    {
      state: "failed",
      failure: {
        code: "content_rejected",
        vendorCode: "CONTENT_VIOLATION",
        message: failed.data.failMsg,
        billed: "unknown",
      },
    },
  ],
  [
    "a task whose image could not be read",
    failedImage,
    { state: "failed", failCode: failedImage.data.failCode, failMsg: failedImage.data.failMsg },
    {
      state: "failed",
      failure: {
        code: "invalid_media",
        vendorCode: "INVALID_IMAGE_URL",
        message: failedImage.data.failMsg,
        billed: "unknown",
      },
    },
  ],
  [
    "a failed task without a code",
    failedNoCode,
    { state: "failed", failMsg: failedNoCode.data.failMsg },
    { state: "failed", failure: { code: "unknown", message: failedNoCode.data.failMsg, billed: "unknown" } },
  ],
];
// Every model is read alike: of those beside the two model pages, what runs and what succeeded.
const ofAll = states.filter(([, json]) => json === processing || json === success);
for (const model of Object.keys(createApixo().models))
  for (const [name, json, params, expected] of model.startsWith("kling-2-6") || model.endsWith("pro") ? states : ofAll)
    contract({
      name: `a status read of ${name} (${model})`,
      state: { name: "a task", params: { taskId: "task_12345678", model, ...params } },
      request: get(model),
      response: { status: 200, json },
      run: async (at) => {
        const task = await createApixo(at).get(ref(model));
        assert.deepEqual({ ...task, ...expected }, task);
      },
    });

contract({
  name: "a status read with an unknown key",
  request: { ...get("kling-2-6"), key: INVALID_KEY },
  response: { status: 401, json: unauthorized },
  run: refuses("unauthorized", (client) => client.get(ref("kling-2-6"))),
});
contract({
  // No page prints the body of a 404.
  name: "a status read of an unknown task",
  state: credits,
  request: get("kling-2-6", "task_00000000"),
  response: { status: 404 },
  run: refuses("not_found", (client) => client.get(ref("kling-2-6", "task_00000000"))),
});
contract({
  name: "a status read above the rate limit",
  state: rateLimited,
  request: get("kling-2-6"),
  response: { status: 429 },
  run: refuses("rate_limited", (client) => client.get(ref("kling-2-6"))),
});

contract({
  name: "a balance read",
  state: credits,
  request: money,
  response: { status: 200, json: balance, like: { data: MatchersV3.number(balance.data) } },
  run: async (at) => assert.deepEqual(await createApixo(at).balance?.(), { usd: 74.87 }),
});
contract({
  name: "a balance read with an unknown key",
  request: { ...money, key: INVALID_KEY },
  response: { status: 401, json: unauthorized },
  run: refuses("unauthorized", (client) => client.balance?.() ?? Promise.resolve()),
});
contract({
  name: "a balance read above the rate limit",
  state: rateLimited,
  request: money,
  response: { status: 429 },
  run: refuses("rate_limited", (client) => client.balance?.() ?? Promise.resolve()),
});

const { callback } = membersOf(createApixo())[0]!.spec;
const callbacks: [name: string, json: unknown, params: Record<string, string | number>][] = [
  [
    "a callback of a succeeded task",
    callbackSuccess,
    { state: "success", createTime, completeTime, resultUrl: "https://r2.apixo.ai/video.mp4" },
  ],
  [
    "a callback of a failed task",
    callbackFailed,
    { state: "failed", createTime, completeTime, failCode: failed.data.failCode, failMsg: failed.data.failMsg },
  ],
];
for (const [name, json, params] of callbacks)
  test(name, () =>
    runCallback(pact, {
      name,
      state: { name: "a task", params: { taskId: "task_12345678", model: "kling-2-6", ...params } },
      json,
      // A callback is a nudge: only whose it is counts, the rest is asked for.
      read: (body) => assert.equal(callback?.read(body).id, "task_12345678"),
    }),
  );
