// Between canonical words and APIModels': requests as documented, every price, every failure, every damaged body.
import { describe, expect, test } from "vitest";
import balance from "../../../fixtures/apimodels/balance.json" with { type: "json" };
import callbackCompleted from "../../../fixtures/apimodels/callback.completed.json" with { type: "json" };
import callbackFailed from "../../../fixtures/apimodels/callback.failed.json" with { type: "json" };
import completed from "../../../fixtures/apimodels/status.completed.json" with { type: "json" };
import failed from "../../../fixtures/apimodels/status.failed.json" with { type: "json" };
import pending from "../../../fixtures/apimodels/status.pending.json" with { type: "json" };
import accepted from "../../../fixtures/apimodels/submit.accepted.json" with { type: "json" };
import text from "../../../fixtures/apimodels/submit.text-to-video.request.json" with { type: "json" };
import {
  createAPIModels,
  ProtocolError,
  SubmitUnknownError,
  VendorError,
  type APIModelsRequest,
  type Task,
} from "./index.ts";

const ref = { vendor: "apimodels", model: "kling-v2-6", id: "clxxx" };
const KEY = "a-secret-key";

const clientFor = (body: unknown, status = 200) =>
  createAPIModels({
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
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const client = createAPIModels();
const image = "https://example.com/a.png";

describe("requests", () => {
  test("the documented example comes out of its canonical request, member by member", () => {
    const plan = client.plan({ model: "kling-v2-6", prompt: text.prompt, aspectRatio: "16:9" });
    expect(json(plan.body)).toEqual(text);
  });

  test("a plan shows what is written without being asked, the expected time and how long a result lives", () => {
    const plan = client.plan({ model: "kling-v3", prompt: "x" });
    expect(plan.request).toMatchObject({ duration: 5, quality: "std", sound: false });
    expect(json(plan.body)).toEqual({ model: "kling-v3", prompt: "x", mode: "std", duration: "5", sound: "off" });
    expect(plan).toMatchObject({ expected: { minMs: 142_000, maxMs: 486_000 }, resultUrlLifeMs: 7 * 86_400_000 });
  });

  test("audio is said wherever the price depends on it, and nowhere else", () => {
    const base = { model: "kling-v2-6", prompt: "x" } as const;
    expect(json(client.plan(base).body)).not.toHaveProperty("sound");
    expect(client.plan({ ...base, quality: "pro" }).body).toMatchObject({ sound: "off" });
    expect(client.plan({ ...base, quality: "pro", sound: true }).body).toMatchObject({ sound: "on" });
    expect(client.plan({ model: "kling-v3", prompt: "x", sound: true }).body).toMatchObject({ sound: "on" });
  });

  test("motion control sends its two files and nothing that it does not know", () => {
    const motionVideo = new URL("https://example.com/dance.mp4");
    const { body } = client.plan({ model: "kling-motion-control", image: new URL(image), motionVideo });
    expect(json(body)).toEqual({ model: "kling-motion-control", image, motion_video: motionVideo.href });
  });

  test("undocumented fields pass through extraBody, beside the documented ones", () => {
    const request = { model: "kling-motion-control", image, motionVideo: image } as const;
    const { body } = client.plan({ ...request, extraBody: { mode: "pro" } });
    expect(body).toMatchObject({ motion_video: image, mode: "pro" });
  });
});

describe("prices", () => {
  const voiced = { prompt: "<<<voice_1>>>", voices: ["v"] };
  const v26: [usd: number, request: object][] = [
    [0.0159, { duration: 5 }],
    [0.032, { duration: 10 }],
    [0.0267, { quality: "pro", duration: 5 }],
    [0.0531, { quality: "pro", duration: 10 }],
    [0.0531, { quality: "pro", sound: true, duration: 5 }],
    [0.1064, { quality: "pro", sound: true, duration: 10 }],
    [0.0639, { quality: "pro", sound: true, ...voiced, duration: 5 }],
    [0.1275, { quality: "pro", sound: true, ...voiced, duration: 10 }],
  ];
  test.each(v26)("kling-v2-6 costs %d for %o", (usd, fields) => {
    const { price } = client.plan({ model: "kling-v2-6", prompt: "x", ...fields });
    expect(price).toEqual({ usd, source: expect.stringContaining("price table") });
  });

  const v3: [perSecond: number, request: object][] = [
    [0.0633, {}],
    [0.0956, { sound: true }],
    [0.0853, { quality: "pro" }],
    [0.128, { quality: "pro", sound: true }],
  ];
  test.each(v3)("kling-v3 costs %d a second for %o, and the page's contradiction is told", (perSecond, fields) => {
    const cases = (["kling-v3", "kling-v3-omni"] as const).flatMap((model) =>
      ([3, 5, 7, 15] as const).map((duration) => ({ model, duration })),
    );
    for (const { model, duration } of cases) {
      const { price, warnings } = client.plan({ model, prompt: "x", duration, ...fields });
      expect(price?.usd).toBe(Number((perSecond * duration).toFixed(4)));
      expect(price?.contested).toContain("0.0064");
      expect(warnings).toContainEqual({ about: "price", kind: "contested", message: price?.contested });
    }
  });

  test("a second of kling-video-o1 costs as one of kling-v3, as contested", () => {
    const price = (quality: "std" | "pro") =>
      client.plan({ model: "kling-video-o1", prompt: "x", duration: 10, quality }).price;
    expect(price("std")).toMatchObject({ usd: 0.633, contested: expect.stringContaining("0.0064") });
    expect(price("pro")).toMatchObject({ usd: 0.853, source: expect.stringContaining("kling-omni-video") });
  });

  test("motion control has no price, so a cap refuses instead of guessing", async () => {
    const request: APIModelsRequest = { model: "kling-motion-control", image, motionVideo: image };
    expect(client.plan(request)).not.toHaveProperty("price");
    await expect(clientFor(accepted).submit(request, { maxPrice: 5 })).rejects.toMatchObject({
      issues: [{ path: "maxPrice" }],
    });
  });

  test("a cap below the price refuses before anything is sent", async () => {
    const request: APIModelsRequest = { model: "kling-v2-6", prompt: "x", quality: "pro" };
    const refused = clientFor(accepted).submit(request, { maxPrice: 0.02 });
    await expect(refused).rejects.toMatchObject({
      issues: [{ path: "maxPrice", rule: expect.stringContaining("0.0267") }],
    });
    expect((await clientFor(accepted).submit(request, { maxPrice: 0.0267 })).id).toBe("clxxx");
  });
});

describe("failures", () => {
  test.each([
    ["CONTENT_MODERATION", "content_rejected"],
    ["UPSTREAM_BUSY", "upstream"],
    ["TIMEOUT", "timeout"],
    ["SOMETHING_NEW", "unknown"],
    ["constructor", "unknown"],
  ])("%s is %s, and the vendor's word is kept", async (failCode, code) => {
    const task = await read({ ...failed, data: { ...failed.data, failCode, failMsg: "no" } });
    expect(task).toMatchObject({
      state: "failed",
      failure: { code, vendorCode: failCode, message: "no", billed: "no" },
    });
  });

  test("the documented example has a text and no code", async () => {
    expect(await read(failed)).toEqual({
      ...ref,
      state: "failed",
      failure: { code: "content_rejected", message: "Content policy violation", billed: "no" },
    });
  });

  test("a failure without code and text is still one", async () => {
    const task = await read({ code: 200, msg: "success", data: { state: "failed", failCode: null, failMsg: null } });
    expect(task).toMatchObject({
      state: "failed",
      failure: { code: "unknown", message: "the vendor gives no reason", billed: "no" },
    });
  });
});

describe("an error may arrive as HTTP status or as `code`", () => {
  test.each([
    ["invalid_request", 400],
    ["unauthorized", 401],
    ["insufficient_credits", 402],
    ["not_found", 404],
    ["internal", 500],
    // Not on the page, but what any gateway may say.
    ["forbidden", 403],
    ["rate_limited", 429],
    ["upstream", 503],
  ])("%s (%i)", async (code, status) => {
    for (const [body, http] of [
      [{ code: status, msg: "x" }, status],
      [{ code: status, msg: "x" }, 200],
      ["", status],
      ["<html></html>", status],
      [{ error: { message: "x" } }, status],
    ] as const) {
      const error = await errorOf(read(body, http));
      expect(error).toMatchObject({ name: "VendorError", code, status: http, ref });
    }
  });

  test.each<[name: string, body: unknown]>([
    ["msg", { code: 400, msg: "Invalid model: kling-9" }],
    ["error.message", { error: { message: "Invalid model: kling-9" } }],
    ["error", { error: "Invalid model: kling-9" }],
  ])("the vendor's words are read from `%s`", async (_name, body) => {
    expect(await errorOf(read(body, 400))).toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("Invalid model: kling-9"),
    });
  });

  test("a code that is no HTTP status is an error all the same", async () => {
    expect(await errorOf(read({ code: 1001, msg: "x", data: null }))).toMatchObject({ code: "unknown", status: 200 });
  });

  test("a success in the body under an error status is an error too", async () => {
    expect(await errorOf(read(completed, 500))).toMatchObject({ name: "VendorError", code: "internal" });
  });

  test("a submit refused under HTTP 200 is not billed; one that broke there is unknown", async () => {
    const request: APIModelsRequest = { model: "kling-v2-6", prompt: "x" };
    const refused = await errorOf(clientFor({ code: 402, msg: "x" }).submit(request));
    expect(VendorError.isInstance(refused) && [refused.code, refused.billed]).toEqual(["insufficient_credits", "no"]);
    const broken = await errorOf(clientFor({ code: 500, msg: "x" }).submit(request));
    expect(SubmitUnknownError.isInstance(broken) && broken.billed).toBe("unknown");
  });
});

describe("a body that is read", () => {
  const urls = [{ url: "https://r2.apimodels.app/videos/xxx.mp4" }];
  const times = { createdAt: "2024-01-13T05:24:10.000Z", completedAt: "2024-01-13T05:25:00.000Z" };
  const data = (changes: object) => ({ ...completed, data: { ...completed.data, ...changes } });

  test("of a poll, with its result in `data`", async () => {
    const expiresAt = "2024-01-20T05:25:00.000Z";
    expect(await read(completed)).toEqual({
      ...ref,
      ...times,
      state: "succeeded",
      videos: [{ ...urls[0], expiresAt }],
    });
  });

  test("of a poll without a completion time keeps the video", async () => {
    expect(await read({ data: { state: "completed", resultUrls: [urls[0]?.url], createTime: null } })).toEqual({
      ...ref,
      state: "succeeded",
      videos: urls,
    });
  });

  test("of a callback, with its result as JSON in a string, and its details", async () => {
    expect(await read(callbackCompleted)).toMatchObject({
      ...times,
      state: "succeeded",
      videos: [
        { ...urls[0], duration: 5, width: 1280, height: 720, thumbnailUrl: "https://r2.apimodels.app/videos/xxx.jpg" },
      ],
    });
    expect(await read(callbackFailed)).toMatchObject({ state: "failed", failure: { code: "content_rejected" } });
  });

  test("with both, the URLs are those of the poll", async () => {
    const resultJson = '{"resultUrls":["https://a.test/other.mp4"],"videoDuration":5}';
    expect(await read(data({ resultJson }))).toMatchObject({ videos: [{ ...urls[0], duration: 5 }] });
  });

  test.each([null, "", "{", "null", "[]", 7, {}, '{"resultUrls":"x"}'])(
    "a resultJson of %j does not cost a result that is there",
    async (resultJson) => {
      expect(await read(data({ resultJson }))).toMatchObject({ state: "succeeded", videos: urls });
    },
  );

  test.each(["COMPLETED", "Completed", " completed "])("with the state %j", async (state) => {
    expect(await read(data({ state }))).toMatchObject({ state: "succeeded" });
  });

  test.each([
    ["a list with bad ones", { resultUrls: [null, `\n${urls[0]?.url} `, 7, urls[0]?.url, "nope"] }],
    ["one text in place of a list", { resultUrls: urls[0]?.url }],
    ["a bad list, beside a good one in resultJson", { resultUrls: [null], resultJson: { resultUrls: [urls[0]?.url] } }],
  ])("from resultUrls that are %s", async (_name, changes) => {
    expect(await read(data(changes))).toMatchObject({ videos: urls });
  });

  test.each(["soon", "1705123450000", -1, {}, null, [], true])(
    "with %j in place of every time, word and number",
    async (odd) => {
      const odds = { taskId: odd, model: odd, createTime: odd, completeTime: odd, failCode: odd, failMsg: odd };
      expect(await read({ ...data(odds), msg: odd })).toMatchObject({ state: "succeeded", videos: urls });
    },
  );

  test.each([0, 1001, 500, "200", null])("beside the code %j, which is no success", async (code) => {
    expect(await read({ ...completed, code })).toMatchObject({ state: "succeeded" });
  });

  test("details that are not as documented are left out", async () => {
    const details = { videoDuration: "5", thumbnailUrl: "javascript:alert(1)", videoSize: "big" };
    const resultJson = JSON.stringify({ resultUrls: [urls[0]?.url], ...details });
    const task = await read({ data: { state: "completed", resultJson } });
    expect(task).toEqual({ ...ref, state: "succeeded", videos: urls });
  });

  test("several results have no details: no page says whose they are", async () => {
    const two = ["https://a.test/1.mp4", "https://a.test/2.mp4"];
    const details = { videoDuration: 5, videoSize: "1280x720", thumbnailUrl: "https://a.test/1.jpg" };
    const resultJson = JSON.stringify({ resultUrls: two, ...details });
    const task = await read({ data: { state: "completed", resultJson } });
    expect(task).toHaveProperty(
      "videos",
      two.map((url) => ({ url })),
    );
  });

  test("with times in seconds", async () => {
    expect(await read(data({ createTime: 1705123450, completeTime: 1705123500 }))).toMatchObject(times);
  });

  test("of a pending task", async () => {
    expect(await read(pending)).toMatchObject({ ...ref, state: "pending", nextPollAt: expect.any(String) });
  });

  test("of a balance, with or without what is frozen", async () => {
    expect(await clientFor(balance).balance?.()).toEqual({ usd: 9.9733, reserved: 0.0267 });
    expect(await clientFor({ data: { balance: 1, frozen: null } }).balance?.()).toEqual({ usd: 1 });
    expect(await clientFor({ data: { balance: "1", frozen: "0.5" } }).balance?.()).toEqual({ usd: 1, reserved: 0.5 });
    expect(await clientFor({ data: { balance: 1, frozen: "much" } }).balance?.()).toEqual({ usd: 1 });
    expect(await errorOf(clientFor({ data: { balance: "much" } }).balance?.() ?? Promise.resolve())).toMatchObject({
      code: "protocol",
      path: "data.balance",
    });
  });

  test.each<[name: string, body: unknown, path: string | undefined]>([
    ["HTML", "<html></html>", undefined],
    ["nothing", "", undefined],
    ["half of it", JSON.stringify(completed).slice(0, 60), undefined],
    ["null", "null", undefined],
    ["no data", { code: 200, msg: "success", data: null }, "data"],
    ["an unknown state", data({ state: "success" }), "data.state"],
    ["no state", data({ state: undefined }), "data.state"],
    ["a state of another type", data({ state: 1 }), "data.state"],
    ["no result", data({ resultUrls: undefined }), "videos"],
    ["an empty result", data({ resultUrls: [], resultJson: '{"resultUrls":[]}' }), "videos"],
    ["a result that is no text", data({ resultUrls: [1] }), "videos"],
    ["a result that is no URL", data({ resultUrls: ["nope"] }), "videos"],
    ["a callback's result that is no JSON", { data: { state: "completed", resultJson: "{" } }, "videos"],
  ])("%s is a ProtocolError with its path", async (_name, body, path) => {
    const error = await errorOf(read(body));
    if (!ProtocolError.isInstance(error)) throw error;
    expect(error.path).toBe(path);
    expect(error.excerpt.length).toBeLessThanOrEqual(500);
    expect(error).toMatchObject({ vendor: "apimodels", phase: "poll", ref });
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

  test("a failure whose words are no text is still the end of its task", async () => {
    const task = await read({ data: { state: "failed", failCode: 7, failMsg: {} } });
    expect(task).toMatchObject({
      state: "failed",
      failure: { code: "unknown", message: "the vendor gives no reason" },
    });
  });

  test("an accepted answer without an id at its place is never taken for a refusal", async () => {
    const request: APIModelsRequest = { model: "kling-v2-6", prompt: "x" };
    for (const body of [{ code: 200, data: null }, { code: 200, data: { id: "clxxx" } }, "null", ""])
      expect(SubmitUnknownError.isInstance(await errorOf(clientFor(body).submit(request)))).toBe(true);
  });

  test("an excerpt holds neither the key nor the query of a URL", async () => {
    const error = await errorOf(read(`<p>${KEY} https://cdn.test/v.mp4?signature=abc</p>`));
    expect(JSON.stringify(error)).not.toMatch(/a-secret-key|signature/);
  });
});

describe("APIModels, or a gateway before it", () => {
  const pages = ["", "<title>Just a moment...</title>", "Forbidden", {}, null, [], { message: "Forbidden" }];
  const more = [{ detail: "no" }, { error: "no" }, { error: { code: 403, message: "no" } }];

  test.each([401, 403, 429])("a page under %i in another shape passes, and does not blame the key", async (status) => {
    for (const page of [...pages, ...more]) {
      const error = await errorOf(read(page, status));
      expect([page, error]).toEqual([page, expect.objectContaining({ name: "VendorError", status, retryable: true })]);
      expect(String(error)).toContain("these are not apimodels's words");
      expect(String(error)).not.toMatch(/API_KEY|`apiKey`/);
    }
  });

  test("a key refused in its own words does not pass", async () => {
    const error = await errorOf(read({ code: 401, msg: "x" }, 401));
    expect(error).toMatchObject({ code: "unauthorized", retryable: false });
    expect(String(error)).toContain("APIMODELS_API_KEY");
  });
});
