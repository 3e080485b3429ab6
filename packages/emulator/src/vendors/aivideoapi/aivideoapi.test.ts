import { describe, expect, test } from "vitest";
import { createEmulator } from "../../emulator.ts";
import { setState } from "../../given-state.ts";
import { caller } from "../../test/helpers.ts";

type Body = Record<string, unknown> & { data?: { taskId: string } };

const K26 = "kling-2.6";
const image = { prompt: "the person turns and smiles", image_urls: ["https://example.com/photo.jpg"] };
const request = (input: object = {}, top: object = {}) => ({ model: K26, input: { ...image, ...input }, ...top });

function setup(options: Parameters<typeof createEmulator>[0] = {}) {
  const emulator = createEmulator({ clock: "manual", ...options });
  const call = caller<Body>(emulator.for("aivideoapi"));
  const submit = (body: unknown) => call("/videos/generations", { method: "POST", body: JSON.stringify(body) });
  const created = async (body: unknown = request()) => (await submit(body)).body.data?.taskId ?? "";
  const status = (id: string) => call(`/tasks/${id}`);
  const credits = async () => (await call("/credits")).body;
  return { emulator, call, submit, created, status, credits };
}

const error = (code: string, message: string, type: string) => ({ error: { code, message, type } });

describe("the key", () => {
  test("starts with sk-, and any other is refused before everything else", async () => {
    const { emulator, call } = setup();
    const { apiKey, baseUrl } = emulator.for("aivideoapi");
    expect(apiKey).toMatch(/^sk-/);
    expect(baseUrl).toBe("https://emulator.test/v1");
    for (const authorization of ["", "Bearer other", "Bearer sk-other", `Basic ${apiKey}`]) {
      const headers: HeadersInit = authorization ? { authorization } : {};
      for (const [path, init] of [
        ["/credits", {}],
        ["/tasks/x", {}],
        ["/videos/generations", { method: "POST", body: "{}" }],
      ] as const) {
        const answer = await call(path, { ...init, headers });
        expect(answer.status).toBe(401);
        expect(answer.body).toMatchObject({ error: { code: "invalid_api_key", type: "authentication_error" } });
      }
    }
    expect(emulator.ledger).toEqual([]);
  });

  test("works from the addresses that it allows only", async () => {
    for (const [allowedIps, status] of [
      [[], 200],
      [["127.0.0.1"], 200],
      [["2001:db8::/32", "127.0.0.0/8"], 200],
      [["203.0.113.7", "10.0.0.0/8"], 403],
    ] as const) {
      const { call } = setup({ accounts: { aivideoapi: { allowedIps } } });
      const answer = await call("/credits");
      expect(answer.status).toBe(status);
      if (status === 403)
        expect(answer.body).toMatchObject({ error: { code: "ip_not_allowed", type: "permission_error" } });
    }
  });
});

describe("submit", () => {
  test("answers in the documented envelope, with a UUID that does not come back", async () => {
    const ids = async (seed: number) => {
      const { created, emulator } = setup({ seed });
      const first = await created();
      emulator.reset();
      return [first, await created()];
    };
    const [a, b, c] = [await ids(7), await ids(7), await ids(8)];
    expect(a).toEqual(b);
    expect(new Set([...a, ...c]).size).toBe(4);
    for (const id of a) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/);
    expect(await setup({ seed: 7 }).submit(request())).toEqual({
      status: 200,
      body: { code: 200, msg: "success", data: { taskId: a[0] } },
    });
  });

  test.each<[string, object]>([
    [
      "the documented example",
      request({ duration: 5, sound: false }, { callback_url: "https://your-server.com/webhook" }),
    ],
    ["the documented example with sound", request({ duration: 10, sound: true })],
    ["the least that is required", request()],
    ["a prompt of exactly 2500 characters beyond the basic plane", request({ prompt: "😀".repeat(2500) })],
  ])("accepts %s", async (_, body) => {
    const { emulator, submit } = setup();
    expect((await submit(body)).status).toBe(200);
    expect(emulator.requests[0]?.undocumented).toBeUndefined();
  });

  test.each<[string, object]>([
    ["'model' is required.", { input: image }],
    ["'model' is required.", { model: null, input: image }],
    ["'input' is required.", { model: K26 }],
    ["'input.prompt' is required.", request({ prompt: undefined })],
    ["'input.image_urls' is required.", request({ image_urls: undefined })],
    ["'input.duration' must be 5 or 10 for Kling 2.6.", request({ duration: 7 })],
    ["'input.duration' must be 5 or 10 for Kling 2.6.", request({ duration: "5" })],
    ["'input.sound' must be true or false for Kling 2.6.", request({ sound: "on" })],
    ["'input.prompt' must be a string of 1 to 2500 characters for Kling 2.6.", request({ prompt: "x".repeat(2501) })],
    ["'input.image_urls' must be an array of URLs for Kling 2.6.", request({ image_urls: [] })],
    ["'input.image_urls' must be an array of URLs for Kling 2.6.", request({ image_urls: "https://a.test/1.png" })],
    ["'input' must be an object.", { model: K26, input: [] }],
    ["'model' must be a string.", { model: 26, input: image }],
    ["'callback_url' must be an http or https URL.", request({}, { callback_url: "app" })],
  ])("refuses with %s", async (message, body) => {
    const { emulator, submit } = setup();
    expect(await submit(body)).toEqual({
      status: 400,
      body: error("invalid_request", message, "invalid_request_error"),
    });
    expect(emulator.ledger).toEqual([]);
  });

  test.each([
    ["no JSON", "{", "application/json"],
    ["an array", "[]", "application/json"],
    ["JSON under another type", JSON.stringify(request()), "text/plain"],
    ["a body of more than 1 MiB", JSON.stringify(request({ prompt: "x".repeat(2 ** 20) })), "application/json"],
  ])("refuses %s", async (_, body, type) => {
    const { emulator, call } = setup();
    const headers = { authorization: `Bearer ${emulator.for("aivideoapi").apiKey}`, "content-type": type };
    const answer = await call("/videos/generations", { method: "POST", body, headers });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: { code: "invalid_request" } });
  });

  test("an unknown model is not found", async () => {
    const { submit } = setup();
    for (const model of ["kling-9", "constructor"]) {
      const answer = await submit({ model, input: { anything: 1 } });
      expect(answer.status).toBe(404);
      expect(answer.body).toMatchObject({ error: { code: "model_not_found", type: "invalid_request_error" } });
    }
  });

  test("accepts undocumented fields and lists them in the log", async () => {
    const { emulator, submit, call } = setup();
    await submit(request({ mode: "pro", toString: 1 }, { webhook: "x" }));
    await call("/tasks/x?full=1");
    expect(emulator.requests.map(({ undocumented }) => undocumented)).toEqual([
      ["webhook", "input.mode", "input.toString"],
      ["?full"],
    ]);
  });
});

describe("a task", () => {
  test("goes pending, processing, completed, bare and in seconds", async () => {
    const { emulator, created, status } = setup();
    const created_at = Math.floor(emulator.clock.now() / 1000);
    const id = await created(request({ duration: 10, sound: true }));
    const base = { id, model: K26, created_at };
    expect((await status(id)).body).toEqual({ ...base, status: "pending", progress: null });
    await emulator.clock.advance(59_999);
    expect((await status(id)).body).toEqual({ ...base, status: "processing", progress: null });
    await emulator.clock.advance(120_001);
    const done = (await status(id)).body;
    const completed_at = done["completed_at"] as number;
    expect(done).toEqual({
      ...base,
      status: "completed",
      completed_at,
      output: {
        urls: [`https://emulator.test/results/aivideoapi/${id}.mp4`],
        metadata: { model: "kling-2.6/image-to-video" },
      },
    });
    expect(completed_at - created_at).toBeGreaterThanOrEqual(60);
    expect(completed_at - created_at).toBeLessThanOrEqual(180);
  });

  test("fails in the documented words when its image cannot be fetched, and gets its credits back by itself", async () => {
    const { emulator, created, status, credits } = setup({ credits: 10 });
    const id = await created(request({ image_urls: ["https://img.invalid/x.png"] }));
    const charge = { vendor: "aivideoapi", taskId: id, usd: 0.55, kind: "charge" };
    expect(emulator.ledger).toEqual([charge]);
    expect(await credits()).toMatchObject({ data: { balance: 1890, total_purchased: 2000, total_consumed: 110 } });
    await emulator.clock.advance(180_000); // and nothing asks
    expect(emulator.ledger).toEqual([charge, { ...charge, kind: "refund" }]);
    expect(await credits()).toMatchObject({ data: { balance: 2000, total_purchased: 2000, total_consumed: 0 } });
    expect((await status(id)).body).toEqual({
      id,
      status: "failed",
      model: K26,
      created_at: Math.floor(Date.UTC(2026, 0, 1) / 1000),
      error: { code: "upstream_error", message: "Video generation failed" },
    });
    expect(emulator.ledger).toHaveLength(2);
  });

  test("the vendor does not know is not found", async () => {
    const { status, call } = setup();
    for (const id of ["cbf6b69d-4f03-4817-8ed7-94c0292184a8", "constructor", "%E0%A4%A"]) {
      const answer = await status(id);
      expect(answer.status).toBe(404);
      expect(answer.body).toMatchObject({ error: { code: "task_not_found", type: "invalid_request_error" } });
    }
    expect((await call("/tasks")).status).toBe(404);
  });

  test("its result is there for ever", async () => {
    const { emulator, created, status } = setup();
    const id = await created();
    await emulator.clock.advance(180_000);
    for (let year = 0; year < 10; year++) await emulator.clock.advance(365 * 86_400_000);
    const { urls } = (await status(id)).body["output"] as { urls: string[] };
    const file = await emulator.fetch(urls[0] ?? "");
    expect(file.status).toBe(200);
    expect(file.headers.get("content-type")).toBe("video/mp4");
    await file.body?.cancel();
  });
});

describe("money", () => {
  test.each([
    [5, false, 110, 0.55],
    [5, true, 220, 1.1],
    [10, false, 220, 1.1],
    [10, true, 440, 2.2],
  ])("%i s, sound %s: %i credits, charged up front", async (duration, sound, price, usd) => {
    const { emulator, created, credits } = setup();
    const taskId = await created(request({ duration, sound }));
    expect(emulator.ledger).toEqual([{ vendor: "aivideoapi", taskId, usd, kind: "charge" }]);
    expect(await credits()).toEqual({
      code: 200,
      msg: "success",
      data: { balance: 20_000 - price, total_purchased: 20_000, total_consumed: price },
    });
  });

  test("a short balance refuses in the documented words", async () => {
    const { emulator, created, submit } = setup({ credits: 1 });
    await created();
    expect(await submit(request())).toEqual({
      status: 402,
      body: error("insufficient_credits", "Your credit balance is too low. Please top up.", "billing_error"),
    });
    expect(emulator.ledger).toHaveLength(1);
  });

  test("a spending limit of the key refuses what goes beyond it, until its time is over", async () => {
    const HOUR = 3_600_000;
    const { emulator, submit } = setup({
      accounts: { aivideoapi: { spendLimit: { hourly: 220, daily: 330, total: 550 } } },
    });
    const codes: number[] = [];
    const send = async (times: number) => {
      for (let i = 0; i < times; i++) codes.push((await submit(request())).status);
    };
    await send(3); // the third is above the hour's
    await emulator.clock.advance(HOUR);
    await send(2); // one more is the day's last
    await emulator.clock.advance(24 * HOUR);
    await send(2);
    await emulator.clock.advance(24 * HOUR);
    await send(1); // above the total
    expect(codes).toEqual([200, 200, 429, 200, 429, 200, 200, 429]);
    expect((await submit(request())).body).toMatchObject({
      error: { code: "spend_limit_exceeded", type: "billing_error" },
    });
    expect(emulator.ledger).toHaveLength(5);
  });

  test("a failed task does not count against the limit", async () => {
    const { emulator, submit } = setup({ accounts: { aivideoapi: { spendLimit: { total: 110 } } } });
    expect((await submit(request({ image_urls: ["https://img.invalid/x.png"] }))).status).toBe(200);
    expect((await submit(request())).status).toBe(429);
    await emulator.clock.advance(180_000);
    expect((await submit(request())).status).toBe(200);
  });
});

test("the rate limit and the vendor's own errors are answered as documented", async () => {
  const { emulator, submit, status } = setup();
  const at = async (given: object) => {
    emulator.reset();
    setState(emulator, { vendor: "aivideoapi", ...given });
    const [a, b] = [await submit(request()), await status("x")];
    expect(a).toEqual(b);
    const { code, type } = a.body["error"] as { code: string; type: string };
    return [a.status, code, type];
  };
  expect(await at({ rateLimited: true })).toEqual([429, "rate_limit_exceeded", "rate_limit_error"]);
  expect(await at({ outage: 500 })).toEqual([500, "internal_error", "api_error"]);
  expect(await at({ outage: 503 })).toEqual([503, "upstream_error", "upstream_error"]);
  expect(emulator.ledger).toEqual([]);
  emulator.reset();
  expect((await submit(request())).status).toBe(200);
});

test.each<[object, RegExp]>([
  [{ allowedIps: "127.0.0.1" }, /accounts\.aivideoapi\.allowedIps must be an array/],
  [{ allowedIps: ["localhost"] }, /IP addresses or CIDR ranges/],
  [{ allowedIps: ["10.0.0.0/33"] }, /IP addresses or CIDR ranges/],
  [{ allowedIps: Array.from({ length: 11 }, () => "10.0.0.1") }, /up to 10/],
  [{ spendLimit: { weekly: 1 } }, /spendLimit must be an object with hourly, daily or total/],
  [{ spendLimit: { total: 1.5 } }, /in whole credits/],
  [{ limit: 1 }, /there is no setting "limit"; use one of allowedIps, spendLimit/],
])("an account of %j is an error", (aivideoapi, message) => {
  expect(() => createEmulator({ accounts: { aivideoapi } })).toThrow(message);
});
