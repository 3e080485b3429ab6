// A wrong description fails when the vendor is defined or a request is planned, with the member named: never in a paid call.
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { accepted, acme, acmeClient, request } from "../test/acme.ts";
import { thrownBy } from "../test/thrown-by.ts";
import type { HttpCall } from "../vendor-spec/call.ts";
import type { Price } from "../vendor-spec/readings.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import { defineVendor } from "./create-client.ts";

const row = acme.models["acme-2"];
const model = (change: object) => ({ models: { m: { ...row, ...change } } });
const timing = (times: object) => model({ timing: [{ minMs: 1, maxMs: 2 }, times] });
const callback = { read: () => ({ id: "t" }) };
const upload = { call: () => ({ path: "/f" }), read: () => ({ url: "u" }) };

test.each<[member: string, change: object, rule?: string]>([
  ["vendor", { vendor: "Acme" }, "a name of lower-case letters"],
  ["vendor", { vendor: undefined }],
  ["vendor", { vendor: "a:b" }],
  ["baseUrl", { baseUrl: "api.acme.test" }, "an http(s) URL"],
  ["baseUrl", { baseUrl: "https://u:p@api.acme.test" }],
  ["baseUrl", { baseUrl: "https://api.acme.test/v1?key=1" }],
  ["baseUrl", { baseUrl: "https://api.acme.test:6000" }],
  ["baseUrl", { baseUrl: undefined }],
  ["origins", { origins: ["https://files.acme.test"] }],
  ["origins.files", { origins: { files: "ftp://files.acme.test" } }, "an http(s) URL"],
  ["origins.files", { origins: { files: "files.acme.test" } }],
  ["secrets", { secrets: {} }, "the environment variable of one secret at least"],
  ["secrets", { secrets: undefined }],
  ["secrets", { secrets: ["ACME_API_KEY"] }],
  ["secrets.apiKey", { secrets: { token: "ACME_TOKEN" } }, "where there is no `auth`"],
  ["secrets.apiKey", { secrets: { apiKey: "" } }, "the name of an environment variable"],
  ["secrets.apiKey", { secrets: { apiKey: "sk-1234 5678" } }],
  ["secrets.journal", { secrets: { apiKey: "A", journal: "B" } }, "called otherwise"],
  ["secrets.baseUrl", { secrets: { apiKey: "A", baseUrl: "B" } }, "called otherwise"],
  [
    "secrets.other",
    { secrets: { apiKey: "A", other: "A" } },
    "another environment variable than that of `secrets.apiKey`",
  ],
  ["auth", { auth: { authorization: "k" } }, "a function, or absent"],
  ["variant", { variant: "image" }],
  ["priceOf", { priceOf: 0.3 }],
  ["refusal", { refusal: undefined }, "a function"],
  ["submit", { submit: undefined }, "an object of call, read"],
  ["submit.call", { submit: { read: acme.submit.read } }],
  ["submit.read", { submit: { call: acme.submit.call } }, "a function"],
  ["submit.path", { submit: { ...acme.submit, path: "/t" } }, "absent: it is no member"],
  ["status", { status: () => ({ path: "/" }) }],
  ["status.call", { status: { read: acme.status.read } }],
  ["status.errors", { status: { ...acme.status, errors: "yes" } }, "`true`, or absent"],
  ["callback", { callback: () => ({ id: "t1" }) }, "an object of read"],
  ["callback.verify", { callback: { ...callback, verify: "HMAC" } }],
  ["callback.status", { callback: { ...callback, status: {} } }],
  ["callback.challenge", { callback: { ...callback, challenge: true } }],
  ["callback.verfy", { callback: { ...callback, verfy: () => true } }, "did you mean `callback.verify`?"],
  ["balance.call(…).path", { balance: { call: { path: "credits" }, read: () => ({}) } }],
  ["balance.call(…)", { balance: { read: () => ({}) } }, "a call with a `path`"],
  ["find.read", { find: { call: () => ({ path: "/list" }) } }],
  ["cancel.call", { cancel: {} }],
  ["cancel.destroys", { cancel: { call: () => ({ path: "/c" }), destroys: "yes" } }],
  ["upload.read", { upload: { call: upload.call } }],
  ["upload.form", { upload: { ...upload, form: {} } }],
  ["inline", { inline: 5 }],
  ["inline.maxBytes", { inline: { maxBytes: Number.NaN } }],
  ["inline.maxBytes", { inline: { maxBytes: 0 } }],
  ["inline.maxBytes", { inline: {} }],
  ["idempotencyWindowMs", { idempotencyWindowMs: 0 }],
  ["idempotencyWindowMs", { idempotencyWindowMs: Number.POSITIVE_INFINITY }],
  ["idempotencyWindowMs", { idempotencyWindowMs: "1h" }],
  ["maxTaskMs", { maxTaskMs: Number.NaN }],
  ["callbackWindowMs", { callbackWindowMs: -1 }],
  ["resultUrlLifeMs", { resultUrlLifeMs: Number.NaN }],
  ["limits.requestsPerMinute", { limits: { requestsPerMinute: Number.NaN } }],
  ["limits.concurrentTasks", { limits: { concurrentTasks: 0 } }],
  ["limits.perMinute", { limits: { perMinute: 10 } }, "absent"],
  ["taskIdPattern", { taskIdPattern: "^t" }],
  ["taskIdPattern", { taskIdPattern: /^t/g }, "without the flags g and y"],
  ["idempotencyWindow", { idempotencyWindow: 1 }, "did you mean `idempotencyWindowMs`?"],
  ["get", { get: {} }, "absent: it is no member of a description"],
  ["models", { models: undefined }],
  ["models", { models: {} }, "one model at least"],
  ["models", { models: [row] }],
  ['models["a b"]', { models: { "a b": row } }, "without blanks"],
  ['models[""]', { models: { "": row } }],
  ['models["M-1"]', { models: { "m-1": row, "M-1": row } }, "no model that is there already"],
  ['models["m"]', { models: { m: undefined } }],
  ['models["m"].request', model({ request: undefined })],
  ['models["m"].request', model({ request: z.string() })],
  ['models["m"].request.model', model({ request: z.strictObject({ model: z.string() }) })],
  ['models["m"].request.extraBody', model({ request: z.strictObject({ extraBody: z.unknown() }) })],
  ['models["m"].source', model({ source: undefined })],
  ['models["m"].source', model({ source: "" })],
  ['models["m"].family', model({ family: 26 })],
  ['models["m"].timing', model({ timing: { minMs: 1, maxMs: 2 } })],
  ['models["m"].timing.1', timing({ minMs: 2, maxMs: 1 }), "the smaller first"],
  ['models["m"].timing.1', timing({ minMs: -1, maxMs: 1 })],
  ['models["m"].timing.1', timing({ minMs: Number.NaN, maxMs: 1 })],
  ['models["m"].timing.1', timing({ minMs: 1 })],
  ['models["m"].timing.1', timing({ p50Ms: 2, p90Ms: 1 })],
  ['models["m"].timing.1', timing({ duration: 0, minMs: 1, maxMs: 2 })],
])("defineVendor names `%s` of %j", (member, change, rule = "") => {
  const error = thrownBy(() => defineVendor({ ...acme, ...change } as never));
  expect(error).toBeInstanceOf(TypeError);
  const vendor = "vendor" in change ? change.vendor : "acme";
  const { message } = error as Error;
  expect(message).toContain(`the description of ${String(vendor)}: \`${member}\` must be `);
  expect(message).toContain(rule);
});

test.each([undefined, null, "acme", []])("a description %j is no object", (spec) => {
  expect(() => defineVendor(spec as never)).toThrow(TypeError);
});

const submitting = (call: object | null): Partial<Adapter> => ({
  submit: { ...acme.submit, call: () => (call && { path: "/t", json: {}, ...call }) as HttpCall },
});
const asking = (call: object): Partial<Adapter> => ({
  status: { ...acme.status, call: () => ({ path: "/t", ...call }) as HttpCall },
});
const sending = (part: object): Partial<Adapter> => ({
  submit: { ...acme.submit, call: () => ({ path: "/t", json: { ...part } }) },
});
const priced = (price: unknown): Partial<Adapter> => ({ priceOf: () => price as Price });
const found = { find: { call: () => ({ path: "/list" }), read: () => [] } };
const boom = () => {
  throw new Error("boom");
};

describe("a plan and a submit fail, and nothing is sent", () => {
  test.each<[member: string, change: Partial<Adapter>, rule?: string]>([
    ["submit.call(…)", submitting(null), "a call with a `path`"],
    ["submit.call(…)", { submit: { ...acme.submit, call: boom } }, "does not throw: Error: boom"],
    ["submit.call(…).path", submitting({ path: "tasks" }), "starts with `/`"],
    ["submit.call(…).path", submitting({ path: "https://evil.test/t" }), "starts with `/`"],
    ["submit.call(…).path", submitting({ path: undefined }), "starts with `/`"],
    ["submit.call(…).path", submitting({ path: "/t x" }), "without blanks"],
    ["submit.call(…).path", submitting({ path: "/t#x" })],
    ["submit.call(…).path", submitting({ path: "/t\n" })],
    ["submit.call(…).path", submitting({ path: "/t\\x" })],
    ["submit.call(…).path", submitting({ path: "/t/../admin" }), "`.` or `..`"],
    ["submit.call(…).path", submitting({ path: "/t/%2E./admin" })],
    ["submit.call(…).path", submitting({ path: "/.." })],
    ["submit.call(…).at", submitting({ at: "elsewhere" }), "a name of `origins`"],
    ["submit.call(…).at", submitting({ at: "constructor" })],
    ["submit.call(…).method", submitting({ method: "post" })],
    ["submit.call(…).headers.Authorization", submitting({ headers: { Authorization: "mine" } }), "left out"],
    ["submit.call(…).headers.content-type", submitting({ headers: { "content-type": "text/plain" } }), "left out"],
    ["submit.call(…).headers.Host", submitting({ headers: { Host: "evil.test" } }), "left out"],
    ["submit.call(…).headers.x-a", submitting({ headers: { "x-a": "ä" } }), "visible ASCII"],
    ["submit.call(…).headers.x-a", submitting({ headers: { "x-a": "a\r\nb: c" } }), "visible ASCII"],
    ["submit.call(…).headers.x-a", submitting({ headers: { "x-a": undefined } }), "visible ASCII"],
    ["submit.call(…).headers.x a", submitting({ headers: { "x a": "a" } }), "visible ASCII"],
    ["submit.call(…).json", submitting({ json: "{}" })],
    ["submit.call(…).json", sending({ seconds: Number.NaN }), "plain JSON"],
    ["submit.call(…).json", sending({ at: new Date(0) }), "plain JSON"],
    ["submit.call(…).json", sending({ image: new URL("https://a.test") }), "plain JSON"],
    ["submit.call(…).json", sending({ image: new Blob(["x"]) }), "plain JSON"],
    ["submit.call(…).json", sending({ seed: 1n }), "plain JSON"],
    ["submit.call(…).form", submitting({ json: undefined, form: new FormData() }), "absent: a submit is JSON"],
    ["submit.call(…).form", submitting({ form: "a=1" })],
    ["status.call(…)", { status: { ...acme.status, call: boom } }, "does not throw"],
    ["status.call(…).path", asking({ path: "tasks" })],
    ["status.call(…).method", asking({ method: "PATCH" })],
    ["status.call(…).method", asking({ method: "GET", json: {} }), "other than GET"],
    ["status.call(…).form", asking({ json: {}, form: new FormData() })],
    ["cancel.call(…).path", { cancel: { call: () => ({ path: "cancel" }) } }],
    ["cancel.call(…)", { cancel: { call: boom } }],
    ["find", { ...found, ...sending({}) }, "neither `token` nor `callbackUrl`"],
    ["find.call(…).path", { find: { ...found.find, call: () => ({ path: "list" }) } }],
    ["find.call(…)", { find: { ...found.find, call: boom } }],
    ["idempotencyWindowMs", { idempotencyWindowMs: 1e6 }, "sends no `token`"],
    ["variant(…)", { variant: () => 7 as never }, "1 to 40 letters"],
    ["variant(…)", { variant: () => "a:b" }],
    ["variant(…)", { variant: () => "a/b" }],
    ["variant(…)", { variant: () => "" }],
    ["variant(…)", { variant: () => "x".repeat(41) }],
    ["variant(…)", { variant: () => undefined as never }],
    ["variant(…)", { variant: boom }, "does not throw"],
    ["priceOf(…)", priced(0.5), "a price, or nothing"],
    ["priceOf(…)", { priceOf: boom }, "does not throw"],
    ["priceOf(…).usd", priced({ usd: Number.NaN, source: "page" })],
    ["priceOf(…).usd", priced({ usd: -0.1, source: "page" })],
    ["priceOf(…).usd", priced({ usd: Number.POSITIVE_INFINITY, source: "page" })],
    ["priceOf(…).usd", priced({ usd: "0.3", source: "page" })],
    ["priceOf(…).credits", priced({ usd: 1, credits: Number.NaN, source: "page" })],
    ["priceOf(…).source", priced({ usd: 1 })],
  ])("`%s` of %j", async (member, change, rule = "") => {
    const { client, seen } = acmeClient([accepted], {}, change);
    const planned = thrownBy(() => client.plan(request)) as Error;
    const submitted: unknown = await client.submit(request).catch((error: unknown) => error);
    for (const { message } of [planned, submitted as Error]) {
      expect(message).toContain(`the description of acme: \`${member}\` must be `);
      expect(message).toContain(rule);
    }
    expect(planned).toBeInstanceOf(TypeError);
    expect(seen).toEqual([]);
  });
});

test.each([
  ["auth(…).content-type", { "content-type": "application/json" }],
  ["auth(…).Host", { Host: "evil.test" }],
])("what core sets is not for `%s`: the submit fails before anything is sent", async (member, headers) => {
  const { client, seen } = acmeClient([accepted], {}, { auth: () => headers });
  await expect(client.submit(request)).rejects.toThrow(`\`${member}\` must be left out: core sets it`);
  expect(seen).toEqual([]);
});
