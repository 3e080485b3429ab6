// Every documented limit, broken one at a time and all at once, before anything is sent.
import { describe, expect, test } from "vitest";
import { createApixo, InvalidRequestError, type SubmitOptions, type VideoClient, type VideoRequest } from "./index.ts";

const neverCalled = (() => Promise.reject(new Error("something was sent"))) as typeof fetch;
const client: VideoClient = createApixo({ apiKey: "k", fetch: neverCalled });
const loopback: VideoClient = createApixo({ apiKey: "k", fetch: neverCalled, baseUrl: "http://127.0.0.1:4010/api/v1" });

const base = { model: "kling-2-6", prompt: "a waterfall" };
const turbo = { model: "kling-2-5-turbo-pro", prompt: "a waterfall" };
const MODELS = expect.stringContaining("one of kling-2-6, kling-2-5-turbo-pro, ");
const turbo3 = { model: "kling-3-0-turbo", prompt: "a waterfall" };
const k21 = { model: "kling-2-1", prompt: "a waterfall", image: "https://example.com/ref.jpg" };
const veo = { model: "veo-3-1", prompt: "a waterfall" };
const std = { model: "kling-3-0-std", prompt: "a waterfall" };
const url = "https://example.com/ref.jpg";

async function issuesOf(request: unknown, options?: SubmitOptions, by = client): Promise<Record<string, string>> {
  const error: unknown = await by.submit(request as VideoRequest, options).catch((thrown: unknown) => thrown);
  if (!InvalidRequestError.isInstance(error)) throw error;
  expect(error.billed).toBe("no");
  return Object.fromEntries(error.issues.map(({ path, rule }) => [path, rule]));
}

describe("a documented limit that is broken is named by path and rule", () => {
  test.each<[name: string, request: unknown, issues: Record<string, unknown>]>([
    ["no model", { prompt: "x" }, { model: MODELS }],
    ["an unknown model", { ...base, model: "kling-9" }, { model: MODELS }],
    ["a model named like an object's own member", { ...base, model: "constructor" }, { model: expect.any(String) }],
    ["no request", null, { request: expect.any(String) }],
    ["no prompt", { model: "kling-2-6" }, { prompt: "a string" }],
    ["an empty prompt", { ...base, prompt: "" }, { prompt: "at least 1 character" }],
    ["a long prompt", { ...base, prompt: "x".repeat(1001) }, { prompt: "at most 1000 characters" }],
    ["a long turbo prompt", { ...turbo, prompt: "x".repeat(2501) }, { prompt: "at most 2500 characters" }],
    ["another duration", { ...base, duration: 7 }, { duration: "one of 5, 10" }],
    ["a duration as text", { ...base, duration: "5" }, { duration: "one of 5, 10" }],
    ["another aspect ratio", { ...base, aspectRatio: "4:3" }, { aspectRatio: 'one of "1:1", "16:9", "9:16"' }],
    [
      "an aspect ratio with an image",
      { ...base, image: url, aspectRatio: "1:1" },
      { aspectRatio: expect.stringContaining("absent with `image`") },
    ],
    [
      "the same on turbo",
      { ...turbo, image: url, aspectRatio: "1:1" },
      { aspectRatio: expect.stringContaining("absent with `image`") },
    ],
    [
      "an end image without a start",
      { ...turbo, endImage: url },
      { endImage: expect.stringContaining("together with `image`") },
    ],
    [
      "an end image on 2.6",
      { ...base, image: url, endImage: url },
      { endImage: expect.stringContaining("absent: kling-2-6 takes") },
    ],
    [
      "sound on turbo",
      { ...turbo, sound: true },
      { sound: expect.stringContaining("absent: kling-2-5-turbo-pro takes") },
    ],
    ["sound as text", { ...base, sound: "on" }, { sound: "a boolean" }],
    [
      "a negative prompt on 2.6",
      { ...base, negativePrompt: "blur" },
      { negativePrompt: expect.stringContaining("absent") },
    ],
    [
      "a long negative prompt",
      { ...turbo, negativePrompt: "x".repeat(2501) },
      { negativePrompt: "at most 2500 characters" },
    ],
    ["a cfg scale above 1", { ...turbo, cfgScale: 1.1 }, { cfgScale: "at most 1" }],
    ["a cfg scale below 0", { ...turbo, cfgScale: -0.1 }, { cfgScale: "at least 0" }],
    ["a cfg scale between the steps", { ...turbo, cfgScale: 0.25 }, { cfgScale: "a multiple of 0.1" }],
    ["a cfg scale that is no number", { ...turbo, cfgScale: Number.NaN }, { cfgScale: "a number" }],
    [
      "3.0 std without a prompt",
      { model: "kling-3-0-std" },
      { prompt: expect.stringContaining("unless `motionVideo`") },
    ],
    ["a short 3.0 std video", { ...std, duration: 2 }, { duration: expect.stringContaining("3, 4, 5") }],
    ["a long 3.0 std video", { ...std, duration: 16 }, { duration: expect.stringContaining("14, 15") }],
    ["an end image on 3.0 std", { ...std, image: url, endImage: url }, { endImage: expect.stringContaining("absent") }],
    [
      "3.0 std's ratio with an image",
      { ...std, image: url, aspectRatio: "1:1" },
      { aspectRatio: expect.stringContaining("absent with `image`") },
    ],
    ["motion without its character", { ...std, motionVideo: url }, { motionVideo: expect.stringContaining("`image`") }],
    [
      "motion with a duration",
      { ...std, image: url, motionVideo: url, duration: 5 },
      { duration: expect.stringContaining("absent with `motionVideo`") },
    ],
    ["3.0 turbo without a prompt", { model: "kling-3-0-turbo", image: url }, { prompt: "a string" }],
    ["another resolution", { ...turbo3, resolution: "4k" }, { resolution: 'one of "720p", "1080p"' }],
    ["a long 3.0 turbo video", { ...turbo3, duration: 16 }, { duration: expect.stringContaining("14, 15") }],
    ["sound on 3.0 turbo", { ...turbo3, sound: true }, { sound: expect.stringContaining("absent") }],
    [
      "an end image on 3.0 turbo",
      { ...turbo3, image: url, endImage: url },
      { endImage: expect.stringContaining("absent") },
    ],
    [
      "2.1 without an image",
      { ...k21, image: undefined },
      { image: expect.stringContaining("unless `quality` is master") },
    ],
    ["a long 2.1 prompt", { ...k21, prompt: "x".repeat(5001) }, { prompt: "at most 5000 characters" }],
    ["another 2.1 quality", { ...k21, quality: "fast" }, { quality: 'one of "std", "pro", "master"' }],
    [
      "an end image in 2.1 std",
      { ...k21, endImage: url },
      { endImage: expect.stringContaining("unless `quality` is pro") },
    ],
    [
      "a long 2.1 negative prompt",
      { ...k21, negativePrompt: "x".repeat(501) },
      { negativePrompt: "at most 500 characters" },
    ],
    ["sound on 2.1", { ...k21, sound: true }, { sound: expect.stringContaining("absent") }],
    ["a long Veo prompt", { ...veo, prompt: "x".repeat(10_001) }, { prompt: "at most 10000 characters" }],
    ["another Veo quality", { ...veo, quality: "lite" }, { quality: 'one of "fast", "quality"' }],
    ["a Veo last frame without a first", { ...veo, endImage: url }, { endImage: expect.stringContaining("`image`") }],
    ["another Veo ratio", { ...veo, aspectRatio: "1:1" }, { aspectRatio: 'one of "16:9", "9:16", "auto"' }],
    ["half a seed", { ...veo, seed: 0.5 }, { seed: expect.any(String) }],
    ["a duration of Veo", { ...veo, duration: 8 }, { duration: expect.stringContaining("absent") }],
    ["another routing", { ...base, routing: "cheap" }, { routing: 'one of "auto", "value", "official"' }],
    ["an image that is no URL", { ...base, image: "cat.png" }, { image: "an http(s) URL, a data: URL or a Blob" }],
    ["a file without upload", { ...base, image: new Blob(["x"]) }, { image: expect.stringContaining("`upload`") }],
    [
      "a field that no page documents",
      { ...base, seed: 1 },
      { seed: expect.stringContaining("absent: kling-2-6 takes prompt, image") },
    ],
    [
      "an extraBody that is no JSON",
      { ...base, extraBody: { when: new Date() } },
      { extraBody: "a plain JSON object" },
    ],
    [
      "an extraBody over vidtask's own",
      { ...base, extraBody: { input: { prompt: "y" } } },
      { "extraBody.input.prompt": expect.any(String) },
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
    const withUpload = createApixo({ apiKey: "k", fetch: neverCalled, upload: async () => url });
    await expect(withUpload.submit({ ...base, image } as never)).rejects.toMatchObject({
      issues: [{ path: "image", rule: expect.stringContaining(rule) }],
    });
  });

  test("everything that is wrong is listed at once, options included", async () => {
    const request = { ...turbo, prompt: "", endImage: url, cfgScale: 2, duration: 6, sound: true };
    const issues = await issuesOf(request, { idempotencyKey: "k".repeat(65), callbackUrl: "http://example.com" });
    expect(Object.keys(issues).toSorted()).toEqual([
      "callbackUrl",
      "cfgScale",
      "duration",
      "endImage",
      "idempotencyKey",
      "prompt",
      "sound",
    ]);
  });

  test.each([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])(
    "a cfg scale of %s is within the steps",
    (cfgScale) => {
      expect(client.plan({ ...turbo, cfgScale }).body).toMatchObject({ input: { cfg_scale: cfgScale } });
    },
  );
});

describe("a callback URL is https, or loopback together with the base URL", () => {
  test.each(["http://example.com/cb", "http://127.0.0.1:1/cb", "ftp://example.com", "example.com", ""])(
    "%s is refused",
    async (callbackUrl) => {
      expect(await issuesOf(base, { callbackUrl })).toEqual({ callbackUrl: expect.stringContaining("https") });
    },
  );

  test("http to a public host stays refused when only the base URL is on loopback", async () => {
    expect(await issuesOf(base, { callbackUrl: "http://example.com/cb" }, loopback)).toHaveProperty("callbackUrl");
  });

  test("http on loopback is taken when the base URL is there too", async () => {
    await expect(
      loopback.submit(base, { callbackUrl: "http://localhost:1/cb", submitTimeout: 0 }),
    ).rejects.toMatchObject({
      code: "submit_unknown",
    });
  });
});

test("no price is printed, so a cap refuses instead of guessing", async () => {
  expect(await issuesOf(base, { maxPrice: 1 })).toEqual({ maxPrice: expect.stringContaining("prints no price") });
});

test.each([
  ["fast", 0.2],
  ["quality", 1.5],
])("veo-3-1 in %s costs $%d by older pages alone, and a plan says so", async (quality, usd) => {
  const { price, warnings } = client.plan({ ...veo, quality });
  expect(price).toMatchObject({ usd, contested: expect.stringContaining("older pages") });
  expect(warnings).toMatchObject([{ about: "price", kind: "contested" }]);
  expect(await issuesOf({ ...veo, quality }, { maxPrice: usd - 0.01 })).toHaveProperty("maxPrice");
});

test("a missing key is an error at the first call and names the variable", async () => {
  const { APIXO_API_KEY: saved } = process.env;
  delete process.env["APIXO_API_KEY"];
  const keyless: VideoClient = createApixo({ fetch: neverCalled });
  await expect(keyless.submit(base)).rejects.toThrow(/apiKey.*APIXO_API_KEY/);
  await expect(keyless.get({ vendor: "apixo", model: "kling-2-6", id: "x" })).rejects.toThrow(/APIXO_API_KEY/);
  if (saved !== undefined) process.env["APIXO_API_KEY"] = saved;
});
