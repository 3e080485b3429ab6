// Writes contracts/vidtask-aivideoapi.json: what the client relies on, with the documented bodies as the vendor's answers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { MatchersV3, PactV4 } from "@pact-foundation/pact";
import { membersOf } from "@vidtask/core/router";
import { INVALID_KEY, runCallback, runInteraction, VALID_KEY, type Interaction } from "@vidtask/core/testing/contract";
import { test } from "vitest";
import callbackCompleted from "../../../fixtures/aivideoapi/callback.completed.json" with { type: "json" };
import callbackFailed from "../../../fixtures/aivideoapi/callback.failed.json" with { type: "json" };
import credits from "../../../fixtures/aivideoapi/credits.json" with { type: "json" };
import insufficientCredits from "../../../fixtures/aivideoapi/error.insufficient-credits.json" with { type: "json" };
import internalError from "../../../fixtures/aivideoapi/error.internal-error.json" with { type: "json" };
import invalidApiKey from "../../../fixtures/aivideoapi/error.invalid-api-key.json" with { type: "json" };
import invalidDuration from "../../../fixtures/aivideoapi/error.invalid-duration.json" with { type: "json" };
import invalidRequest from "../../../fixtures/aivideoapi/error.invalid-request.json" with { type: "json" };
import ipNotAllowed from "../../../fixtures/aivideoapi/error.ip-not-allowed.json" with { type: "json" };
import modelNotFound from "../../../fixtures/aivideoapi/error.model-not-found.json" with { type: "json" };
import rateLimit from "../../../fixtures/aivideoapi/error.rate-limit-exceeded.json" with { type: "json" };
import spendLimit from "../../../fixtures/aivideoapi/error.spend-limit-exceeded.json" with { type: "json" };
import taskNotFound from "../../../fixtures/aivideoapi/error.task-not-found.json" with { type: "json" };
import upstreamError from "../../../fixtures/aivideoapi/error.upstream-error.json" with { type: "json" };
import accepted from "../../../fixtures/aivideoapi/submit.accepted.json" with { type: "json" };
import callback from "../../../fixtures/aivideoapi/submit.callback.request.json" with { type: "json" };
import polled from "../../../fixtures/aivideoapi/submit.polled.request.json" with { type: "json" };
import withSound from "../../../fixtures/aivideoapi/submit.sound.request.json" with { type: "json" };
import completed from "../../../fixtures/aivideoapi/task.completed.json" with { type: "json" };
import failed from "../../../fixtures/aivideoapi/task.failed.json" with { type: "json" };
import processing3 from "../../../fixtures/aivideoapi/task.kling-3.0.processing.json" with { type: "json" };
import pending from "../../../fixtures/aivideoapi/task.pending.json" with { type: "json" };
import processing from "../../../fixtures/aivideoapi/task.processing.json" with { type: "json" };
import {
  createAIVideoAPI,
  SubmitUnknownError,
  VendorError,
  type AIVideoAPIRequest,
  type ClientOptions,
  type SubmitOptions,
} from "./index.ts";

const pact = new PactV4({
  consumer: "vidtask",
  provider: "aivideoapi",
  dir: fileURLToPath(new URL("../../../contracts", import.meta.url)),
  logLevel: "error",
});
// The vendor's keys start with sk-.
const contract = ({ request, ...rest }: Interaction) =>
  test(rest.name, () => runInteraction(pact, "/v1", { ...rest, request: { key: `sk-${VALID_KEY}`, ...request } }));

const account = { name: "an account with credits" };
const noCredits = { name: "an account without credits" };
const rateLimited = { name: "the rate limit is reached" };
const spent = { name: "the spend limit is reached" };
const elsewhere = { name: "the address is not allowed" };
const broken = { name: "the vendor is broken" };
const upstreamDown = { name: "the upstream is down" };
const wrongKey = `sk-${INVALID_KEY}`;
const taskId = MatchersV3.regex("[A-Za-z0-9_-]{1,128}", accepted.data.taskId);

const post = (json: unknown) => ({ method: "POST" as const, path: "/videos/generations", json });
const get = (id: string) => ({ method: "GET" as const, path: `/tasks/${id}` });
const money = { method: "GET" as const, path: "/credits" };
const ref = (id: string, model = "kling-2.6") => ({ vendor: "aivideoapi", model, id });

/** An error by its documented code and type; the pages print the words of three of them only. */
const refusal = (status: number, json: { error: { message: string } }) => ({
  status,
  json,
  like: { "error.message": MatchersV3.string(json.error.message) },
});
const unauthorized = refusal(401, invalidApiKey);

type Work = (client: ReturnType<typeof createAIVideoAPI>) => Promise<unknown>;
const refuses = (code: string, vendorCode: string, work: Work) => async (at: ClientOptions) => {
  const error: unknown = await work(createAIVideoAPI(at)).catch((thrown: unknown) => thrown);
  assert.ok(VendorError.isInstance(error), String(error));
  assert.deepEqual([error.code, error.vendorCode], [code, vendorCode]);
};
const leavesUnknown = (code: string, vendorCode: string, work: Work) => async (at: ClientOptions) => {
  const error: unknown = await work(createAIVideoAPI(at)).catch((thrown: unknown) => thrown);
  assert.ok(SubmitUnknownError.isInstance(error) && VendorError.isInstance(error.cause), String(error));
  assert.deepEqual([error.cause.code, error.cause.vendorCode], [code, vendorCode]);
};

const simple: AIVideoAPIRequest = {
  model: "kling-2.6",
  prompt: polled.input.prompt,
  image: "https://example.com/photo.jpg",
};
const stage: AIVideoAPIRequest = {
  model: "kling-2.6",
  prompt: withSound.input.prompt,
  image: "https://example.com/stage.jpg",
  duration: 10,
  sound: true,
};
const callbackUrl = "https://your-server.com/webhook";
const submit: Work = (client) => client.submit(simple, { submitTimeout: 0 });
const read: Work = (client) => client.get(ref(processing.id));
const readBalance: Work = (client) => client.balance?.() ?? Promise.resolve();

type Body = { model: string; callback_url?: string; input: { prompt?: string } };
const fixture = (name: string) =>
  JSON.parse(
    readFileSync(new URL(`../../../fixtures/aivideoapi/submit.${name}.request.json`, import.meta.url), "utf8"),
  ) as Body;
/** What vidtask writes beside a page's example, because money depends on it. */
const written = (body: Body, added: object) => ({ ...body, input: { ...body.input, ...added } });
const promptOf = (body: Body) => body.input.prompt ?? "";
const [drone, butterfly] = [fixture("kling-3.0.callback"), fixture("kling-3.0.pro")];
const dog = fixture("veo-3.callback");
const oneShot = { duration: 5, sound: false, multi_shots: false };

const submissions: [name: string, json: unknown, request: AIVideoAPIRequest, options?: SubmitOptions][] = [
  ["kling-2.6, polled, only a prompt and an image: duration and sound are always written", polled, simple],
  ["kling-2.6, with a callback", callback, { ...simple, duration: 5, sound: false }, { callbackUrl }],
  ["kling-2.6, 10 s with sound, with a callback", withSound, stage, { callbackUrl }],
  [
    "kling-3.0, with a callback: duration and sound are always written",
    written(drone, oneShot),
    { model: "kling-3.0", prompt: promptOf(drone) },
    { callbackUrl },
  ],
  [
    "kling-3.0 in pro, polled, with a ratio",
    written(butterfly, { ...oneShot, aspect_ratio: "9:16" }),
    { model: "kling-3.0", prompt: promptOf(butterfly), quality: "pro", aspectRatio: "9:16" },
  ],
  [
    "kling-3.0, start and end frame, with sound",
    fixture("kling-3.0.frames"),
    {
      model: "kling-3.0",
      image: "https://example.com/photo.jpg",
      endImage: "https://example.com/stage.jpg",
      duration: 10,
      sound: true,
    },
  ],
  [
    "kling-v3-motion-control, polled: the resolution is always written",
    fixture("kling-v3-motion-control"),
    {
      model: "kling-v3-motion-control",
      image: "https://example.com/photo.jpg",
      motionVideo: "https://example.com/dance.mp4",
    },
  ],
  [
    "kling-v3-motion-control in 1080p, with a callback",
    fixture("kling-v3-motion-control.1080p"),
    {
      model: "kling-v3-motion-control",
      image: "https://example.com/photo.jpg",
      motionVideo: "https://example.com/dance.mp4",
      prompt: "No distortion, the character's movements are consistent with the video.",
      resolution: "1080p",
      characterOrientation: "image",
    },
    { callbackUrl },
  ],
  [
    "veo-3, with a callback: the kind is always written",
    written(dog, { generation_type: "TEXT_2_VIDEO" }),
    { model: "veo-3", prompt: promptOf(dog), aspectRatio: "16:9" },
    { callbackUrl },
  ],
  [
    "veo-3, first and last frame in 4k, with every field",
    fixture("veo-3.frames"),
    {
      model: "veo-3",
      prompt: promptOf(dog),
      image: "https://example.com/photo.jpg",
      endImage: "https://example.com/stage.jpg",
      quality: "quality",
      resolution: "4k",
      aspectRatio: "auto",
      seed: 12_345,
      watermark: "",
      enableTranslation: false,
    },
  ],
];
for (const [name, json, request, options] of submissions)
  contract({
    name: `a submit of ${name}`,
    state: account,
    request: post(json),
    response: { status: 200, json: accepted, like: { "data.taskId": taskId } },
    run: async (at) => {
      assert.equal((await createAIVideoAPI(at).submit(request, options)).id, accepted.data.taskId);
    },
  });

// The client never sends these by itself; what it reads is the vendor's answer.
const damaged: [name: string, json: object, response: Interaction["response"], code: string, vendorCode: string][] = [
  [
    "without its model",
    { input: polled.input },
    { status: 400, json: invalidRequest },
    "invalid_request",
    "invalid_request",
  ],
  [
    "of another duration",
    { ...polled, input: { ...polled.input, duration: 7 } },
    { status: 400, json: invalidDuration },
    "invalid_request",
    "invalid_request",
  ],
  [
    "of an unknown model",
    { ...polled, model: "no-such-model" },
    refusal(404, modelNotFound),
    "not_found",
    "model_not_found",
  ],
];
for (const [name, json, response, code, vendorCode] of damaged)
  contract({
    name: `a submit ${name}`,
    state: account,
    request: post(json),
    response,
    run: (at) => {
      const damaging = ((url, init) => fetch(url, { ...init, body: JSON.stringify(json) })) as typeof fetch;
      return refuses(code, vendorCode, submit)({ ...at, fetch: damaging });
    },
  });

contract({
  name: "a submit that the account cannot pay",
  state: noCredits,
  request: post(polled),
  response: { status: 402, json: insufficientCredits },
  run: refuses("insufficient_credits", "insufficient_credits", submit),
});
for (const [name, key] of [
  ["an unknown key", wrongKey],
  ["a key that does not start with sk-", INVALID_KEY],
] as const)
  contract({
    name: `a submit with ${name}`,
    request: { ...post(polled), key },
    response: unauthorized,
    run: refuses("unauthorized", "invalid_api_key", submit),
  });
contract({
  name: "a submit from an address that the key does not allow",
  state: elsewhere,
  request: post(polled),
  response: refusal(403, ipNotAllowed),
  run: refuses("forbidden", "ip_not_allowed", submit),
});
contract({
  name: "a submit above the rate limit",
  state: rateLimited,
  request: post(polled),
  response: refusal(429, rateLimit),
  run: refuses("rate_limited", "rate_limit_exceeded", submit),
});
contract({
  name: "a submit above the key's spend limit",
  state: spent,
  request: post(polled),
  response: refusal(429, spendLimit),
  run: refuses("spend_limit", "spend_limit_exceeded", submit),
});
contract({
  name: "a submit that breaks the vendor",
  state: broken,
  request: post(polled),
  response: refusal(500, internalError),
  run: leavesUnknown("internal", "internal_error", submit),
});
contract({
  name: "a submit while the upstream is down",
  state: upstreamDown,
  request: post(polled),
  response: refusal(503, upstreamError),
  run: leavesUnknown("upstream", "upstream_error", submit),
});

const states: [
  name: string,
  task: { id: string; status: string; model: string; created_at: number },
  params: Record<string, string | number>,
  expected: object,
][] = [
  ["a pending task", pending, {}, { state: "pending", createdAt: "2026-03-28T13:56:05.000Z" }],
  ["a processing task", processing, {}, { state: "processing", createdAt: "2026-03-28T13:56:05.000Z" }],
  [
    "a processing task (kling-3.0)",
    processing3,
    {},
    { state: "processing", model: "kling-3.0", createdAt: "2026-03-28T13:56:05.000Z" },
  ],
  [
    "a completed task",
    completed,
    { completeTime: completed.completed_at * 1_000, resultUrl: completed.output.urls.join() },
    {
      state: "succeeded",
      createdAt: "2026-03-29T13:17:07.000Z",
      completedAt: "2026-03-29T15:02:09.000Z",
      videos: [{ url: "https://file.aivideoapi.ai/videos/2026/04/04/abc123.mp4" }],
      madeBy: "kling-2.6/image-to-video",
    },
  ],
  [
    "a failed task",
    failed,
    { failCode: failed.error.code, failMsg: failed.error.message },
    {
      state: "failed",
      failure: { code: "upstream", vendorCode: "upstream_error", message: "Video generation failed", billed: "no" },
    },
  ],
];
for (const [name, json, params, expected] of states)
  contract({
    name: `a read of ${name}`,
    state: {
      name: "a task",
      params: {
        taskId: json.id,
        model: json.model,
        state: json.status,
        createTime: json.created_at * 1_000,
        ...params,
      },
    },
    request: get(json.id),
    response: { status: 200, json },
    run: async (at) => {
      const task = await createAIVideoAPI(at).get(ref(json.id, json.model));
      assert.deepEqual({ ...task, ...expected }, task);
    },
  });

contract({
  name: "a read with an unknown key",
  request: { ...get(processing.id), key: wrongKey },
  response: unauthorized,
  run: refuses("unauthorized", "invalid_api_key", read),
});
contract({
  name: "a read from an address that the key does not allow",
  state: elsewhere,
  request: get(processing.id),
  response: refusal(403, ipNotAllowed),
  run: refuses("forbidden", "ip_not_allowed", read),
});
contract({
  name: "a read of an unknown task",
  state: account,
  request: get(processing.id),
  response: refusal(404, taskNotFound),
  run: refuses("not_found", "task_not_found", read),
});
contract({
  name: "a read above the rate limit",
  state: rateLimited,
  request: get(processing.id),
  response: refusal(429, rateLimit),
  run: refuses("rate_limited", "rate_limit_exceeded", read),
});
contract({
  name: "a read that breaks the vendor",
  state: broken,
  request: get(processing.id),
  response: refusal(500, internalError),
  run: refuses("internal", "internal_error", read),
});

contract({
  name: "a balance read",
  state: account,
  request: money,
  response: {
    status: 200,
    json: credits,
    like: {
      "data.balance": MatchersV3.integer(credits.data.balance),
      "data.total_purchased": MatchersV3.integer(credits.data.total_purchased),
      "data.total_consumed": MatchersV3.integer(credits.data.total_consumed),
    },
  },
  run: async (at) => assert.deepEqual(await createAIVideoAPI(at).balance?.(), { credits: 220, usd: 1.1 }),
});
contract({
  name: "a balance read with an unknown key",
  request: { ...money, key: wrongKey },
  response: unauthorized,
  run: refuses("unauthorized", "invalid_api_key", readBalance),
});
contract({
  name: "a balance read above the rate limit",
  state: rateLimited,
  request: money,
  response: refusal(429, rateLimit),
  run: refuses("rate_limited", "rate_limit_exceeded", readBalance),
});

const { callback: readCallback } = membersOf(createAIVideoAPI())[0]!.spec;
const callbacks: [name: string, json: { id: string }, params: Record<string, string | number>][] = [
  [
    "a callback of a completed task",
    callbackCompleted,
    {
      state: "completed",
      createTime: callbackCompleted.created_at * 1000,
      completeTime: callbackCompleted.completed_at * 1000,
      resultUrl: callbackCompleted.output.urls[0] ?? "",
    },
  ],
  [
    "a callback of a failed task",
    callbackFailed,
    {
      state: "failed",
      createTime: callbackFailed.created_at * 1000,
      failCode: callbackFailed.error.code,
      failMsg: callbackFailed.error.message,
    },
  ],
];
for (const [name, json, params] of callbacks)
  test(name, () =>
    runCallback(pact, {
      name,
      state: { name: "a task", params: { taskId: json.id, model: "kling-2.6", ...params } },
      json,
      // A callback is a nudge: only whose it is counts, the rest is asked for.
      read: (body) => assert.equal(readCallback?.read(body).id, json.id),
    }),
  );
