import { describe, expect, test } from "vitest";
import general from "../../../../../fixtures/apixo/submit.general.request.json" with { type: "json" };
import { createEmulator } from "../../emulator.ts";
import { setState } from "../../given-state.ts";
import { isText } from "../../network/reply.ts";
import { checkOptions } from "../../options.ts";
import { apixoOf, error, textToVideo, turbo, urlOf } from "../../test/helpers.ts";
import { createWorld } from "../../world.ts";

const setup = (options: Parameters<typeof createEmulator>[0] = {}) => {
  const emulator = createEmulator({ clock: "manual", ...options });
  return { emulator, ...apixoOf(emulator) };
};
const K26 = "kling-2-6";
const K25 = "kling-2-5-turbo-pro";
const withInput = (change: object) => ({ ...textToVideo, input: { ...textToVideo.input, ...change } });
const without = (...names: string[]) => ({
  input: Object.fromEntries(Object.entries(textToVideo.input).filter(([name]) => !names.includes(name))),
});
const image = (change: object = {}) => ({
  input: {
    mode: "image-to-video",
    prompt: "x",
    duration: 5,
    sound: false,
    image_urls: ["https://a.test/1.png"],
    ...change,
  },
});
const turboWith = (change: object) => ({ input: { prompt: "x", ...change } });

describe("the key", () => {
  test.each([
    ["no header", ""],
    ["another key", "Bearer other"],
    ["another scheme", "Basic emulator-key-apixo"],
  ])("%s: 401 in a body without data", async (_, authorization) => {
    const { emulator, call } = setup();
    const headers: HeadersInit = authorization ? { authorization } : {};
    for (const path of ["/apikeys/current-balance", `/statusTask/${K26}?taskId=x`]) {
      const answer = await call(path, { headers });
      expect(answer).toEqual({ status: 401, body: { code: 401, message: "Invalid or missing API key" } });
    }
    expect((await call(`/generateTask/${K26}`, { method: "POST", headers, body: "{}" })).status).toBe(401);
    expect(JSON.stringify(emulator.requests)).not.toContain("other");
  });
});

describe("submit", () => {
  test("the images of the general body make no video of a picture", async () => {
    const { emulator, created, status } = setup();
    const taskId = await created(general);
    await emulator.clock.advance(200_000);
    expect((await status(taskId)).body.data).toMatchObject({ state: "success" });
    expect(emulator.callbacks).toEqual([]);
  });

  test("answers with a task id of the documented style, the same for the same seed and never the same twice", async () => {
    const ids = async (seed: number) => {
      const { created, emulator } = setup({ seed });
      const first = [await created(textToVideo), await created(turbo, K25)];
      emulator.reset();
      return [...first, await created(textToVideo)];
    };
    const [a, b, c] = [await ids(7), await ids(7), await ids(8)];
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
    expect(new Set(a).size).toBe(3);
    expect(a.every((id) => /^task_\d{8}$/.test(id))).toBe(true);
    const answer = await setup({ seed: 7 }).submit(textToVideo);
    expect(answer).toEqual({ status: 200, body: { code: 200, message: "success", data: { taskId: a[0] } } });
  });

  test.each<[string, string, object]>([
    ["the general body that the page of kling-2-6 prints", K26, general],
    ["the documented text-to-video example", K26, textToVideo],
    ["an image", K26, image()],
    ["two images", K26, image({ image_urls: ["https://a.test/1.png", "https://a.test/2.png"] })],
    ["a prompt of exactly 1000 characters beyond the basic plane", K26, withInput({ prompt: "😀".repeat(1000) })],
    [
      "every field of turbo",
      K25,
      { ...textToVideo, input: { ...without("sound").input, negative_prompt: "blur", cfg_scale: 0.7 } },
    ],
    ["turbo's defaults", K25, turbo],
    ["a prompt of 2500 characters", K25, turboWith({ prompt: "x".repeat(2500) })],
    [
      "two images for turbo",
      K25,
      turboWith({ mode: "image-to-video", image_urls: ["https://a.test/1.png", "https://a.test/2.png"] }),
    ],
    [
      "a callback to public https",
      K26,
      { ...textToVideo, request_type: "callback", callback_url: "https://app.test/cb" },
    ],
    ...[0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1].map((cfg_scale): [string, string, object] => [
      `cfg_scale ${cfg_scale}`,
      K25,
      turboWith({ cfg_scale }),
    ]),
  ])("accepts %s", async (_, model, body) => {
    const { emulator, submit } = setup();
    expect(await submit(body, model)).toMatchObject({ status: 200, body: { code: 200, message: "success" } });
    expect(emulator.requests[0]?.undocumented).toBeUndefined();
  });

  test.each<[string, string, object]>([
    ["input", K26, {}],
    ["input.mode", K26, without("mode")],
    ["input.prompt", K26, without("prompt")],
    ["input.prompt", K26, withInput({ prompt: null })],
    ["input.duration", K26, without("duration")],
    ["input.sound", K26, without("sound")],
    ["input.image_urls", K26, image({ image_urls: undefined })],
    ["input.prompt", K25, { input: {} }],
    ["input.image_urls", K25, turboWith({ mode: "image-to-video" })],
    ["callback_url", K26, { ...textToVideo, request_type: "callback" }],
  ])("names a missing %s in the documented words", async (field, model, body) => {
    const { emulator, submit } = setup();
    expect(await submit(body, model)).toEqual({
      status: 400,
      body: { code: 400, message: "Invalid request", data: { error: `Missing required field: ${field}` } },
    });
    expect(emulator.ledger).toEqual([]);
  });

  test.each<[string, string, object, string]>([
    ["input.mode", K26, withInput({ mode: "video-to-video" }), "must be text-to-video or image-to-video"],
    ["input.prompt", K26, withInput({ prompt: "" }), "a string of 1 to 1000 characters"],
    ["input.prompt", K26, withInput({ prompt: "x".repeat(1001) }), "a string of 1 to 1000 characters"],
    ["input.prompt", K25, turboWith({ prompt: "x".repeat(2501) }), "a string of 1 to 2500 characters"],
    ["input.prompt", K26, withInput({ prompt: 7 }), "a string"],
    ["input.duration", K26, withInput({ duration: 7 }), "must be 5 or 10"],
    ["input.duration", K26, withInput({ duration: "5" }), "must be 5 or 10"],
    ["input.duration", K25, turboWith({ duration: 5.5 }), "must be 5 or 10"],
    ["input.sound", K26, withInput({ sound: "true" }), "must be true or false"],
    ["input.aspect_ratio", K26, withInput({ aspect_ratio: "4:3" }), "must be 16:9, 9:16 or 1:1"],
    ["input.aspect_ratio", K26, image({ aspect_ratio: "1:1" }), "only with mode text-to-video"],
    [
      "input.aspect_ratio",
      K25,
      turboWith({ ...image().input, sound: undefined, aspect_ratio: "1:1" }),
      "only with mode text-to-video",
    ],
    ["input.image_urls", K25, turboWith({ image_urls: ["https://a.test/1.png"] }), "only with mode image-to-video"],
    ["input.image_urls", K26, image({ image_urls: [] }), "1 or 2 URLs"],
    ["input.image_urls", K26, image({ image_urls: ["a", "b", "c"] }), "1 or 2 URLs"],
    ["input.image_urls", K26, image({ image_urls: "https://a.test/1.png" }), "1 or 2 URLs"],
    ["input.negative_prompt", K25, turboWith({ negative_prompt: "x".repeat(2501) }), "0 to 2500"],
    ...[-0.1, 1.1, 0.25, "0.5"].map((cfg_scale): [string, string, object, string] => [
      "input.cfg_scale",
      K25,
      turboWith({ cfg_scale }),
      "from 0 to 1 in steps of 0.1",
    ]),
    ["request_type", K26, { ...textToVideo, request_type: "sync" }, "must be async or callback"],
    ["provider", K26, { ...textToVideo, provider: "cheap" }, "must be auto, value or official"],
    ["input", K26, { input: [] }, "must be an object"],
    ...["http://app.test/cb", "https://localhost/cb", "https://10.0.0.1/cb", "https://[::1]/cb", "app", 7].map(
      (callback_url): [string, string, object, string] => [
        "callback_url",
        K26,
        { ...textToVideo, request_type: "callback", callback_url },
        "public HTTPS URL",
      ],
    ),
  ])("refuses %s of %s that breaks its rule: %j", async (field, model, body, rule) => {
    const { emulator, submit } = setup();
    const answer = await submit(body, model);
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe(400);
    expect(answer.body.message).toBe("Invalid request");
    expect(error(answer)).toContain(`Invalid value for field: ${field} (`);
    expect(error(answer)).toContain(rule);
    expect(emulator.ledger).toEqual([]);
  });

  test.each([
    ["no JSON", "{", "application/json"],
    ["nothing", undefined, "application/json"],
    ["an array", "[]", "application/json"],
    ["null", "null", "application/json"],
    ["JSON under another type", JSON.stringify(textToVideo), "text/plain"],
  ])("refuses %s", async (_, body, type) => {
    const { emulator, call } = setup();
    const headers = { authorization: `Bearer ${emulator.for("apixo").apiKey}`, "content-type": type };
    const answer = await call(`/generateTask/${K26}`, { method: "POST", headers, ...(body && { body }) });
    expect(answer.status).toBe(400);
    expect(error(answer)).toMatch(/JSON object/);
  });

  test("refuses a body above 1 MiB", async () => {
    const { emulator, submit } = setup();
    const answer = await submit(withInput({ prompt: "x".repeat(2 ** 20) }));
    expect(answer.status).toBe(413);
    expect(emulator.requests[0]).not.toHaveProperty("body");
  });

  test("accepts undocumented fields and lists them in the log", async () => {
    const { emulator, submit } = setup();
    const body = { ...turbo, input: { ...turbo.input, sound: true, toString: 1 }, webhook: "x" };
    expect((await submit(body, K25)).status).toBe(200);
    expect(emulator.requests[0]).toMatchObject({ undocumented: ["webhook", "input.sound", "input.toString"], body });
  });
});

describe("status", () => {
  test.each<[string, object, number, number]>([
    [K26, textToVideo, 50_000, 70_000],
    [K26, withInput({ duration: 10 }), 80_000, 100_000],
    [K25, turbo, 30_000, 45_000],
    [K25, turboWith({ duration: 10 }), 45_000, 60_000],
  ])("%s goes pending, processing, success within the documented time", async (model, body, min, max) => {
    for (const seed of [1, 2, 3]) {
      const { emulator, created, status } = setup({ seed });
      const createTime = emulator.clock.now();
      const taskId = await created(body, model);
      const at = async (ms: number) => {
        await emulator.clock.advance(ms - emulator.clock.elapsed());
        return await status(taskId, model);
      };
      const data = { taskId, state: "pending", createTime };
      expect((await at(0)).body).toEqual({ code: 200, message: "success", data });
      expect((await at(min - 1)).body.data).toEqual({ ...data, state: "processing" });
      const done = await at(max);
      const completeTime = done.body.data["completeTime"] as number;
      expect(done.body.data).toEqual({
        ...data,
        state: "success",
        resultJson: JSON.stringify({ resultUrls: [`https://emulator.test/results/apixo/${taskId}.mp4`] }),
        completeTime,
        costTime: completeTime - createTime,
      });
      expect(completeTime - createTime).toBeGreaterThanOrEqual(min);
      expect(completeTime - createTime).toBeLessThanOrEqual(max);
    }
  });

  test("an image that cannot be accessed fails the task in the documented words", async () => {
    const { emulator, created, status } = setup();
    for (const url of ["https://img.invalid/x.png", "no url", "ftp://a.test/x.png"]) {
      const taskId = await created(image({ image_urls: [url] }));
      await emulator.clock.advance(70_000);
      expect((await status(taskId)).body.data).toEqual({
        taskId,
        state: "failed",
        failCode: "INVALID_IMAGE_URL",
        failMsg: "Cannot access provided image URL",
      });
    }
    expect(emulator.ledger).toHaveLength(3); // no refunds are documented
  });

  test("an unknown task, another model's task and an unknown model are 404", async () => {
    const { created, status, submit, call } = setup();
    const id = await created(textToVideo);
    const messages = [
      await status("task_0"),
      await status(id, K25),
      await status(id, "kling-9"),
      await submit(textToVideo, "kling-9"),
      await submit(textToVideo, "constructor"),
      await call("/generateTask"),
      await call("/statusTask/%E0%A4%A?taskId=x"),
    ];
    expect(messages.map(({ status: code, body }) => [code, body.code, body.data])).toEqual(
      messages.map(() => [404, 404, null]),
    );
  });

  test("a missing taskId is refused, an undocumented parameter is logged", async () => {
    const { emulator, call } = setup();
    expect(error(await call(`/statusTask/${K26}?task_id=x`))).toBe("Missing required field: taskId");
    expect(emulator.requests[0]).toEqual({
      vendor: "apixo",
      method: "GET",
      path: `/api/v1/statusTask/${K26}?task_id=x`,
      status: 400,
      undocumented: ["?task_id"],
    });
  });
});

describe("money", () => {
  test("a task costs a flat 0.10, a refused one nothing", async () => {
    const { emulator, balance, created, submit } = setup({ credits: 74.87 });
    expect((await balance()).body).toEqual({ code: 200, message: "success", data: 74.87 });
    const taskId = await created(textToVideo);
    await submit({});
    expect(emulator.ledger).toEqual([{ vendor: "apixo", taskId, usd: 0.1, kind: "charge" }]);
    expect((await balance()).body.data).toBe(74.77);
  });

  test("a short balance refuses in the documented words", async () => {
    const { emulator, balance, submit } = setup({ credits: 0.3 });
    for (let i = 0; i < 3; i++) expect((await submit(textToVideo)).status).toBe(200);
    expect((await balance()).body.data).toBe(0);
    expect(await submit(textToVideo)).toEqual({
      status: 400,
      body: { code: 400, message: "Insufficient credits", data: null },
    });
    expect(emulator.ledger).toHaveLength(3);
    emulator.reset();
    expect((await submit(textToVideo)).status).toBe(200);
  });
});

describe("limits", () => {
  test("the 10001st request of a minute meets 429, and a minute later none", async () => {
    const { handle, clock, parts } = createWorld(checkOptions({ clock: "manual", vendors: ["apixo"] }));
    const headers = { authorization: "Bearer emulator-key-apixo" };
    const base = "http://127.0.0.1";
    const balance = async () => {
      const asked = new Request(`${base}/api/v1/apikeys/current-balance`, { headers });
      const reply = await handle(asked, { reused: false, base });
      const response = "response" in reply ? reply.response : undefined;
      return response && (isText(response) ? { status: response.status, text: response.text } : response);
    };
    expect(await balance()).toMatchObject({ status: 200 });
    for (let taken = 1; taken < 9_999; taken++) parts[0]?.context.requests.take();
    expect(await balance()).toMatchObject({ status: 200 });
    const text = JSON.stringify({ code: 429, message: "Rate limit exceeded", data: null });
    expect(await balance()).toEqual({ status: 429, text });
    await clock.advance(59_999);
    expect(await balance()).toMatchObject({ status: 429 });
    await clock.advance(1);
    expect(await balance()).toMatchObject({ status: 200 });
  });

  test("the 1001st task at a time meets 429 and costs nothing, until one has ended", async () => {
    const { emulator, submit } = setup({ credits: 1000 });
    await Promise.all(Array.from({ length: 1000 }, () => submit(textToVideo)));
    expect(await submit(textToVideo)).toMatchObject({ status: 429, body: { code: 429 } });
    expect(emulator.ledger).toHaveLength(1000);
    await emulator.clock.advance(70_000);
    expect((await submit(textToVideo)).status).toBe(200);
  });

  test("reset lifts a limit that was reached", async () => {
    const { emulator, balance } = setup();
    setState(emulator, { vendor: "apixo", rateLimited: true });
    expect((await balance()).status).toBe(429);
    emulator.reset();
    expect((await balance()).status).toBe(200);
  });
});

test("the result of a task is where its status says", async () => {
  const { emulator, created, status } = setup();
  const id = await created(textToVideo);
  await emulator.clock.advance(70_000);
  const file = await emulator.fetch(urlOf(await status(id)));
  expect(file.status).toBe(200);
  expect(file.headers.get("content-type")).toBe("video/mp4");
  await file.body?.cancel();
});
