import { expect, test } from "vitest";
import { InvalidRequestError } from "../task/errors.ts";
import type { Issue } from "../task/issue.ts";
import { acme, request } from "../test/acme.ts";
import type { HttpCall } from "../vendor-spec/call.ts";
import { expectedTime } from "../vendor-spec/models.ts";
import { url } from "../vendor-spec/wire.ts";
import { canonicalRequest } from "./canonical.ts";
import { planRequest, type PlanContext } from "./plan.ts";
import type { VideoRequest } from "./request.ts";
import { unlistedModel } from "./unlisted.ts";

const URL_BACK = "https://app.test/hook?a=1";
const plan = (asked: unknown, context: Partial<PlanContext> = {}, adapter = acme) =>
  planRequest(adapter, canonicalRequest(asked as VideoRequest, adapter.models), {
    urlOf: ({ path }) => `https://api.acme.test/v1${path}`,
    wayOf: () => undefined,
    ...context,
  });

function issuesOf(asked: unknown, context: Partial<PlanContext> = {}): Issue[] {
  try {
    plan(asked, context);
  } catch (error) {
    if (InvalidRequestError.isInstance(error)) return error.issues;
    throw error;
  }
  return [];
}
const paths = (asked: unknown, context?: Partial<PlanContext>) => issuesOf(asked, context).map(({ path }) => path);

test("a plan says all that is known before money is spent", () => {
  expect(plan(request)).toEqual({
    vendor: "acme",
    request: { ...request, duration: 5 },
    method: "POST",
    url: "https://api.acme.test/v1/tasks",
    headers: [],
    body: {
      model: "acme-1",
      prompt: "a waterfall",
      seconds: 5,
      input: { image: undefined, end: undefined },
      webhook: undefined,
    },
    price: { usd: 0.5, source: "https://docs.acme.test", contested: "another page says more" },
    expected: { minMs: 50_000, maxMs: 70_000 },
    resultUrlLifeMs: 3_600_000,
    warnings: [{ about: "price", kind: "contested", message: "another page says more" }],
  });
});

test.each<[place: string, call: Partial<HttpCall>, callback: object | undefined]>([
  ["a member", { json: { webhook: URL_BACK } }, { in: "body", name: "webhook" }],
  [
    "a member of a member",
    { json: { a: 1, config: { hooks: [{ to: URL_BACK }] } } },
    { in: "body", name: "config.hooks.0.to" },
  ],
  ["the query", { path: url`/t?a=1&fal_webhook=${URL_BACK}` }, { in: "query", name: "fal_webhook" }],
  ["a header", { headers: { "X-Webhook": URL_BACK } }, { in: "header", name: "x-webhook" }],
  ["nowhere", {}, undefined],
])("a plan shows where the callback URL goes: %s", (_, call, callback) => {
  const submit = { ...acme.submit, call: () => ({ path: "/t", headers: { "X-Other": "v" }, ...call }) };
  const planned = plan(request, { callbackUrl: URL_BACK }, { ...acme, submit });
  expect(planned.callback).toEqual(callback);
  expect(planned.headers).toEqual(Object.keys(call.headers ?? { "X-Other": "v" }).map((name) => name.toLowerCase()));
});

test("what no page documents is absent, not a guess", () => {
  const { resultUrlLifeMs: _, ...forEver } = acme;
  expect(Object.keys(plan({ model: "acme-2", prompt: "x" }, {}, forEver)).toSorted()).toEqual([
    "body",
    "headers",
    "method",
    "request",
    "url",
    "vendor",
    "warnings",
  ]);
});

test("a plan is the same each time and leaves the request alone", () => {
  const asked = Object.freeze({ ...request, extraBody: Object.freeze({ a: 1 }) });
  expect(plan(asked)).toEqual(plan(asked));
});

test("issues of the request, its files, its extraBody and the options come together", () => {
  const asked = { ...request, prompt: "", image: new Blob(["x"]), extraBody: 7 };
  const issues = [{ path: "idempotencyKey", rule: "r", message: "m" }];
  expect(paths(asked, { issues })).toEqual(["prompt", "extraBody", "idempotencyKey", "image"]);
  const checked = { ...request, endImage: "data:,x", extraBody: { model: "mine" } };
  expect(paths(checked, { maxPrice: 0.1, issues })).toEqual([
    "idempotencyKey",
    "endImage",
    "maxPrice",
    "extraBody.model",
  ]);
});

test.each<[what: string, fields: object, path: string]>([
  ["the first half of a pair", { prompt: "a cut emoji \ud83c" }, "prompt"],
  ["the second half", { prompt: "\udfdea waterfall" }, "prompt"],
  ["both in the wrong order", { prompt: "a \udfde\ud83c b" }, "prompt"],
  ["a NUL character", { prompt: "a\0b" }, "prompt"],
  ["in a list", { voices: ["v1", "v\ud800"] }, "voices.1"],
  ["in extraBody", { extraBody: { input: [{ style: "\ud800" }] } }, "extraBody.input.0.style"],
  ["in the name of a member", { extraBody: { input: { "a\0": 1 } } }, "extraBody.input"],
  ["of a field that there is not", { style: "\ud800" }, "style"],
])("what no vendor can read as text is refused, and not shown: %s", (_, fields, path) => {
  const found = issuesOf({ ...request, ...fields }).filter(({ rule }) => rule.includes("NUL"));
  expect(found.map((one) => one.path)).toEqual([path]);
  expect(found[0]?.message).toMatch(/^must be .*toWellFormed\(\)`$/);
});

test.each(["\u{1F3DE}\u{FE0F} 滝 e\u0301 \u202e", "a\n\tb\u0001", "\ud7ff\ue000\ufffe\uffff", "a\\ud800 \\u0000"])(
  "other odd text is sent as it is: %j",
  (prompt) => expect(plan({ ...request, prompt }).body["prompt"]).toBe(prompt),
);

test("of a model that is not listed likewise, however deep, and a circle ends", () => {
  const extraBody = { prompt: "a", options: [{ negative: "b\ud800" }] };
  expect(paths(unlistedModel({ model: "acme-9", extraBody }))).toContain("extraBody.options.0.negative");
  const circle: { [name: string]: unknown } = { a: "\ud800" };
  circle["circle"] = circle;
  expect(paths({ ...request, extraBody: circle })).toContain("extraBody.a");
});

test("an error lists its issues in its message and in its JSON, and bills nothing", () => {
  const thrown: unknown = (() => {
    try {
      return plan({ ...request, prompt: "" });
    } catch (error) {
      return error;
    }
  })();
  expect(thrown).toMatchObject({ name: "InvalidRequestError", phase: "plan", billed: "no", retryable: false });
  expect(JSON.parse(JSON.stringify(thrown))).toMatchObject({
    issues: [{ path: "prompt" }],
    message: expect.stringContaining("prompt:"),
  });
});

test("maxPrice refuses a higher price, and an unknown one", () => {
  for (const maxPrice of [0.5, 1, Number.POSITIVE_INFINITY]) expect(paths(request, { maxPrice })).toEqual([]);
  for (const maxPrice of [0, 0.49]) expect(paths(request, { maxPrice })).toEqual(["maxPrice"]);
  expect(paths({ ...request, duration: 10 }, { maxPrice: 0.5 })).toEqual(["maxPrice"]);
  const [unknown] = issuesOf({ model: "acme-2", prompt: "x" }, { maxPrice: 100 });
  expect(unknown).toMatchObject({ path: "maxPrice", rule: expect.stringContaining("no price") });
});

test("a file without an upload is refused, and with one the body shows where its URL will go", () => {
  const files = { image: new Blob(["x"]), endImage: "data:image/png;base64,AA==" };
  expect(paths({ ...request, ...files })).toEqual(["image", "endImage"]);
  const planned = plan({ ...request, ...files }, { wayOf: () => "upload" });
  expect(planned.body["input"]).toEqual({ image: "upload:image", end: "upload:endImage" });
  expect(planned.request["image"]).toBe(files.image);
});

test("extraBody is merged deeply, last and visibly", () => {
  const extraBody = { seed: 7, input: { mask: "m", image: "mine" }, webhook: "w", list: [1, { a: 1 }] };
  expect(plan({ ...request, extraBody }).body).toEqual({
    ...plan(request).body,
    seed: 7,
    input: { mask: "m", image: "mine", end: undefined },
    webhook: "w",
    list: [1, { a: 1 }],
  });
});

test("extraBody may not override what vidtask wrote, at any depth, and each conflict is named", () => {
  const extraBody = { seconds: 10, input: { image: "mine" }, prompt: { a: 1 }, model: "acme-1" };
  const asked = { ...request, image: "https://a.test/x.png", extraBody };
  expect(paths(asked)).toEqual(["extraBody.seconds", "extraBody.input.image", "extraBody.prompt", "extraBody.model"]);
  expect(paths({ ...request, extraBody: { input: "flat" } })).toEqual(["extraBody.input"]);
});

test("a member of extraBody that is undefined is absent", () => {
  expect(plan({ ...request, extraBody: { seconds: undefined } }).body).toEqual(plan(request).body);
});

test("__proto__ in extraBody is a member like any other and reaches no prototype", () => {
  const extraBody = JSON.parse(
    '{"__proto__":{"polluted":1},"input":{"__proto__":{"polluted":2}},"constructor":1}',
  ) as never;
  const { body } = plan({ ...request, extraBody });
  expect(JSON.parse(JSON.stringify(body))).toMatchObject({ constructor: 1 });
  expect(JSON.stringify(body)).toContain('"__proto__":{"polluted":1}');
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect((body as { polluted?: unknown }).polluted).toBeUndefined();
});

test("the expected time is the row's of the duration, else the widest range of the model", () => {
  const row = acme.models["acme-1"];
  expect(expectedTime(row, 10)).toEqual({ minMs: 80_000, maxMs: 100_000 });
  expect(expectedTime(row, undefined)).toEqual({ minMs: 50_000, maxMs: 100_000 });
  expect(expectedTime(acme.models["acme-2"], 5)).toBeUndefined();
  expect(expectedTime(undefined, 5)).toBeUndefined();
});
