// Writes contracts/vidtask-apimodels.json: what the client relies on, with the documented bodies as the vendor's answers.
// No page prints the body of an error, so errors are here by their status alone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { MatchersV3, PactV4 } from "@pact-foundation/pact";
import { membersOf } from "@vidtask/core/router";
import { runCallback, runInteraction, type Interaction } from "@vidtask/core/testing/contract";
import { test } from "vitest";
import balance from "../../../fixtures/apimodels/balance.json" with { type: "json" };
import callbackCompleted from "../../../fixtures/apimodels/callback.completed.json" with { type: "json" };
import callbackFailed from "../../../fixtures/apimodels/callback.failed.json" with { type: "json" };
import place from "../../../fixtures/apimodels/files.place.json" with { type: "json" };
import completed from "../../../fixtures/apimodels/status.completed.json" with { type: "json" };
import failed from "../../../fixtures/apimodels/status.failed.json" with { type: "json" };
import pending from "../../../fixtures/apimodels/status.pending.json" with { type: "json" };
import processing from "../../../fixtures/apimodels/status.processing.json" with { type: "json" };
import accepted from "../../../fixtures/apimodels/submit.accepted.json" with { type: "json" };
import image from "../../../fixtures/apimodels/submit.image-to-video.request.json" with { type: "json" };
import motionCallback from "../../../fixtures/apimodels/submit.motion-control.callback.request.json" with { type: "json" };
import motion from "../../../fixtures/apimodels/submit.motion-control.request.json" with { type: "json" };
import text from "../../../fixtures/apimodels/submit.text-to-video.request.json" with { type: "json" };
import v3Image from "../../../fixtures/apimodels/submit.v3.image-to-video.request.json" with { type: "json" };
import v3Text from "../../../fixtures/apimodels/submit.v3.text-to-video.request.json" with { type: "json" };
import {
  createAPIModels,
  SubmitUnknownError,
  VendorError,
  type APIModelsRequest,
  type ClientOptions,
  type SubmitOptions,
} from "./index.ts";

const pact = new PactV4({
  consumer: "vidtask",
  provider: "apimodels",
  dir: fileURLToPath(new URL("../../../contracts", import.meta.url)),
  logLevel: "error",
});
// The vendor's keys begin with `sk_`, in its own client: no page says so.
const VALID_KEY = "sk_valid-key";
const INVALID_KEY = "sk_invalid-key";
const contract = (interaction: Interaction) =>
  test(interaction.name, () => {
    const { request } = interaction;
    return runInteraction(pact, "/api/v1", { ...interaction, request: { key: VALID_KEY, ...request } });
  });

const credits = { name: "an account with credits" };
const noCredits = { name: "an account without credits" };
const broken = { name: "the vendor is broken" };
const callbackUrl = "https://your-server.com/webhook/kling-video";
const taskId = MatchersV3.regex("[A-Za-z0-9_-]{1,128}", "clxxx");
// The page prints the prefixed name of kling-v2-6 alone; the client reads none.
const modelOf = (model: string) =>
  model === "kling-v2-6" ? {} : { "data.model": MatchersV3.string(accepted.data.model) };

const post = (json: unknown) => ({ method: "POST" as const, path: "/video/generations", json });
const get = (id = "clxxx") => ({ method: "GET" as const, path: "/video/generations", query: { task_id: id } });
const money = { method: "GET" as const, path: "/balance" };
const ref = (model: string, id = "clxxx") => ({ vendor: "apimodels", model, id });

const submits = (request: APIModelsRequest, options?: SubmitOptions) => async (at: ClientOptions) => {
  assert.equal((await createAPIModels(at).submit(request, options)).id, "clxxx");
};
const refuses =
  (code: string, work: (client: ReturnType<typeof createAPIModels>) => Promise<unknown>) =>
  async (at: ClientOptions) => {
    const error: unknown = await work(createAPIModels(at)).catch((thrown: unknown) => thrown);
    assert.ok(VendorError.isInstance(error), String(error));
    assert.equal(error.code, code);
  };

const dance = { prompt: text.prompt, aspectRatio: "16:9" } as const;
const picture = { prompt: image.prompt, image: image.image };
const files = { image: motion.image, motionVideo: motion.motion_video };
const simple: APIModelsRequest = { model: "kling-v2-6", prompt: text.prompt };
const simpleBody = { model: "kling-v2-6", prompt: text.prompt, mode: "std", duration: "5" };

const fixture = (name: string) =>
  JSON.parse(
    readFileSync(new URL(`../../../fixtures/apimodels/submit.${name}.request.json`, import.meta.url), "utf8"),
  ) as object;
const endImage = "https://r2.apimodels.app/videos/xxx.jpg";
const voiced = "<<<voice_1>>> sings, <<<voice_2>>> laughs";
const submissions: [name: string, json: unknown, request: APIModelsRequest, options?: SubmitOptions][] = [
  ["kling-v2-6, text to video, polled", text, { model: "kling-v2-6", ...dance }],
  [
    "kling-v2-6, image to video, with a callback",
    image,
    { model: "kling-v2-6", ...picture, duration: 10 },
    { callbackUrl },
  ],
  ["kling-v2-6, only a prompt: mode and duration are always written", simpleBody, simple],
  [
    "kling-v2-6, only an image",
    { model: "kling-v2-6", image: image.image, mode: "std", duration: "5" },
    { model: "kling-v2-6", image: image.image },
  ],
  // From here on fields whose names the vendor does not document: sound, voice_list, negative_prompt.
  [
    "kling-v2-6 in pro: sound is always written",
    { ...simpleBody, mode: "pro", sound: "off" },
    { ...simple, quality: "pro" },
  ],
  [
    "kling-v2-6 in pro with sound and two voices",
    {
      ...simpleBody,
      prompt: voiced,
      mode: "pro",
      sound: "on",
      voice_list: [{ voice_id: "voice-a" }, { voice_id: "voice-b" }],
    },
    { model: "kling-v2-6", prompt: voiced, quality: "pro", sound: true, voices: ["voice-a", "voice-b"] },
  ],
  [
    "kling-v3, text to video with sound, polled",
    { ...v3Text, sound: "on", negative_prompt: "blur" },
    { model: "kling-v3", ...dance, duration: 15, quality: "pro", sound: true, negativePrompt: "blur" },
  ],
  [
    "kling-v3, image to video, with a callback",
    { ...v3Image, sound: "off" },
    { model: "kling-v3", ...picture, duration: 3 },
    { callbackUrl },
  ],
  ["kling-motion-control, polled", motion, { model: "kling-motion-control", ...files }],
  [
    "kling-motion-control with a prompt and a callback",
    motionCallback,
    { model: "kling-motion-control", prompt: text.prompt, ...files },
    { callbackUrl },
  ],
  [
    "kling-v3-omni, text to video, polled",
    fixture("kling-v3-omni.text-to-video"),
    { model: "kling-v3-omni", ...dance, duration: 15 },
  ],
  [
    "kling-v3-omni, first and last frame, with a callback",
    fixture("kling-v3-omni.frames"),
    { model: "kling-v3-omni", ...picture, endImage, quality: "pro" },
    { callbackUrl },
  ],
  [
    "kling-v3-omni with sound, whose name no page prints",
    { ...fixture("kling-v3-omni.text-to-video"), sound: "on" },
    { model: "kling-v3-omni", ...dance, duration: 15, sound: true },
  ],
  [
    "kling-video-o1, text to video, polled",
    fixture("kling-video-o1.text-to-video"),
    { model: "kling-video-o1", ...dance },
  ],
  [
    "kling-video-o1, first frame, with a callback",
    fixture("kling-video-o1.first-frame"),
    { model: "kling-video-o1", ...picture, quality: "pro", duration: 10 },
    { callbackUrl },
  ],
];
for (const [name, json, request, options] of submissions)
  contract({
    name: `a submit of ${name}`,
    state: credits,
    request: post(json),
    response: { status: 200, json: accepted, like: { "data.taskId": taskId, ...modelOf(request.model) } },
    run: submits(request, options),
  });

contract({
  name: "a submit that the account cannot pay",
  state: noCredits,
  request: post(simpleBody),
  response: { status: 402 },
  run: refuses("insufficient_credits", (client) => client.submit(simple)),
});
const withoutPrompt = { model: "kling-v2-6", mode: "std", duration: "5" };
contract({
  // The client never sends this by itself; what it reads is the vendor's answer to a missing field.
  name: "a submit with neither prompt nor image",
  state: credits,
  request: post(withoutPrompt),
  response: { status: 400 },
  run: (at) => {
    const damaging = ((url, init) => fetch(url, { ...init, body: JSON.stringify(withoutPrompt) })) as typeof fetch;
    return refuses("invalid_request", (client) => client.submit(simple))({ ...at, fetch: damaging });
  },
});
contract({
  name: "a submit with an unknown key",
  request: { ...post(simpleBody), key: INVALID_KEY },
  response: { status: 401 },
  run: refuses("unauthorized", (client) => client.submit(simple)),
});
contract({
  name: "a submit while the vendor is broken",
  state: broken,
  request: post(simpleBody),
  response: { status: 500 },
  run: async (at) => {
    const error: unknown = await createAPIModels(at)
      .submit(simple)
      .catch((thrown: unknown) => thrown);
    assert.ok(SubmitUnknownError.isInstance(error), String(error));
    assert.equal(error.billed, "unknown");
  },
});

const { createTime, completeTime, resultUrls } = completed.data;
const states: [name: string, body: unknown, params: Record<string, string | number>, expected: object][] = [
  ["a pending task", pending, { state: "pending" }, { state: "pending" }],
  ["a processing task", processing, { state: "processing" }, { state: "processing" }],
  [
    "a completed task",
    completed,
    { state: "completed", createTime, completeTime, resultUrl: resultUrls[0] ?? "" },
    {
      state: "succeeded",
      createdAt: "2024-01-13T05:24:10.000Z",
      completedAt: "2024-01-13T05:25:00.000Z",
      videos: [{ url: resultUrls[0], expiresAt: "2024-01-20T05:25:00.000Z" }],
    },
  ],
  [
    "a task that broke the content rules",
    failed,
    { state: "failed", failMsg: failed.data.failMsg },
    { state: "failed", failure: { code: "content_rejected", message: failed.data.failMsg, billed: "no" } },
  ],
];
for (const model of Object.keys(createAPIModels().models))
  for (const [name, json, params, expected] of states)
    contract({
      name: `a status read of ${name} (${model})`,
      state: { name: "a task", params: { taskId: "clxxx", model, ...params } },
      request: get(),
      response: { status: 200, json, like: modelOf(model) },
      run: async (at) => {
        const task = await createAPIModels(at).get(ref(model));
        assert.deepEqual({ ...task, ...expected }, task);
      },
    });

contract({
  name: "a status read with an unknown key",
  request: { ...get(), key: INVALID_KEY },
  response: { status: 401 },
  run: refuses("unauthorized", (client) => client.get(ref("kling-v2-6"))),
});
contract({
  name: "a status read of an unknown task",
  state: credits,
  request: get("clunknowntask"),
  response: { status: 404 },
  run: refuses("not_found", (client) => client.get(ref("kling-v2-6", "clunknowntask"))),
});
contract({
  name: "a status read while the vendor is broken",
  state: broken,
  request: get(),
  response: { status: 500 },
  run: refuses("internal", (client) => client.get(ref("kling-v2-6"))),
});

contract({
  name: "a balance read",
  state: credits,
  request: money,
  response: {
    status: 200,
    json: balance,
    like: {
      "data.balance": MatchersV3.number(balance.data.balance),
      "data.total": MatchersV3.number(balance.data.total),
      "data.frozen": MatchersV3.number(balance.data.frozen),
    },
  },
  run: async (at) => assert.deepEqual(await createAPIModels(at).balance?.(), { usd: 9.9733, reserved: 0.0267 }),
});
contract({
  name: "a balance read with an unknown key",
  request: { ...money, key: INVALID_KEY },
  response: { status: 401 },
  run: refuses("unauthorized", (client) => client.balance?.() ?? Promise.resolve()),
});

const anyUrl = (url: string) => MatchersV3.regex("https?://.+", url);
contract({
  // Of the exchanges of an upload this is the one that a page describes and Pact can hold: the PUT goes to storage.
  name: "a place for a file",
  state: credits,
  request: {
    method: "POST",
    path: "/files",
    json: { filename: "image.png", contentType: "image/png", fileSize: 9 },
  },
  response: {
    status: 200,
    json: place,
    like: { "data.uploadUrl": anyUrl(place.data.uploadUrl), "data.publicUrl": anyUrl(place.data.publicUrl) },
  },
  run: async (at) => {
    const sent: unknown[] = [];
    const storing = (async (input, init) => {
      const request = new Request(input, init);
      if (request.url.endsWith("/files")) return fetch(request);
      sent.push(request.method === "PUT" ? await request.text() : await request.json());
      return request.method === "PUT" ? new Response() : Response.json(accepted);
    }) as typeof fetch;
    const file = new File(["a picture"], "image.png", { type: "image/png" });
    await submits({ model: "kling-v2-6", image: file })({ ...at, fetch: storing });
    assert.deepEqual(sent, [
      "a picture",
      { model: "kling-v2-6", image: place.data.publicUrl, mode: "std", duration: "5" },
    ]);
  },
});

const { callback } = membersOf(createAPIModels())[0]!.spec;
const callbacks: [
  name: string,
  json: unknown,
  params: Record<string, string>,
  like: Record<string, unknown>,
  unverified: object,
][] = [
  [
    "a callback of a completed task",
    callbackCompleted,
    { state: "completed" },
    // A JSON string, whose optional members are the vendor's choice.
    { "data.resultJson": MatchersV3.string(callbackCompleted.data.resultJson) },
    {
      videoDuration: 5,
      videoSize: "1280x720",
      thumbnailUrl: "https://r2.apimodels.app/videos/xxx.jpg",
      costTime: 12_345,
    },
  ],
  [
    "a callback of a failed task",
    callbackFailed,
    { state: "failed", failMsg: callbackFailed.data.failMsg },
    {},
    { costTime: 12_345 },
  ],
];
for (const [name, json, params, like, unverified] of callbacks)
  test(name, () =>
    runCallback(pact, {
      name,
      state: {
        name: "a task",
        params: {
          taskId: "clxxx",
          model: "kling-v2-6",
          createTime: callbackFailed.data.createTime,
          completeTime: callbackFailed.data.completeTime,
          ...params,
        },
      },
      json,
      // `param` repeats the request; the example's `costTime` is not the difference of its times.
      like: {
        "data.param": MatchersV3.string(callbackFailed.data.param),
        "data.costTime": MatchersV3.integer(callbackFailed.data.costTime),
        ...like,
      },
      // A callback is a nudge: only whose it is counts, the rest is asked for; what no poll says is shown.
      read: (body) => {
        const notice = callback?.read(body);
        assert.equal(notice?.id, "clxxx");
        assert.deepEqual(JSON.parse(JSON.stringify(notice?.unverified)), unverified);
      },
    }),
  );
