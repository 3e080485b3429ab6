// Every documented limit, broken one at a time and all at once, before anything is sent.
import { describe, expect, test } from "vitest";
import {
  createAPIModels,
  InvalidRequestError,
  type APIModelsRequest,
  type SubmitOptions,
  type VideoClient,
  type VideoRequest,
} from "./index.ts";

const neverCalled = (() => Promise.reject(new Error("something was sent"))) as typeof fetch;
const typed = createAPIModels({ apiKey: "k", fetch: neverCalled });
const client: VideoClient = typed;

const base = { model: "kling-v2-6", prompt: "a waterfall" };
const pro = { ...base, quality: "pro" };
const v3 = { model: "kling-v3", prompt: "a waterfall" };
const o1 = { model: "kling-video-o1", prompt: "a waterfall" };
const omni = { model: "kling-v3-omni", prompt: "a waterfall" };
const url = "https://example.com/ref.jpg";
const motion = { model: "kling-motion-control", image: url, motionVideo: "https://example.com/dance.mp4" };

async function issuesOf(request: unknown, options?: SubmitOptions): Promise<Record<string, string>> {
  const error: unknown = await client.submit(request as VideoRequest, options).catch((thrown: unknown) => thrown);
  if (!InvalidRequestError.isInstance(error)) throw error;
  expect(error.billed).toBe("no");
  return Object.fromEntries(error.issues.map(({ path, rule }) => [path, rule]));
}

describe("a documented limit that is broken is named by path and rule", () => {
  const anyModel = expect.stringContaining("one of kling-v2-6, kling-v3, kling-motion-control, ");
  const file = "an http(s) URL, a data: URL or a Blob";
  test.each<[name: string, request: unknown, issues: Record<string, unknown>]>([
    ["no model", { prompt: "x" }, { model: anyModel }],
    ["an unknown model", { ...base, model: "kling-9" }, { model: anyModel }],
    ["the vendor's prefixed name", { ...base, model: "kling-video/kling-v2-6" }, { model: anyModel }],
    ["a model named like an object's own member", { ...base, model: "constructor" }, { model: anyModel }],
    ["no request", null, { request: expect.any(String) }],
    ["neither prompt nor image", { model: "kling-v2-6" }, { prompt: expect.stringContaining("unless `image`") }],
    ["the same on v3", { model: "kling-v3" }, { prompt: expect.stringContaining("unless `image`") }],
    ["an empty prompt", { ...base, prompt: "" }, { prompt: "at least 1 character" }],
    ["a long prompt", { ...base, prompt: "x".repeat(2501) }, { prompt: "at most 2500 characters" }],
    ["a long v3 prompt", { ...v3, prompt: "x".repeat(2501) }, { prompt: "at most 2500 characters" }],
    ["a long motion prompt", { ...motion, prompt: "x".repeat(2501) }, { prompt: "at most 2500 characters" }],
    ["no prompt but a number", { ...base, prompt: 7 }, { prompt: "a string" }],
    ["another duration", { ...base, duration: 7 }, { duration: "one of 5, 10" }],
    ["a duration as text", { ...base, duration: "5" }, { duration: "one of 5, 10" }],
    ["a short v3 video", { ...v3, duration: 2 }, { duration: expect.stringMatching(/^one of 3, 4, .*14, 15$/) }],
    ["a long v3 video", { ...v3, duration: 16 }, { duration: expect.stringContaining("one of 3") }],
    ["kling-v3-omni of 16 s", { ...omni, duration: 16 }, { duration: expect.stringContaining("14, 15") }],
    ["an omni image without a prompt", { model: "kling-v3-omni", image: url }, { prompt: "a string" }],
    ["an omni end image without a start", { ...omni, endImage: url }, { endImage: expect.stringContaining("`image`") }],
    [
      "an omni negative prompt",
      { ...omni, negativePrompt: "x" },
      { negativePrompt: expect.stringContaining("absent") },
    ],
    ["a long O1 video", { ...o1, duration: 11 }, { duration: expect.stringContaining("9, 10") }],
    ["sound of O1", { ...o1, sound: true }, { sound: expect.stringContaining("absent") }],
    ["an O1 end image without a start", { ...o1, endImage: url }, { endImage: expect.stringContaining("`image`") }],
    ["half a second", { ...v3, duration: 3.5 }, { duration: expect.stringContaining("one of 3") }],
    ["another quality", { ...base, quality: "4k" }, { quality: 'one of "std", "pro"' }],
    ["another v3 quality", { ...v3, quality: "4k" }, { quality: 'one of "std", "pro"' }],
    ["another aspect ratio", { ...base, aspectRatio: "4:3" }, { aspectRatio: 'one of "1:1", "16:9", "9:16"' }],
    ["sound as text", { ...pro, sound: "on" }, { sound: "a boolean" }],
    ["sound in std", { ...base, sound: true }, { sound: expect.stringContaining("std has no audio") }],
    [
      "voices without sound",
      { ...pro, prompt: "<<<voice_1>>>", voices: ["v"] },
      { voices: expect.stringContaining("sound: true") },
    ],
    [
      "a voice that is not named",
      { ...pro, sound: true, voices: ["v"] },
      { prompt: expect.stringContaining("<<<voice_1>>>") },
    ],
    [
      "one of two voices that is not named",
      { ...pro, prompt: "<<<voice_1>>> sings", sound: true, voices: ["v", "w"] },
      { prompt: expect.stringContaining("names every voice") },
    ],
    [
      "three voices",
      { ...pro, prompt: "<<<voice_1>>><<<voice_2>>><<<voice_3>>>", sound: true, voices: ["u", "v", "w"] },
      { voices: "at most 2 voices" },
    ],
    ["no voices", { ...pro, sound: true, voices: [] }, { voices: expect.stringContaining("at least 1") }],
    ["voices that are no list", { ...pro, sound: true, voices: "v" }, { voices: "an array" }],
    [
      "voices on v3",
      { ...v3, sound: true, voices: ["v"] },
      { voices: expect.stringContaining("absent: kling-v3 takes") },
    ],
    ["an end image", { ...base, image: url, endImage: url }, { endImage: expect.stringContaining("absent") }],
    ["an image that is no URL", { ...base, image: "cat.png" }, { image: file }],
    ["motion control without image", { ...motion, image: undefined }, { image: file }],
    ["motion control without video", { ...motion, motionVideo: undefined }, { motionVideo: file }],
    ["motion control with a duration", { ...motion, duration: 5 }, { duration: expect.stringContaining("absent") }],
    ["motion control with a quality", { ...motion, quality: "pro" }, { quality: expect.stringContaining("absent") }],
    [
      "a field that no page documents",
      { ...base, seed: 1 },
      { seed: expect.stringContaining("absent: kling-v2-6 takes prompt, image") },
    ],
    [
      "an extraBody over vidtask's own",
      { ...base, extraBody: { mode: "pro" } },
      { "extraBody.mode": expect.any(String) },
    ],
  ])("%s", async (_name, request, issues) => {
    expect(await issuesOf(request)).toEqual(issues);
  });

  test("everything that is wrong is listed at once, options included", async () => {
    const request = {
      ...base,
      prompt: "",
      duration: 6,
      sound: true,
      voices: ["a", "b", "c"],
      aspectRatio: "2:1",
      seed: 1,
    };
    const issues = await issuesOf(request, { idempotencyKey: "k".repeat(65), callbackUrl: "http://example.com" });
    expect(Object.keys(issues).toSorted()).toEqual([
      "aspectRatio",
      "callbackUrl",
      "duration",
      "idempotencyKey",
      "prompt",
      "seed",
      "sound",
      "voices",
    ]);
  });

  test("no schema trips over something that is no request", () => {
    for (const { request } of Object.values(client.models))
      for (const input of [null, undefined, 1, "x", []]) expect(request.safeParse(input).success).toBe(false);
  });
});

describe("a field whose name the vendor does not document", () => {
  test.each<[field: string, name: string, request: APIModelsRequest]>([
    ["sound", "sound", { model: "kling-v2-6", prompt: "x", quality: "pro", sound: true }],
    ["sound", "sound", { model: "kling-v3", prompt: "x", sound: true }],
    ["negativePrompt", "negative_prompt", { model: "kling-v2-6", prompt: "x", negativePrompt: "blur" }],
    ["negativePrompt", "negative_prompt", { model: "kling-v3", prompt: "x", negativePrompt: "blur" }],
  ])("%s is sent as `%s`, and the plan warns of it", (field, name, request) => {
    const { body, warnings } = typed.plan(request);
    expect(body).toHaveProperty(name);
    expect(warnings.filter(({ kind }) => kind === "experimental")).toEqual([
      { about: field, kind: "experimental", message: expect.stringContaining(`\`${name}\``) },
    ]);
  });

  test("so are voices, together with the sound they need", () => {
    const { body, warnings } = typed.plan({
      model: "kling-v2-6",
      prompt: "<<<voice_1>>> and <<<voice_2>>>",
      quality: "pro",
      sound: true,
      voices: ["a", "b"],
    });
    expect(body).toMatchObject({ sound: "on", voice_list: [{ voice_id: "a" }, { voice_id: "b" }] });
    expect(warnings.map(({ about }) => about)).toEqual(["sound", "voices"]);
  });

  test("what is documented brings no warning", () => {
    expect(typed.plan({ model: "kling-v2-6", prompt: "x", quality: "pro", aspectRatio: "1:1" }).warnings).toEqual([]);
    expect(client.plan(motion).warnings).toEqual([]);
  });
});

test.each(["kling-v2-6", "kling-v3"] as const)("%s takes an image without a prompt", (model) => {
  expect(typed.plan({ model, image: url }).body).toMatchObject({ model, image: url });
});

test.each([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])(
  "kling-v3 takes %i seconds, as text on the wire",
  (duration) => {
    expect(client.plan({ ...v3, duration }).body).toMatchObject({ duration: String(duration) });
  },
);
