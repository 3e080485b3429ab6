import { expect, test } from "vitest";
import * as z from "zod/mini";
import { media } from "../vendor-spec/media.ts";
import type { ModelSpecs } from "../vendor-spec/models.ts";
import { canonicalRequest } from "./canonical.ts";
import { checkRequest, isJsonObject, type VideoRequest } from "./request.ts";

const models: ModelSpecs = {
  one: {
    source: "https://docs.acme.test",
    request: z
      .strictObject({
        prompt: z.string().check(z.minLength(2), z.maxLength(4)),
        image: z.optional(media()),
        endImage: z.optional(media()),
        duration: z._default(z.literal([5, 10]), 5),
        cfgScale: z.optional(z.number().check(z.gte(0), z.lte(1), z.multipleOf(0.5))),
        voices: z.optional(z.array(z.string()).check(z.maxLength(1))),
        sound: z.optional(z.boolean()),
        either: z.optional(z.union([z.string(), z.number()])),
      })
      .check(
        z.refine((r) => !r.endImage || Boolean(r.image), {
          path: ["endImage"],
          error: "given with `image`",
          when: () => true,
        }),
      ),
  },
};
const good = { model: "one", prompt: "abc" };

function issuesOf(request: unknown) {
  const checked = checkRequest(models, canonicalRequest(request as VideoRequest));
  return checked.ok ? [] : checked.issues.map(({ path, rule }) => [path, rule]);
}

const rows: [name: string, request: object, ...issues: [path: string, rule: string][]][] = [
  ["too short a text", { prompt: "a" }, ["prompt", "at least 2 character"]],
  ["too long a text", { prompt: "abcde" }, ["prompt", "at most 4 characters"]],
  ["a missing text", { prompt: undefined }, ["prompt", "a string"]],
  ["a text of another type", { prompt: 7 }, ["prompt", "a string"]],
  ["a value that is not listed", { duration: 7 }, ["duration", "one of 5, 10"]],
  ["too large a number", { cfgScale: 1.5 }, ["cfgScale", "at most 1"]],
  ["too small a number", { cfgScale: -0.5 }, ["cfgScale", "at least 0"]],
  ["a number off its steps", { cfgScale: 0.3 }, ["cfgScale", "a multiple of 0.5"]],
  ["NaN", { cfgScale: Number.NaN }, ["cfgScale", "a number"]],
  ["a flag of another type", { sound: "yes" }, ["sound", "a boolean"]],
  ["a wrong member of a list", { voices: [7] }, ["voices.0", "a string"]],
  ["too long a list", { voices: ["a", "b"] }, ["voices", "at most 1"]],
  ["a medium that is no URL", { image: "picture.png" }, ["image", "an http(s) URL, a data: URL or a Blob"]],
  ["a medium on another scheme", { image: "file:///etc/passwd" }, ["image", "an http(s) URL, a data: URL or a Blob"]],
  ["a rule over two fields", { endImage: "https://a.test/x.png" }, ["endImage", "given with `image`"]],
  ["an extraBody that is no object", { extraBody: [] }, ["extraBody", "a plain JSON object"]],
];
for (const [name, wrong, ...issues] of rows)
  test(`${name} is an issue with its path and its rule`, () => {
    expect(issuesOf({ ...good, ...wrong })).toEqual(issues);
  });

test("unknown fields are issues, each under its own name, and the known ones are listed", () => {
  const issues = issuesOf({ ...good, size: 1, __typo: 2 });
  expect(issues.map(([path]) => path)).toEqual(["size", "__typo"]);
  expect(issues[0]?.[1]).toContain("prompt, image, endImage");
});

test("all issues are listed at once", () => {
  const wrong = {
    model: "one",
    prompt: "",
    duration: 7,
    endImage: "https://a.test/x.png",
    size: 1,
    extraBody: () => {},
  };
  expect(
    issuesOf(wrong)
      .map(([path]) => path)
      .toSorted(),
  ).toEqual(["duration", "endImage", "extraBody", "prompt", "size"]);
});

test("a model that is not there is the only issue, and those that are there are named", () => {
  for (const model of ["two", "", "__proto__", "constructor", 7, null, undefined])
    expect(issuesOf({ model, prompt: "" })).toEqual([["model", "one of one"]]);
});

test("what is no request at all is one issue", () => {
  for (const request of [undefined, null, 7, "one", [], true])
    expect(issuesOf(request).map(([path]) => path)).toEqual(["request"]);
});

test.each([undefined, null])("%s is the same as absent, also for fields that do not exist", (nothing) => {
  expect(issuesOf({ ...good, image: nothing, size: nothing, extraBody: nothing })).toEqual([]);
});

test.each([
  ["prompt", { prompt: undefined }, "is required: a string"],
  ["prompt", { prompt: null }, "is required: a string"],
  ["model", { model: undefined }, "is required: one of one"],
])("of a missing %s the message says that it is required", (path, change, message) => {
  const checked = checkRequest(models, canonicalRequest({ ...good, ...change } as VideoRequest));
  expect(checked.ok ? [] : checked.issues.find((found) => found.path === path)?.message).toBe(message);
});

test("of an unknown field it is said which was probably meant", () => {
  const checked = checkRequest(models, { ...good, cfg_scale: 1 });
  expect(checked.ok ? "" : checked.issues[0]?.message).toMatch(/^is not a field of one, .*: did you mean cfgScale\?$/);
});

test("defaults are filled in, and nothing else", () => {
  expect(checkRequest(models, good)).toMatchObject({ ok: true, request: { model: "one", prompt: "abc", duration: 5 } });
});

test("media may be URLs as text or object, data: URLs and Blobs", () => {
  for (const image of [
    "https://a.test/x.png",
    "http://a.test/x",
    new URL("https://a.test/x"),
    "data:image/png;base64,AA==",
    new Blob(["x"]),
  ])
    expect(issuesOf({ ...good, image })).toEqual([]);
});

test("an extraBody is plain JSON: no cycle, no class, no function, no bottomless depth", () => {
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  let deep: object = {};
  for (let depth = 0; depth < 100_000; depth++) deep = { deep };
  const wrong = [
    cycle,
    { deep },
    { a: new Date() },
    { a: new Map() },
    { a: () => {} },
    { a: 1n },
    { a: Number.NaN },
    { a: Symbol("x") },
    { a: [undefined] },
  ];
  for (const extraBody of wrong)
    expect(issuesOf({ ...good, extraBody })).toEqual([["extraBody", "a plain JSON object"]]);
  for (const extraBody of [
    {},
    { a: [1, { b: null }], c: undefined },
    Object.assign(Object.create(null) as object, { a: 1 }),
  ])
    expect(issuesOf({ ...good, extraBody })).toEqual([]);
  expect(isJsonObject(null)).toBe(false);
});

test("an extraBody is kept as it was when it was checked", () => {
  const extraBody = { a: { b: 1 }, gone: undefined };
  const checked = checkRequest(models, canonicalRequest({ ...good, extraBody }));
  extraBody.a.b = 2;
  expect(checked.ok && checked.request.extraBody).toEqual({ a: { b: 1 } });
  expect(checked.ok && Object.keys(checked.request.extraBody ?? {})).toEqual(["a"]);
});

test("an issue shows the value where that helps, and never much of it", () => {
  const checked = checkRequest(models, { model: "x".repeat(10_000) });
  expect(checked.ok ? "" : checked.issues[0]?.message).toMatch(/^must be one of one, not "x{79}$/);
});
