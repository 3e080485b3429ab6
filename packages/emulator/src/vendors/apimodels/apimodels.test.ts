import { describe, expect, test } from "vitest";
import { createEmulator } from "../../emulator.ts";
import { setState } from "../../given-state.ts";
import { caller } from "../../test/helpers.ts";
import { makeVideo, secondsOf } from "../../video.ts";
import { models } from "./models.ts";

type Data = Record<string, unknown> & { taskId: string; publicUrl: string; uploadUrl: string; resultUrls: string[] };
type Body = { code: number; msg: string; data: Data };

const [V2, V3, MOTION] = ["kling-v2-6", "kling-v3", "kling-motion-control"];
const [IMAGE, VIDEO] = ["https://a.test/1.png", "https://a.test/1.mp4"];
/** The documented example. */
const text = (change: object = {}) => ({
  model: V2,
  prompt: "A girl dancing on the beach at sunset, cinematic lighting",
  mode: "std",
  duration: "5",
  aspect_ratio: "16:9",
  ...change,
});
const motion = (change: object = {}) => ({ model: MOTION, image: IMAGE, motion_video: VIDEO, ...change });
const DAY = 86_400_000;

function setup(options: Parameters<typeof createEmulator>[0] = {}) {
  const emulator = createEmulator({ clock: "manual", ...options });
  const target = emulator.for("apimodels");
  const call = caller<Body>(target);
  const post = (path: string, body: unknown) => call(path, { method: "POST", body: JSON.stringify(body) });
  const submit = (body: unknown) => post("/video/generations", body);
  const created = async (body: unknown = text()) => (await submit(body)).body.data.taskId;
  const status = (id: string) => call(`/video/generations?task_id=${id}`);
  const balance = async () => (await call("/balance")).body.data;
  const place = async (contentType = "image/png", filename = "Ref.PNG") =>
    (await post("/files", { filename, contentType, fileSize: 3 })).body.data;
  const put = async (url: string, body: BodyInit, contentType = "image/png") => {
    const answer = await emulator.fetch(url, { method: "PUT", body, headers: { "content-type": contentType } });
    return { status: answer.status, text: await answer.text() };
  };
  const get = async (url: string) => {
    const answer = await emulator.fetch(url);
    return { status: answer.status, type: answer.headers.get("content-type"), bytes: await answer.bytes() };
  };
  const form = async (data: FormData) => {
    const headers = { authorization: `Bearer ${target.apiKey}` };
    return await call("/files", { method: "POST", body: data, headers });
  };
  return { emulator, target, call, post, submit, created, status, balance, place, put, get, form };
}

test("another key, on every path: 401", async () => {
  const { emulator, call } = setup();
  expect(emulator.for("apimodels").baseUrl).toBe("https://emulator.test/api/v1");
  for (const authorization of ["", "Bearer other", "Basic sk_emulator_key_apimodels"]) {
    const headers: HeadersInit = authorization ? { authorization } : {};
    for (const path of ["/balance", "/video/generations?task_id=x"])
      expect(await call(path, { headers })).toMatchObject({ status: 401, body: { code: 401, data: null } });
    for (const path of ["/files", "/video/generations"])
      expect(await call(path, { headers, method: "POST", body: "{}" })).toMatchObject({ status: 401 });
  }
});

describe("submit", () => {
  test("answers with an id of the documented style, pending, and the model with its prefix", async () => {
    const ids = async (seed: number) => {
      const { created, emulator } = setup({ seed });
      const first = await created();
      emulator.reset();
      return [first, await created()];
    };
    const [a, b, c] = [await ids(7), await ids(7), await ids(8)];
    expect(a).toEqual(b);
    expect(new Set([...a, ...c]).size).toBe(4);
    for (const id of a) expect(id).toMatch(/^cl[\da-z]{23}$/);
    expect(await setup({ seed: 7 }).submit(text())).toEqual({
      status: 200,
      body: {
        code: 200,
        msg: "success",
        data: { taskId: a[0], state: "pending", model: "kling-video/kling-v2-6" },
      },
    });
  });

  test.each<[string, object, number]>([
    ["the documented example", text(), 0.0159],
    ["only a prompt: std and 5 s are assumed", { model: V2, prompt: "x" }, 0.0159],
    ["only an image", { model: V2, image: IMAGE }, 0.0159],
    ["an image as base64", text({ image: "data:image/png;base64,iVBORw0KGgo=" }), 0.0159],
    ["a callback", text({ callback_url: "http://app.test/cb" }), 0.0159],
    ["std, 10 s", text({ duration: "10" }), 0.032],
    ["pro, 5 s", text({ mode: "pro", sound: "off" }), 0.0267],
    ["pro, 10 s", text({ mode: "pro", duration: "10" }), 0.0531],
    ["pro, 5 s, sound", text({ mode: "pro", sound: "on" }), 0.0531],
    ["pro, 10 s, sound", text({ mode: "pro", sound: "on", duration: "10" }), 0.1064],
    ["pro, 5 s, a voice", text({ mode: "pro", sound: "on", voice_list: [{ voice_id: "a" }] }), 0.0639],
    [
      "pro, 10 s, two voices",
      text({ mode: "pro", sound: "on", duration: "10", voice_list: [{ voice_id: "a" }, { voice_id: "b" }] }),
      0.1275,
    ],
    ["v3, std, 3 s", text({ model: V3, duration: "3", negative_prompt: "blur" }), 0.1899],
    ["v3, std, 7 s, sound", text({ model: V3, duration: "7", sound: "on" }), 0.6692],
    ["v3, pro, 10 s", text({ model: V3, mode: "pro", duration: "10" }), 0.853],
    ["v3, pro, 15 s, sound", text({ model: V3, mode: "pro", duration: "15", sound: "on" }), 1.92],
    ["motion control, of an unknown length", motion(), 0.3],
    ["motion control in pro", motion({ mode: "pro", prompt: "x", character_orientation: "video" }), 0.5],
  ])("accepts %s, for its price", async (_, body, usd) => {
    const { emulator, submit } = setup();
    const { status, body: answer } = await submit(body);
    expect(status).toBe(200);
    expect(answer.msg).toBe("success");
    expect(emulator.requests[0]?.undocumented).toBeUndefined();
    expect(emulator.ledger).toEqual([{ vendor: "apimodels", taskId: answer.data.taskId, usd, kind: "charge" }]);
  });

  test.each<[string, object]>([
    ["Missing required parameter: model", { prompt: "x" }],
    ["Invalid model: kling-9", text({ model: "kling-9" })],
    ["Invalid model: constructor", text({ model: "constructor" })],
    ["Invalid model: kling-video/kling-v2-6", text({ model: "kling-video/kling-v2-6" })],
    ["Missing required parameter: prompt", { model: V2 }],
    ["Invalid parameter: prompt must be a string of 1 to 2500", text({ prompt: "x".repeat(2501) })],
    ["Invalid parameter: duration must be 5 or 10", text({ duration: 7 })],
    ["Invalid parameter: duration must be 5 or 10", text({ duration: true })],
    ["Invalid parameter: duration must be 5 or 10", text({ duration: "7" })],
    ["Invalid parameter: duration must be 3, 4, 5, ", text({ model: V3, duration: "16" })],
    ["Invalid parameter: mode must be std or pro", text({ mode: "720p" })],
    ["Invalid parameter: aspect_ratio must be 16:9, 9:16 or 1:1", text({ aspect_ratio: "4:3" })],
    ["Invalid parameter: sound must be on or off", text({ mode: "pro", sound: true })],
    ["Invalid parameter: image must be a string", text({ image: [IMAGE] })],
    ["Invalid parameter: callback_url must be", text({ callback_url: "app" })],
    ["Invalid parameter: voice_list must be", text({ mode: "pro", sound: "on", voice_list: ["a"] })],
    ["Invalid parameter: this model has no mode std with sound", text({ sound: "on" })],
    [
      "Invalid parameter: this model has no mode pro without sound and with voices",
      text({ mode: "pro", voice_list: [{ voice_id: "a" }] }),
    ],
    ["Missing required parameter: image", motion({ image: undefined })],
    ["Missing required parameter: motion_video", motion({ motion_video: undefined })],
  ])("refuses with %s", async (message, body) => {
    const { emulator, submit } = setup();
    const answer = await submit(body);
    expect(answer).toMatchObject({ status: 400, body: { code: 400, data: null } });
    expect(answer.body.msg).toContain(message);
    expect(emulator.ledger).toEqual([]);
  });

  test("takes what the vendor's own client sends: a number as the duration, a picture in a list; and says so", async () => {
    const { emulator, submit } = setup();
    await submit(text({ duration: 10 }));
    expect(emulator.ledger).toMatchObject([{ usd: 0.032 }]);
    expect(emulator.requests[0]?.undocumented).toEqual(["duration (a number)"]);
    const { body } = await submit(text({ images: ["https://gone.invalid/1.png"] }));
    expect(emulator.requests[1]?.undocumented).toEqual(["images"]);
    await emulator.clock.advance(900_000);
    expect(emulator.ledger.at(-1)).toMatchObject({ taskId: body.data.taskId, kind: "refund" });
  });

  test("lists its models as that client reads them", async () => {
    const { body } = await setup().call("/models");
    expect(body.data).toEqual(Object.keys(models).map((id) => ({ id })));
    expect(body.data).toContainEqual({ id: MOTION });
  });

  test("names known from elsewhere are no undocumented fields, all others are", async () => {
    const { emulator, submit, call } = setup();
    await submit(text({ cfg_scale: 1, sound: "off", negative_prompt: "blur" }));
    await submit(text({ model: V3, voice_list: [{ voice_id: "a" }], images: [] }));
    await submit(motion({ duration: "5", keep_original_sound: "yes" }));
    await call("/video/generations?task_id=x&taskId=y");
    expect(emulator.requests.map(({ undocumented }) => undocumented)).toEqual([
      ["cfg_scale"],
      ["voice_list", "images"],
      ["duration"],
      ["?taskId"],
    ]);
  });

  test("a body that is no JSON object is refused", async () => {
    const { target, call } = setup();
    const headers = { authorization: `Bearer ${target.apiKey}`, "content-type": "application/json" };
    for (const body of ["{", "[]", "null"])
      expect(await call("/video/generations", { method: "POST", body, headers })).toMatchObject({ status: 400 });
  });
});

describe("a task", () => {
  test("goes pending, processing, completed, in milliseconds, with its results in data", async () => {
    const { emulator, created, status } = setup();
    const createTime = emulator.clock.now();
    const taskId = await created();
    const data = { taskId, model: "kling-video/kling-v2-6" };
    expect((await status(taskId)).body).toEqual({ code: 200, msg: "success", data: { ...data, state: "pending" } });
    await emulator.clock.advance(39_999);
    expect((await status(taskId)).body.data).toEqual({ ...data, state: "processing" });
    await emulator.clock.advance(860_001);
    const done = (await status(taskId)).body.data;
    const { completeTime } = done;
    expect(done).toEqual({
      ...data,
      state: "completed",
      resultUrls: [`https://emulator.test/results/apimodels/${taskId}.mp4`],
      createTime,
      completeTime,
    });
  });

  test("half of them take up to 142 s, nine of ten up to 486 s", async () => {
    const { emulator, created, status } = setup({ credits: 1000 });
    const ids = await Promise.all(Array.from({ length: 500 }, () => created()));
    const completed = async () => {
      const states = await Promise.all(ids.map(async (id) => (await status(id)).body.data["state"]));
      return states.filter((state) => state === "completed").length / 500;
    };
    await emulator.clock.advance(142_000);
    expect(Math.abs((await completed()) - 0.5)).toBeLessThan(0.03);
    await emulator.clock.advance(344_000);
    expect(Math.abs((await completed()) - 0.9)).toBeLessThan(0.03);
    await emulator.clock.advance(414_000);
    expect(await completed()).toBe(1);
  });

  test("fails with failMsg alone when an input cannot be fetched, and costs nothing", async () => {
    const { emulator, created, status, balance } = setup({ credits: 10 });
    const bodies = [
      text({ image: "https://img.invalid/x.png" }),
      text({ image: "no url" }),
      motion({ motion_video: "ftp://a.test/1.mp4" }),
    ];
    const ids: string[] = [];
    for (const body of bodies) ids.push(await created(body));
    expect(await balance()).toEqual({ balance: 9.6682, total: 10, frozen: 0.3318, currency: "USD" });
    await emulator.clock.advance(900_000);
    for (const id of ids) {
      const { model, ...data } = (await status(id)).body.data;
      expect(model).toMatch(/^kling-video\//);
      expect(data).toEqual({ taskId: id, state: "failed", failMsg: "Failed to fetch the input file" });
    }
    const sum = (kind: string) => emulator.ledger.filter((entry) => entry.kind === kind).map(({ usd }) => usd);
    expect(sum("refund").toSorted()).toEqual(sum("charge").toSorted());
    expect(await balance()).toEqual({ balance: 10, total: 10, frozen: 0, currency: "USD" });
  });

  test("can be planted with a failCode, which only the vendor's client knows of", async () => {
    const { emulator, status } = setup();
    const task = { taskId: "clxxx", model: V3 ?? "", state: "failed", failCode: "TIMEOUT", failMsg: "too slow" };
    setState(emulator, { vendor: "apimodels", task });
    expect((await status("clxxx")).body.data).toEqual({
      taskId: "clxxx",
      state: "failed",
      model: "kling-video/kling-v3",
      failCode: "TIMEOUT",
      failMsg: "too slow",
    });
  });

  test("the vendor does not know is 404, one without an id 400", async () => {
    const { status, call } = setup();
    expect(await status("clxxx")).toMatchObject({ status: 404, body: { code: 404, data: null } });
    expect(await call("/video/generations")).toMatchObject({ status: 400, body: { code: 400 } });
    expect(await call("/video")).toMatchObject({ status: 404 });
  });

  test("its result is gone after 7 days", async () => {
    const { emulator, created, status, get } = setup();
    const id = await created();
    await emulator.clock.advance(900_000);
    const { completeTime, resultUrls } = (await status(id)).body.data;
    const url = resultUrls[0] ?? "";
    await emulator.clock.advance(Number(completeTime) + 7 * DAY - 1 - emulator.clock.now());
    expect(await get(url)).toMatchObject({ status: 200, type: "video/mp4" });
    await emulator.clock.advance(1);
    expect((await get(url)).status).toBe(404);
  });

  test.each<[object, number]>([
    [text({ model: V3, duration: "3" }), 3],
    [text({ model: V3, duration: "13", aspect_ratio: "9:16", sound: "on" }), 13],
    [motion(), 5],
  ])("its result has the length that was asked for: %j", async (body, seconds) => {
    const { emulator, created, get } = setup();
    const id = await created(body);
    await emulator.clock.advance(900_000);
    const { bytes } = await get(`https://emulator.test/results/apimodels/${id}.mp4`);
    expect(await secondsOf(bytes)).toBeCloseTo(seconds, 3);
  });
});

describe("money", () => {
  test("a price is frozen while the task runs, and gone when it has succeeded", async () => {
    const { emulator, created, balance } = setup({ credits: 12.5 });
    expect(await balance()).toEqual({ balance: 12.5, total: 12.5, frozen: 0, currency: "USD" });
    await created();
    expect(await balance()).toEqual({ balance: 12.4841, total: 12.5, frozen: 0.0159, currency: "USD" });
    await emulator.clock.advance(900_000);
    expect(await balance()).toEqual({ balance: 12.4841, total: 12.4841, frozen: 0, currency: "USD" });
    expect(emulator.ledger).toHaveLength(1);
  });

  test("a short balance is 402", async () => {
    const { emulator, submit } = setup({ credits: 0.02 });
    expect((await submit(text())).status).toBe(200);
    expect(await submit(text())).toMatchObject({ status: 402, body: { code: 402, data: null } });
    expect(emulator.ledger).toHaveLength(1);
  });
});

describe("upload", () => {
  test("presigned: the bytes are at publicUrl as soon as they were PUT, for 7 days", async () => {
    const { emulator, place, put, get } = setup();
    const { uploadUrl, publicUrl, expiresAt } = await place();
    expect(publicUrl).toMatch(/^https:\/\/emulator\.test\/files\/apimodels\/uploads\/emulator\/\d+\.png$/);
    expect(uploadUrl).toContain(`${publicUrl}?X-Amz-Signature=`);
    expect(expiresAt).toBe("2026-01-01T00:10:00.000Z");
    expect((await get(publicUrl)).status).toBe(404);
    await emulator.clock.advance(599_999);
    expect(await put(uploadUrl, new Uint8Array([255, 0, 1]))).toEqual({ status: 200, text: "" });
    expect(await get(publicUrl)).toEqual({ status: 200, type: "image/png", bytes: new Uint8Array([255, 0, 1]) });
    await emulator.clock.advance(7 * DAY - 1);
    expect((await get(publicUrl)).status).toBe(200);
    await emulator.clock.advance(1);
    expect((await get(publicUrl)).status).toBe(404);
  });

  test("presigned: the type must be the announced one, the signature right, the time not over", async () => {
    const { emulator, place, put, get } = setup();
    const { uploadUrl, publicUrl } = await place();
    for (const type of ["image/jpeg", "image/png; charset=utf-8", ""])
      expect(await put(uploadUrl, "x", type)).toMatchObject({
        status: 403,
        text: expect.stringContaining("SignatureDoesNotMatch") as string,
      });
    expect((await put(publicUrl, "x")).status).toBe(403);
    expect((await put(uploadUrl.replace("uploads/emulator/", "uploads/emulator/9"), "x")).status).toBe(403);
    await emulator.clock.advance(600_000);
    expect((await put(uploadUrl, "x")).status).toBe(403);
    expect((await get(publicUrl)).status).toBe(404);
  });

  test("as a form: the field file, at once", async () => {
    const { form, get } = setup();
    const data = new FormData();
    data.append("file", new Blob([new Uint8Array([255, 216, 255])], { type: "image/jpeg" }), "me.jpg");
    const answer = await form(data);
    expect(answer).toMatchObject({ status: 200, body: { code: 200, msg: "success" } });
    expect(Object.keys(answer.body.data)).toEqual(["publicUrl"]);
    const file = await get(answer.body.data.publicUrl);
    expect(file).toEqual({ status: 200, type: "image/jpeg", bytes: new Uint8Array([255, 216, 255]) });
  });

  test.each<[string, object]>([
    ["Missing required parameter: filename", { contentType: "image/png" }],
    ["Missing required parameter: contentType", { filename: "a.png" }],
    ["Invalid parameter: fileSize", { filename: "a.png", contentType: "image/png", fileSize: 2 ** 40 }],
  ])("is refused with %s", async (message, body) => {
    const answer = await setup().post("/files", body);
    expect(answer.status).toBe(400);
    expect(answer.body.msg.includes(message)).toBe(true);
  });

  test.each([
    ["text/html", "default-src 'none'; sandbox"],
    ["image/svg+xml", "default-src 'none'; sandbox"],
    ["image/png", null],
    ["video/mp4", null],
  ])("what was uploaded as %s is no script of the page's origin", async (type, policy) => {
    const { emulator, form } = setup();
    const data = new FormData();
    data.append("file", new Blob(["<script>1</script>"], { type }), "a");
    const { publicUrl } = (await form(data)).body.data;
    const answer = await emulator.fetch(publicUrl);
    await answer.text();
    expect(answer.headers.get("content-security-policy")).toBe(policy);
  });

  test("a form without its file is refused, and so is a broken one", async () => {
    const { form, call, target } = setup();
    const data = new FormData();
    data.append("file", "only text");
    expect(await form(data)).toMatchObject({ status: 400, body: { msg: "Missing required parameter: file" } });
    const headers = { authorization: `Bearer ${target.apiKey}`, "content-type": "multipart/form-data; boundary=x" };
    expect((await call("/files", { method: "POST", body: "nonsense", headers })).status).toBe(400);
  });

  test("an image that was uploaded is accepted; one that never was, or is gone, fails the task", async () => {
    const { emulator, created, status, place, put } = setup();
    const { uploadUrl, publicUrl } = await place();
    await put(uploadUrl, new Uint8Array([255]));
    const stateOf = async (image: string) => {
      const id = await created(text({ image }));
      await emulator.clock.advance(900_000);
      return (await status(id)).body.data["state"];
    };
    expect(await stateOf(publicUrl)).toBe("completed");
    expect(await stateOf((await place()).publicUrl)).toBe("failed");
    await emulator.clock.advance(7 * DAY);
    expect(await stateOf(publicUrl)).toBe("failed");
    const again = await place();
    await put(again.uploadUrl, "x");
    emulator.reset();
    expect(await stateOf(again.publicUrl)).toBe("failed");
  });

  test("the result of motion control is as long as an uploaded motion video, which has at most 30 s", async () => {
    const { emulator, submit, place, put, get } = setup();
    const upload = async (duration: number) => {
      const clip = { prompt: "a dance", duration, aspectRatio: "16:9", sound: false } as const;
      const about = { vendor: "a phone", model: "camera", taskId: "1", createdAt: 0 };
      const { uploadUrl, publicUrl } = await place("video/mp4", "dance.mp4");
      await put(uploadUrl, await makeVideo(clip, about), "video/mp4");
      return publicUrl;
    };
    const { body } = await submit(motion({ motion_video: await upload(30), keep_original_sound: "yes" }));
    expect(emulator.ledger).toMatchObject([{ usd: 1.8 }]);
    await emulator.clock.advance(900_000);
    const { bytes } = await get(`https://emulator.test/results/apimodels/${body.data.taskId}.mp4`);
    expect(await secondsOf(bytes)).toBeCloseTo(30, 3);
    expect(await submit(motion({ motion_video: await upload(30.5) }))).toMatchObject({
      status: 400,
      body: { msg: "Invalid parameter: motion_video must be at most 30 seconds long" },
    });
  });

  test("a file of another vendor's host, or by another method, is not there", async () => {
    const { emulator, place } = setup();
    const { publicUrl } = await place();
    for (const [url, method] of [
      [publicUrl.replace("apimodels", "apixo"), "GET"],
      [publicUrl, "DELETE"],
    ] as const) {
      const answer = await emulator.fetch(url, { method });
      expect(answer.status).toBe(404);
      await answer.text();
    }
  });
});

test("errors can come under HTTP 200", async () => {
  const { call, submit, status, created } = setup({
    accounts: { apimodels: { errorsAsHttp200: true } },
    credits: 0.02,
  });
  expect(await submit({})).toMatchObject({ status: 200, body: { code: 400 } });
  expect(await status("clxxx")).toMatchObject({ status: 200, body: { code: 404 } });
  expect(await call("/balance", { headers: {} })).toMatchObject({ status: 200, body: { code: 401 } });
  expect((await status(await created())).body.code).toBe(200);
  expect(await submit(text())).toMatchObject({ status: 200, body: { code: 402, data: null } });
});

test("outages and a rate limit, of which the page has only 500, can be planted", async () => {
  const { emulator, submit } = setup();
  for (const [given, code] of [
    [{ outage: 500 }, 500],
    [{ outage: 503 }, 503],
    [{ rateLimited: true }, 429],
  ] as const) {
    emulator.reset();
    setState(emulator, { vendor: "apimodels", ...given });
    expect(await submit(text())).toMatchObject({ status: code, body: { code, data: null } });
  }
});

test("an account with an unknown or wrong setting is an error", () => {
  const make = (accounts: unknown) => () => createEmulator({ accounts } as never);
  expect(make({ apimodels: { errorsAsHttp200: 1 } })).toThrow(
    /accounts\.apimodels\.errorsAsHttp200 must be true or false/,
  );
  expect(make({ apixo: { allowedIps: [] } })).toThrow(
    /accounts\.apixo: there is no setting "allowedIps"; use one of priceUsd, refundsFailed, resultLifeMs/,
  );
  expect(make({ acme: {} })).toThrow(/accounts: there is no emulated vendor "acme"/);
  expect(make({ apimodels: 1 })).toThrow(/accounts\.apimodels must be an object/);
  expect(make([])).toThrow(/accounts must be an object/);
});
