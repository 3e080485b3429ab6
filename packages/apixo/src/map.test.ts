// Between canonical words and APIXO's: requests as documented, every failure code, every way a body can be wrong.
import { describe, expect, test } from "vitest";
import insufficientCredits from "../../../fixtures/apixo/error.insufficient-credits.json" with { type: "json" };
import invalidRequest from "../../../fixtures/apixo/error.invalid-request.json" with { type: "json" };
import unauthorized from "../../../fixtures/apixo/error.unauthorized.json" with { type: "json" };
import failed from "../../../fixtures/apixo/status.failed.json" with { type: "json" };
import success from "../../../fixtures/apixo/status.success.json" with { type: "json" };
import text from "../../../fixtures/apixo/submit.text-to-video.request.json" with { type: "json" };
import { createApixo, ProtocolError, VendorError, type Task } from "./index.ts";

const ref = { vendor: "apixo", model: "kling-2-6", id: "task_12345678" };
const KEY = "a-secret-key";

const clientFor = (body: unknown, status = 200) =>
  createApixo({
    apiKey: KEY,
    fetch: (async () =>
      new Response(typeof body === "string" ? body : JSON.stringify(body), { status })) as typeof fetch,
  });
const read = (body: unknown, status = 200): Promise<Task> => clientFor(body, status).get(ref);
const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "no error",
    (error: unknown) => error,
  );

describe("requests", () => {
  const client = createApixo();

  test("the documented example comes out of its canonical request, member by member", () => {
    const { prompt } = text.input;
    const plan = client.plan({
      model: "kling-2-6",
      prompt,
      duration: 10,
      sound: true,
      aspectRatio: "16:9",
      routing: "value",
    });
    expect(JSON.parse(JSON.stringify(plan.body))).toEqual(text);
  });

  test("a plan shows what is written without being asked, the documented time and life, and no price", () => {
    const plan = client.plan({ model: "kling-2-6", prompt: "x" });
    expect(plan).toMatchObject({ request: { duration: 5, sound: false }, expected: { minMs: 50_000, maxMs: 70_000 } });
    expect(plan.resultUrlLifeMs).toBe(24 * 3_600_000);
    expect(plan).not.toHaveProperty("price");
    expect(client.plan({ model: "kling-2-6", prompt: "x", duration: 10 }).expected).toEqual({
      minMs: 80_000,
      maxMs: 100_000,
    });
    const turbo = { model: "kling-2-5-turbo-pro", prompt: "x" } as const;
    expect(client.plan(turbo).expected).toEqual({ minMs: 30_000, maxMs: 45_000 });
    expect(client.plan({ ...turbo, duration: 10 }).expected).toEqual({ minMs: 45_000, maxMs: 60_000 });
  });

  test("start and end frame are sent in this order", () => {
    const frames = { image: new URL("https://example.com/a.jpg"), endImage: "https://example.com/b.jpg" };
    const { body } = client.plan({ model: "kling-2-5-turbo-pro", prompt: "x", ...frames });
    expect(body).toMatchObject({
      input: { mode: "image-to-video", image_urls: ["https://example.com/a.jpg", "https://example.com/b.jpg"] },
    });
  });

  test("undocumented fields pass through extraBody, beside the documented ones", () => {
    const { body } = client.plan({ model: "kling-2-6", prompt: "x", extraBody: { input: { seed: 7 } } });
    expect(body).toMatchObject({ input: { prompt: "x", seed: 7 } });
  });
});

describe("how long a task took", () => {
  test("is the vendor's own number", async () => {
    expect(await read(success)).toMatchObject({ state: "succeeded", processingMs: 41_388 });
  });

  test.each([[null], ["41388"], [undefined]])("is absent where it is no number: %j", async (costTime) => {
    const task = await read({ ...success, data: { ...success.data, costTime } });
    expect(task).toMatchObject({ state: "succeeded" });
    expect(task).not.toHaveProperty("processingMs");
  });
});

describe("failure codes", () => {
  test.each([
    ["CONTENT_VIOLATION", "content_rejected"],
    ["INVALID_IMAGE_URL", "invalid_media"],
    ["NSFW_DETECTED", "content_rejected"],
    ["PROMPT_TOO_LONG", "invalid_request"],
    ["INVALID_PROMPT", "invalid_request"],
    ["IMAGE_TOO_LARGE", "invalid_media"],
    ["UNSUPPORTED_FORMAT", "invalid_media"],
    ["IMAGE_DOWNLOAD_FAILED", "invalid_media"],
    ["PROCESSING_TIMEOUT", "timeout"],
    ["MODEL_UNAVAILABLE", "upstream"],
    ["GENERATION_FAILED", "internal"],
    ["INSUFFICIENT_CREDITS", "insufficient_credits"],
    ["SensitiveContent", "content_rejected"],
    ["SensitiveContentDetected", "content_rejected"],
    ["InputImageSensitiveContentDetected", "content_rejected"],
    ["InputOutputSensitiveContentDetected", "content_rejected"],
    ["NSFW", "content_rejected"],
    ["ProhibitedContentDetected", "content_rejected"],
    ["PromptLengthExceeded", "invalid_request"],
    ["SOMETHING_NEW", "unknown"],
    ["constructor", "unknown"],
  ])("%s is %s, and the vendor's word is kept", async (failCode, code) => {
    const task = await read({ ...failed, data: { ...failed.data, failCode } });
    expect(task).toMatchObject({ state: "failed", failure: { code, vendorCode: failCode, billed: "unknown" } });
  });

  test("a failure without code and text is still one", async () => {
    const task = await read({
      code: 200,
      message: "success",
      data: { taskId: "t", state: "failed", failCode: null, failMsg: null },
    });
    expect(task).toMatchObject({
      state: "failed",
      failure: { code: "unknown", message: "the vendor gives no reason" },
    });
  });
});

describe("an error may arrive as HTTP status or as `code`", () => {
  test.each([
    ["insufficient_credits", 400, insufficientCredits],
    ["invalid_request", 400, invalidRequest],
    ["unauthorized", 401, unauthorized],
    ["insufficient_credits", 402, { code: 402, message: "x" }],
    ["forbidden", 403, { code: 403, message: "x" }],
    ["not_found", 404, { code: 404, message: "x" }],
    ["rate_limited", 429, { code: 429, message: "x" }],
    ["internal", 500, { code: 500, message: "x" }],
    ["upstream", 503, { code: 503, message: "x" }],
  ])("%s (%i)", async (code, status, body) => {
    for (const http of [status, 200]) {
      const error = await errorOf(read(body, http));
      expect(error).toMatchObject({ name: "VendorError", code, status: http, ref });
    }
    // The status alone is enough: the bodies of most of these are documented nowhere.
    const bare = await errorOf(read("", status));
    expect(VendorError.isInstance(bare)).toBe(true);
  });

  test("a status of 200 with an error status from HTTP is an error too", async () => {
    expect(await errorOf(read(success, 500))).toMatchObject({ name: "VendorError", code: "internal" });
  });

  test("the detail of a bad request reaches the reader", async () => {
    expect(await errorOf(read(invalidRequest, 400))).toMatchObject({
      message: expect.stringContaining("Missing required field: input.prompt"),
    });
  });
});

const data = (changes: object) => ({ ...success, data: { ...success.data, ...changes } });
const video = { url: "https://cdn.test/v.mp4" };

describe("a paid video is read", () => {
  test.each(["SUCCESS", "Success", " success "])("with the state %j", async (state) => {
    expect(await read(data({ state }))).toMatchObject({ state: "succeeded" });
  });

  test.each([
    ["an object", { resultUrls: [video.url] }],
    ["a text with blanks", ` {"resultUrls":["${video.url}"]} `],
    ["a list with bad ones", { resultUrls: [null, `\n${video.url} `, 7, video.url, "nope"] }],
    ["one text in place of a list", { resultUrls: video.url }],
  ])("from a resultJson that is %s", async (_name, resultJson) => {
    expect(await read(data({ resultJson }))).toMatchObject({ videos: [video] });
  });

  test.each(["soon", "1767965610929", -1, {}, null, [], true])(
    "with %j in place of every time, word and number",
    async (odd) => {
      const odds = { createTime: odd, completeTime: odd, costTime: odd, failCode: odd, failMsg: odd, taskId: odd };
      expect(await read({ ...data(odds), message: odd })).toMatchObject({ state: "succeeded" });
    },
  );

  test.each([0, 1001, 500, "200", null])("beside the code %j, which is no success", async (code) => {
    expect(await read({ ...success, code })).toMatchObject({ state: "succeeded" });
  });
});

test("without a video the code is an error all the same", async () => {
  const { resultJson: _, ...rest } = success.data;
  for (const body of [data({ state: "processing" }), { ...success, data: rest }])
    expect(await errorOf(read({ ...body, code: 500 }))).toMatchObject({ name: "VendorError", code: "internal" });
});

test.each([74.87, "74.87", " 74.87 "])("a balance of %j is read", async (given) => {
  expect(await clientFor({ code: 200, data: given }).balance?.()).toEqual({ usd: 74.87 });
});

describe("a status body that is not as documented", () => {
  test.each<[name: string, body: unknown, path: string | undefined]>([
    ["HTML", "<html></html>", undefined],
    ["nothing", "", undefined],
    ["half of it", JSON.stringify(success).slice(0, 60), undefined],
    ["null", "null", undefined],
    ["no data", { code: 200, message: "success", data: null }, "data"],
    ["an unknown state", data({ state: "completed" }), "data.state"],
    ["no state", data({ state: undefined }), "data.state"],
    ["a state of another type", data({ state: 1 }), "data.state"],
    ["a resultJson that is no JSON", data({ resultJson: "{" }), "videos"],
    ["a resultJson without URLs", data({ resultJson: '{"resultUrls":[]}' }), "videos"],
    ["a resultJson with null", data({ resultJson: "null" }), "videos"],
    ["no resultJson", data({ resultJson: undefined }), "videos"],
    ["a result that is no URL", data({ resultJson: '{"resultUrls":["nope"]}' }), "videos"],
  ])("%s is a ProtocolError with its path", async (_name, body, path) => {
    const error = await errorOf(read(body));
    if (!ProtocolError.isInstance(error)) throw error;
    expect(error.path).toBe(path);
    expect(error.excerpt.length).toBeLessThanOrEqual(500);
    expect(error).toMatchObject({ vendor: "apixo", phase: "poll", ref });
  });

  test.each(["now", -1, 1e300, {}, null])(
    "a time that is %j costs no video that was paid for: it is left out",
    async (time) => {
      const task = await read(data({ createTime: time, completeTime: time }));
      expect(task.state).toBe("succeeded");
      expect(task.createdAt).toBeUndefined();
      expect(task.completedAt).toBeUndefined();
    },
  );

  test("unknown members, absent times and null are tolerated", async () => {
    const task = await read({
      code: 200,
      extra: 1,
      data: { state: "success", resultJson: '{"resultUrls":["https://a.test/v.mp4"],"x":1}', createTime: null },
    });
    expect(task).toEqual({ ...ref, state: "succeeded", videos: [{ url: "https://a.test/v.mp4" }] });
  });

  test("an excerpt holds neither the key nor the query of a URL", async () => {
    const error = await errorOf(read(`<p>${KEY} https://cdn.test/v.mp4?signature=abc</p>`));
    expect(JSON.stringify(error)).not.toMatch(/a-secret-key|signature/);
  });
});

describe("APIXO, or a gateway before it", () => {
  const pages = ["", "<title>Just a moment...</title>", "Forbidden", {}, null, [], { message: "Forbidden" }];
  const more = [{ detail: "no" }, { error: "no" }, { error: { code: 403, message: "no" } }];

  test.each([401, 403, 429])("a page under %i in another shape passes, and does not blame the key", async (status) => {
    for (const page of [...pages, ...more]) {
      const error = await errorOf(read(page, status));
      expect([page, error]).toEqual([page, expect.objectContaining({ name: "VendorError", status, retryable: true })]);
      expect(String(error)).toContain("these are not apixo's words");
      expect(String(error)).not.toMatch(/API_KEY|`apiKey`/);
    }
  });

  test("a key refused in its own words does not pass", async () => {
    const error = await errorOf(read(unauthorized, 401));
    expect(error).toMatchObject({ code: "unauthorized", retryable: false });
    expect(String(error)).toContain("APIXO_API_KEY");
  });
});
