// Between canonical words and AIVideoAPI's: requests as documented, every price, every code, every way a body can be wrong.
import { describe, expect, test } from "vitest";
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
import callback from "../../../fixtures/aivideoapi/submit.callback.request.json" with { type: "json" };
import polled from "../../../fixtures/aivideoapi/submit.polled.request.json" with { type: "json" };
import withSound from "../../../fixtures/aivideoapi/submit.sound.request.json" with { type: "json" };
import completed from "../../../fixtures/aivideoapi/task.completed.json" with { type: "json" };
import failed from "../../../fixtures/aivideoapi/task.failed.json" with { type: "json" };
import pending from "../../../fixtures/aivideoapi/task.pending.json" with { type: "json" };
import processing from "../../../fixtures/aivideoapi/task.processing.json" with { type: "json" };
import {
  createAIVideoAPI,
  ProtocolError,
  SubmitUnknownError,
  VendorError,
  type AIVideoAPIRequest,
  type Task,
} from "./index.ts";

const ref = { vendor: "aivideoapi", model: "kling-2.6", id: "7d89c51e-9430-410e-909e-df347131ebaa" };
const KEY = "sk-a-secret-key";

const clientFor = (body: unknown, status = 200, sent: unknown[] = []) =>
  createAIVideoAPI({
    apiKey: KEY,
    fetch: (async (_url, init) => {
      if (typeof init?.body === "string") sent.push(JSON.parse(init.body));
      return new Response(typeof body === "string" ? body : JSON.stringify(body), { status });
    }) as typeof fetch,
  });
const read = (body: unknown, status = 200): Promise<Task> => clientFor(body, status).get(ref);
const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "no error",
    (error: unknown) => error,
  );

const simple: AIVideoAPIRequest = {
  model: "kling-2.6",
  prompt: polled.input.prompt,
  image: "https://example.com/photo.jpg",
};

describe("requests", () => {
  const client = createAIVideoAPI();

  test("the documented examples come out of their canonical requests, member by member", async () => {
    const stage = new URL("https://example.com/stage.jpg");
    const request = { ...simple, prompt: withSound.input.prompt, image: stage, duration: 10, sound: true } as const;
    const sent: unknown[] = [];
    const callbackUrl = "https://your-server.com/webhook";
    const answering = clientFor({ code: 200, msg: "success", data: { taskId: "t" } }, 200, sent);
    await answering.submit(simple, { callbackUrl });
    await answering.submit(request, { callbackUrl });
    await answering.submit(simple);
    expect(sent).toEqual([callback, withSound, polled]);
  });

  test("a plan shows what is written without being asked and the price; no page gives times or an end of the URL", () => {
    const plan = client.plan(simple);
    expect(plan).toMatchObject({ request: { duration: 5, sound: false }, warnings: [] });
    expect(JSON.parse(JSON.stringify(plan.body))).toEqual(polled);
    expect(plan).not.toHaveProperty("expected");
    expect(plan).not.toHaveProperty("resultUrlLifeMs");
  });

  test.each([
    [5, false, 110, 0.55],
    [5, true, 220, 1.1],
    [10, false, 220, 1.1],
    [10, true, 440, 2.2],
  ] as const)(
    "%i s with sound %s cost %i credits, $%d, on the page that the price names",
    (duration, sound, ...cost) => {
      const source = expect.stringContaining("model page kling-2-6");
      expect(client.plan({ ...simple, duration, sound }).price).toEqual({ credits: cost[0], usd: cost[1], source });
    },
  );

  test("undocumented fields pass through extraBody, beside the documented ones", () => {
    const { body } = client.plan({ ...simple, extraBody: { input: { seed: 7 } } });
    expect(body).toMatchObject({ input: { prompt: simple.prompt, seed: 7 } });
  });
});

describe("tasks", () => {
  test("each documented state is read, with its times in seconds", async () => {
    const times = { createdAt: "2026-03-28T13:56:05.000Z", nextPollAt: expect.any(String) };
    expect(await read(pending)).toEqual({ ...ref, ...times, state: "pending" });
    expect(await read(processing)).toEqual({ ...ref, ...times, state: "processing" });
    expect(await read(completed)).toEqual({
      ...ref,
      state: "succeeded",
      createdAt: "2026-03-29T13:17:07.000Z",
      completedAt: "2026-03-29T15:02:09.000Z",
      videos: [{ url: "https://file.aivideoapi.ai/videos/2026/04/04/abc123.mp4" }],
      madeBy: "kling-2.6/image-to-video",
    });
  });

  test.each([[null], ["kling"], [{}], [{ model: 7 }]])(
    "a completed task without what made it: %j",
    async (metadata) => {
      const task = await read({ ...completed, output: { ...completed.output, metadata } });
      expect(task).toMatchObject({ state: "succeeded" });
      expect(task).not.toHaveProperty("madeBy");
    },
  );

  test("times in milliseconds are told from seconds", async () => {
    const inMs = { created_at: completed.created_at * 1_000, completed_at: completed.completed_at * 1_000 };
    expect(await read({ ...completed, ...inMs })).toEqual(await read(completed));
  });

  test("a progress is not reported, for no page gives its unit", async () => {
    for (const progress of [null, 0.5, 50, "50%"])
      expect(await read({ ...processing, progress })).not.toHaveProperty("progress");
  });

  test("every video of a task is kept", async () => {
    const urls = ["https://a.test/1.mp4", "https://a.test/2.mp4"];
    expect(await read({ ...completed, output: { urls } })).toMatchObject({ videos: urls.map((url) => ({ url })) });
  });

  test("unknown members, absent times and null are tolerated", async () => {
    const task = await read({
      status: "completed",
      created_at: null,
      extra: 1,
      error: null,
      output: { urls: ["https://a.test/v.mp4"], metadata: null },
    });
    expect(task).toEqual({ ...ref, state: "succeeded", videos: [{ url: "https://a.test/v.mp4" }] });
  });
});

describe("failed tasks are refunded", () => {
  test("the documented one is an upstream failure", async () => {
    expect(await read(failed)).toEqual({
      ...ref,
      createdAt: "2026-03-29T14:15:58.000Z",
      state: "failed",
      failure: { code: "upstream", vendorCode: "upstream_error", message: "Video generation failed", billed: "no" },
    });
  });

  test.each([
    ["invalid_request", "invalid_request"],
    ["internal_error", "internal"],
    ["something_new", "unknown"],
    ["constructor", "unknown"],
  ])("%s is %s, and the vendor's word is kept", async (word, code) => {
    const task = await read({ ...failed, error: { code: word, message: "x" } });
    expect(task).toMatchObject({ state: "failed", failure: { code, vendorCode: word, message: "x", billed: "no" } });
  });

  test.each([[undefined], [null], ["no"], [7], [{}], [{ code: null, message: null }], [{ code: 7, message: {} }]])(
    "a failure whose error is %j is still one",
    async (error) => {
      const task = await read({ ...failed, error });
      const failure = { code: "unknown", message: "the vendor gives no reason", billed: "no" };
      expect(task).toMatchObject({ state: "failed", failure });
    },
  );
});

const refusals = [
  ["invalid_request", 400, invalidRequest],
  ["invalid_request", 400, invalidDuration],
  ["unauthorized", 401, invalidApiKey],
  ["insufficient_credits", 402, insufficientCredits],
  ["forbidden", 403, ipNotAllowed],
  ["not_found", 404, modelNotFound],
  ["not_found", 404, taskNotFound],
  ["rate_limited", 429, rateLimit],
  ["spend_limit", 429, spendLimit],
  ["internal", 500, internalError],
  ["upstream", 503, upstreamError],
] as const;

describe("an error may arrive as HTTP status, as `error`, or as the envelope's `code`", () => {
  test.each(refusals)("%s (%i) of a read, with the vendor's word", async (code, status, body) => {
    const { error: said } = body;
    for (const http of [status, 200])
      expect(await errorOf(read(body, http))).toMatchObject({
        name: "VendorError",
        code,
        vendorCode: said.code,
        status: http,
        message: expect.stringContaining(said.message),
        ref,
      });
    const byStatus = code === "spend_limit" ? "rate_limited" : code;
    for (const error of [await errorOf(read("", status)), await errorOf(read({ code: status, msg: "x", data: null }))])
      expect(VendorError.isInstance(error) && error.code).toBe(byStatus);
  });

  test.each(refusals)("%s (%i) of a submit, under its status and under 200", async (code, status, body) => {
    for (const http of [status, 200]) {
      const error = await errorOf(clientFor(body, http).submit(simple, { idempotencyKey: "k", submitTimeout: 0 }));
      if (status < 500) expect(error).toMatchObject({ name: "VendorError", code, billed: "no" });
      else {
        // The pages do not say whether a task was made.
        if (!SubmitUnknownError.isInstance(error)) throw error;
        expect(error).toMatchObject({
          idempotencyKey: "k",
          billed: "unknown",
          cause: { code, vendorCode: body.error.code },
        });
      }
    }
  });

  test.each<[what: string, body: object]>([
    ["an error that is a code alone", { error: { code: "insufficient_credits" } }],
    ["an envelope that is a code alone", { code: 402 }],
  ])("%s is a refusal all the same", async (_, body) => {
    const error = await errorOf(clientFor(body, 200).submit(simple, { submitTimeout: 0 }));
    expect(error).toMatchObject({ name: "VendorError", code: "insufficient_credits", billed: "no" });
  });

  test("an unlisted code goes by the status, with the vendor's word", async () => {
    const body = { error: { code: "brand_new", message: "x", type: "api_error" } };
    for (const [status, code] of [
      [400, "invalid_request"],
      [403, "forbidden"],
      [500, "internal"],
      [200, "unknown"],
    ] as const)
      expect(await errorOf(read(body, status))).toMatchObject({ name: "VendorError", code, vendorCode: "brand_new" });
    expect(await errorOf(clientFor(body).submit(simple))).toMatchObject({ name: "SubmitUnknownError" });
  });

  test("an `error` that is not as documented leaves the decision to the status", async () => {
    for (const error of [null, "no", 7, [], { code: 7 }, { message: {} }])
      expect(await errorOf(read({ error }, 403))).toMatchObject({ name: "VendorError", code: "forbidden" });
  });

  test("a task under an error status is an error, a failed task under 200 is not", async () => {
    expect(await errorOf(read(completed, 500))).toMatchObject({ name: "VendorError", code: "internal" });
    expect(await errorOf(read(failed, 503))).toMatchObject({ name: "VendorError", code: "upstream" });
    expect((await read(failed)).state).toBe("failed");
  });

  test("the message says what the pages say of the code", async () => {
    const said = async (body: unknown, status: number) =>
      String(await errorOf(clientFor(body, status).submit(simple, { submitTimeout: 0 })));
    expect(await said(invalidApiKey, 401)).toMatch(/starts with sk-.*AIVIDEOAPI_API_KEY/);
    expect(await said(ipNotAllowed, 403)).toContain("allowed addresses");
    expect(await said(spendLimit, 429)).toContain("total limit");
    expect(await said(upstreamError, 503)).toContain("content may break the rules");
  });
});

test("a spend limit is thrown at once, a rate limit is waited out", async () => {
  for (const [body, posts] of [
    [spendLimit, 1],
    [rateLimit, 3],
  ] as const) {
    const sent: unknown[] = [];
    let passed = 0;
    const clock = {
      now: () => passed,
      elapsed: () => passed,
      sleep: async () => void (passed += 50_000),
    };
    const client = createAIVideoAPI({
      apiKey: KEY,
      clock,
      fetch: (async (_url, init) => {
        sent.push(init?.body);
        return Response.json(body, { status: 429 });
      }) as typeof fetch,
    });
    expect(await errorOf(client.submit(simple, { submitTimeout: 100_000 }))).toMatchObject({ billed: "no" });
    expect(sent.length).toBe(posts);
  }
});

describe("the balance", () => {
  test("is told in credits and in dollars", async () => {
    expect(await clientFor(credits).balance?.()).toEqual({ credits: 220, usd: 1.1 });
    expect(await clientFor({ data: { balance: " 220" } }).balance?.()).toEqual({ credits: 220, usd: 1.1 });
    const bare = { data: { balance: 0 } };
    expect(await clientFor(bare).balance?.()).toEqual({ credits: 0, usd: 0 });
  });

  test.each<[name: string, body: unknown, path: string]>([
    ["no data", { code: 200, msg: "success", data: null }, "data"],
    ["no balance", { code: 200, msg: "success", data: {} }, "data.balance"],
    ["a balance that is no number", { code: 200, msg: "success", data: { balance: "much" } }, "data.balance"],
  ])("with %s is a ProtocolError with its path", async (_name, body, path) => {
    expect(await errorOf(clientFor(body).balance?.() ?? Promise.resolve())).toMatchObject({
      name: "ProtocolError",
      path,
    });
  });
});

const video = { url: "https://cdn.test/v.mp4" };

describe("a paid video is read", () => {
  test.each(["COMPLETED", "Completed", " completed "])("with the status %j", async (status) => {
    expect(await read({ ...completed, status })).toMatchObject({ state: "succeeded" });
  });

  test.each([
    ["a list with bad ones", [null, `\n${video.url} `, 7, video.url, "nope"]],
    ["one text in place of a list", video.url],
  ])("from urls that are %s", async (_name, urls) => {
    expect(await read({ ...completed, output: { urls } })).toMatchObject({ videos: [video] });
  });

  test.each(["soon", "1774706165", -1, {}, null, [], true])(
    "with %j in place of every time, word and number",
    async (odd) => {
      const output = { ...completed.output, metadata: odd };
      const odds = { id: odd, model: odd, created_at: odd, completed_at: odd, progress: odd, error: odd };
      expect(await read({ ...completed, ...odds, output })).toMatchObject({ state: "succeeded" });
    },
  );

  test.each([0, 1001, 500, "200", null])("beside the code %j, which is no success", async (code) => {
    expect(await read({ ...completed, code })).toMatchObject({ state: "succeeded" });
  });
});

describe("a task body that is not as documented", () => {
  test.each<[name: string, body: unknown, path: string | undefined]>([
    ["HTML", "<html></html>", undefined],
    ["nothing", "", undefined],
    ["half of it", JSON.stringify(completed).slice(0, 60), undefined],
    ["null", "null", undefined],
    ["an envelope around it", { code: 200, msg: "success", data: completed }, "status"],
    ["an unknown state", { ...completed, status: "success" }, "status"],
    ["no state", { ...completed, status: undefined }, "status"],
    ["a state of another type", { ...completed, status: 1 }, "status"],
    ["no output", { ...completed, output: undefined }, "videos"],
    ["an output that is null", { ...completed, output: null }, "videos"],
    ["no URLs", { ...completed, output: {} }, "videos"],
    ["an empty list of URLs", { ...completed, output: { urls: [] } }, "videos"],
    ["a URL of another type", { ...completed, output: { urls: [1] } }, "videos"],
    ["a result that is no URL", { ...completed, output: { urls: ["nope"] } }, "videos"],
  ])("%s is a ProtocolError with its path", async (_name, body, path) => {
    const error = await errorOf(read(body));
    if (!ProtocolError.isInstance(error)) throw error;
    expect(error.path).toBe(path);
    expect(error.excerpt.length).toBeLessThanOrEqual(500);
    expect(error).toMatchObject({ vendor: "aivideoapi", phase: "poll", ref });
  });

  test.each(["now", -1, 1e300, {}, null])(
    "a time that is %j costs no video that was paid for: it is left out",
    async (time) => {
      const task = await read({ ...completed, created_at: time, completed_at: time });
      expect(task.state).toBe("succeeded");
      expect(task.createdAt).toBeUndefined();
      expect(task.completedAt).toBeUndefined();
    },
  );

  test("an excerpt holds neither the key nor the query of a URL", async () => {
    const error = await errorOf(read(`<p>${KEY} https://cdn.test/v.mp4?signature=abc</p>`));
    expect(JSON.stringify(error)).not.toMatch(/a-secret-key|signature/);
  });
});

test.each<[name: string, body: unknown]>([
  ["a bare id", { taskId: "t1" }],
  ["another word", { code: 200, msg: "success", data: { task_id: "t1" } }],
  ["a fraction", { code: 200, msg: "success", data: { taskId: 7.5 } }],
  ["nothing", { code: 200, msg: "success", data: null }],
])("an accepted submit with %s in place of its id is unknown, not paid again", async (_name, body) => {
  const sent: unknown[] = [];
  expect(await errorOf(clientFor(body, 200, sent).submit(simple))).toMatchObject({ name: "SubmitUnknownError" });
  expect(sent.length).toBe(1);
});

describe("AIVideoAPI, or a gateway before it", () => {
  const pages = ["", "<title>Just a moment...</title>", "Forbidden", {}, null, [], { message: "Forbidden" }];
  const more = [{ detail: "no" }, { error: "no" }, { error: { code: 403, message: "no" } }];

  test.each([401, 403, 429])("a page under %i in another shape passes, and does not blame the key", async (status) => {
    for (const page of [...pages, ...more]) {
      const error = await errorOf(read(page, status));
      expect([page, error]).toEqual([page, expect.objectContaining({ name: "VendorError", status, retryable: true })]);
      expect(String(error)).toContain("these are not aivideoapi's words");
      expect(String(error)).not.toMatch(/API_KEY|`apiKey`/);
    }
  });

  test("a key refused in its own words does not pass", async () => {
    const error = await errorOf(read(invalidApiKey, 401));
    expect(error).toMatchObject({ code: "unauthorized", retryable: false });
    expect(String(error)).toContain("AIVIDEOAPI_API_KEY");
  });
});
