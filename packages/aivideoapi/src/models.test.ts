// Every documented limit, broken one at a time and all at once, before anything is sent.
import { describe, expect, test } from "vitest";
import {
  createAIVideoAPI,
  InvalidRequestError,
  type SubmitOptions,
  type VideoClient,
  type VideoRequest,
} from "./index.ts";

const neverCalled = (() => Promise.reject(new Error("something was sent"))) as typeof fetch;
const client: VideoClient = createAIVideoAPI({ apiKey: "sk-k", fetch: neverCalled });

const url = "https://example.com/photo.jpg";
const MODELS = expect.stringContaining("one of kling-2.6, ");
const motion = { model: "kling-v3-motion-control", image: url, motionVideo: "https://example.com/dance.mp4" };
const veo = { model: "veo-3", prompt: "a waterfall" };
const base = { model: "kling-2.6", prompt: "it moves", image: url };

async function issuesOf(request: unknown, options?: SubmitOptions): Promise<Record<string, string>> {
  const error: unknown = await client.submit(request as VideoRequest, options).catch((thrown: unknown) => thrown);
  if (!InvalidRequestError.isInstance(error)) throw error;
  expect(error.billed).toBe("no");
  return Object.fromEntries(error.issues.map(({ path, rule }) => [path, rule]));
}

describe("a documented limit that is broken is named by path and rule", () => {
  test.each<[name: string, request: unknown, issues: Record<string, unknown>]>([
    ["no model", { prompt: "x", image: url }, { model: MODELS }],
    ["an unknown model", { ...base, model: "kling-9" }, { model: MODELS }],
    ["a model named like an object's own member", { ...base, model: "constructor" }, { model: expect.any(String) }],
    ["no request", null, { request: expect.any(String) }],
    ["no prompt", { model: "kling-2.6", image: url }, { prompt: "a string" }],
    ["an empty prompt", { ...base, prompt: "" }, { prompt: "at least 1 character" }],
    ["a long prompt", { ...base, prompt: "x".repeat(2501) }, { prompt: "at most 2500 characters" }],
    [
      "a short 3.0 video",
      { model: "kling-3.0", image: url, duration: 2 },
      { duration: expect.stringContaining("3, 4, 5") },
    ],
    [
      "a long 3.0 video",
      { model: "kling-3.0", image: url, duration: 16 },
      { duration: expect.stringContaining("14, 15") },
    ],
    ["neither prompt nor image for 3.0", { model: "kling-3.0" }, { prompt: expect.stringContaining("unless `image`") }],
    [
      "a 3.0 end image without a start",
      { model: "kling-3.0", prompt: "x", endImage: url },
      { endImage: expect.stringContaining("together with `image`") },
    ],
    [
      "a 3.0 ratio with an image",
      { model: "kling-3.0", image: url, aspectRatio: "1:1" },
      { aspectRatio: expect.stringContaining("absent with `image`") },
    ],
    ["several shots", { model: "kling-3.0", prompt: "x", shots: [] }, { shots: expect.stringContaining("absent") }],
    ["motion control without its character", { ...motion, image: undefined }, { image: expect.any(String) }],
    ["motion control without a video", { ...motion, motionVideo: undefined }, { motionVideo: expect.any(String) }],
    ["motion control with a duration", { ...motion, duration: 5 }, { duration: expect.stringContaining("absent") }],
    ["another resolution", { ...motion, resolution: "4k" }, { resolution: 'one of "720p", "1080p"' }],
    [
      "another orientation",
      { ...motion, characterOrientation: "up" },
      { characterOrientation: 'one of "image", "video"' },
    ],
    ["Veo without a prompt", { model: "veo-3", image: url }, { prompt: "a string" }],
    ["another Veo quality", { ...veo, quality: "std" }, { quality: 'one of "lite", "fast", "quality"' }],
    ["another Veo resolution", { ...veo, resolution: "480p" }, { resolution: 'one of "720p", "1080p", "4k"' }],
    ["a Veo last frame without a first", { ...veo, endImage: url }, { endImage: expect.stringContaining("`image`") }],
    ["a small seed", { ...veo, seed: 9_999 }, { seed: "at least 10000" }],
    ["a large seed", { ...veo, seed: 100_000 }, { seed: "at most 99999" }],
    ["a duration of Veo", { ...veo, duration: 8 }, { duration: expect.stringContaining("absent") }],
    ["no image", { model: "kling-2.6", prompt: "x" }, { image: "an http(s) URL, a data: URL or a Blob" }],
    ["null as image", { ...base, image: null }, { image: "an http(s) URL, a data: URL or a Blob" }],
    ["an image that is no URL", { ...base, image: "cat.png" }, { image: "an http(s) URL, a data: URL or a Blob" }],
    ["several images", { ...base, image: [url, url] }, { image: "an http(s) URL, a data: URL or a Blob" }],
    ["a file without upload", { ...base, image: new Blob(["x"]) }, { image: expect.stringContaining("`upload`") }],
    ["a data: URL without upload", { ...base, image: "data:," }, { image: expect.stringContaining("`upload`") }],
    ["another duration", { ...base, duration: 7 }, { duration: "one of 5, 10" }],
    ["a duration as text", { ...base, duration: "5" }, { duration: "one of 5, 10" }],
    ["sound as text", { ...base, sound: "on" }, { sound: "a boolean" }],
    ["an aspect ratio", { ...base, aspectRatio: "16:9" }, { aspectRatio: expect.stringContaining("absent") }],
    ["a negative prompt", { ...base, negativePrompt: "blur" }, { negativePrompt: expect.stringContaining("absent") }],
    ["an end image", { ...base, endImage: url }, { endImage: expect.stringContaining("absent") }],
    ["a quality", { ...base, quality: "pro" }, { quality: expect.stringContaining("absent") }],
    ["a voice", { ...base, voices: ["v"] }, { voices: expect.stringContaining("absent") }],
    [
      "a field that no page documents",
      { ...base, seed: 1 },
      { seed: "absent: kling-2.6 takes prompt, image, duration, sound" },
    ],
    ["an extraBody over the model", { ...base, extraBody: { model: "x" } }, { "extraBody.model": expect.any(String) }],
    [
      "an extraBody over what the price depends on",
      { ...base, extraBody: { input: { duration: 10, sound: true } } },
      { "extraBody.input.duration": expect.any(String), "extraBody.input.sound": expect.any(String) },
    ],
  ])("%s", async (_name, request, issues) => {
    expect(await issuesOf(request)).toEqual(issues);
  });

  const file = (type: string, size: number) => new Blob([new Uint8Array(size)], { type });
  test.each<[name: string, image: unknown, rule: string]>([
    ["a picture of another type", file("image/heic", 9), "of type image/jpeg, image/png, image/webp, not image/heic"],
    ["a data: URL of another type", "data:application/pdf;base64,AAAA", "not application/pdf"],
    ["a picture above 10 MB", file("image/png", 11e6), "of at most 10 MB, not of 11 MB"],
    ["an empty picture", file("image/png", 0), "that is not empty"],
  ])("%s", async (_name, image, rule) => {
    const withUpload = createAIVideoAPI({ apiKey: "k", fetch: neverCalled, upload: async () => url });
    await expect(withUpload.submit({ ...base, image } as never)).rejects.toMatchObject({
      issues: [{ path: "image", rule: expect.stringContaining(rule) }],
    });
  });

  test("everything that is wrong is listed at once, options included", async () => {
    const request = { model: "kling-2.6", prompt: "", duration: 6, sound: "yes", aspectRatio: "1:1" };
    const options = { idempotencyKey: "k".repeat(65), callbackUrl: "http://example.com", maxPrice: -1 };
    expect(Object.keys(await issuesOf(request, options)).toSorted()).toEqual([
      "aspectRatio",
      "callbackUrl",
      "duration",
      "idempotencyKey",
      "image",
      "maxPrice",
      "prompt",
      "sound",
    ]);
  });

  test("what the pages allow is allowed, to its edges", () => {
    for (const change of [{ prompt: "x".repeat(2500) }, { prompt: "字".repeat(2500) }, { image: new URL(url) }])
      expect(client.plan({ ...base, ...change }).warnings).toEqual([]);
  });
});

test("a price above the cap refuses before anything is sent, the exact price does not", async () => {
  expect(await issuesOf({ ...base, sound: true }, { maxPrice: 1.09 })).toEqual({
    maxPrice: "at least 1.1 US dollars for this request",
  });
  await expect(client.submit(base, { maxPrice: 0.55, submitTimeout: 0 })).rejects.toMatchObject({
    code: "submit_unknown",
  });
});

test("a missing key is an error at the first call and names the variable", async () => {
  const { AIVIDEOAPI_API_KEY: saved } = process.env;
  delete process.env["AIVIDEOAPI_API_KEY"];
  const keyless: VideoClient = createAIVideoAPI({ fetch: neverCalled });
  await expect(keyless.submit(base)).rejects.toThrow(/apiKey.*AIVIDEOAPI_API_KEY/);
  await expect(keyless.get({ vendor: "aivideoapi", model: "kling-2.6", id: "x" })).rejects.toThrow(
    /AIVIDEOAPI_API_KEY/,
  );
  if (saved !== undefined) process.env["AIVIDEOAPI_API_KEY"] = saved;
});

test.each<[what: string, request: object, credits: number]>([
  ["kling-3.0 of 3 s: the older page's flat price", { model: "kling-3.0", duration: 3 }, 100],
  ["kling-3.0 of 4 s: the newer page's", { model: "kling-3.0", duration: 4 }, 112],
  ["kling-3.0 of 15 s in pro with sound", { model: "kling-3.0", duration: 15, quality: "pro", sound: true }, 810],
  ["kling-3.0 of 5 s in pro", { model: "kling-3.0", quality: "pro" }, 200],
])("%s costs at most the higher page's price, and a plan says so", async (_what, request, credits) => {
  const given = { prompt: "x", ...request } as VideoRequest;
  const { price, warnings } = client.plan(given);
  expect(price).toMatchObject({ credits, usd: credits / 200, contested: expect.stringContaining("older") });
  expect(warnings).toMatchObject([{ about: "price", kind: "contested" }]);
  // What a cap and a budget count.
  await expect(client.submit(given, { maxPrice: credits / 200 - 0.01 })).rejects.toMatchObject({
    issues: [{ path: "maxPrice", rule: `at least ${credits / 200} US dollars for this request` }],
  });
});

test.each([
  ["720p", 900],
  ["1080p", 1200],
])("motion control in %s costs at most %i credits, those of the longest video", async (resolution, credits) => {
  const { price } = client.plan({ ...motion, resolution });
  expect(price).toMatchObject({ credits, usd: credits / 200, atMost: true });
  expect(await issuesOf({ ...motion, resolution }, { maxPrice: credits / 200 - 0.01 })).toHaveProperty("maxPrice");
});

test.each([
  ["lite", [20, 30, 100]],
  ["fast", [40, 50, 120]],
  ["quality", [300, 310, 380]],
])("veo-3 in %s costs %j credits in 720p, 1080p and 4k", (quality, credits) => {
  const prices = ["720p", "1080p", "4k"].map((resolution) => client.plan({ ...veo, quality, resolution }).price);
  expect(prices.map((price) => price?.credits)).toEqual(credits);
  expect(prices.map((price) => price?.usd)).toEqual(credits.map((all) => all / 200));
});
