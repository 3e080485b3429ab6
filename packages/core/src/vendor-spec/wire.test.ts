import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import {
  amount,
  lenient,
  failedTask,
  jsonString,
  lookUp,
  nullish,
  crossFieldRule,
  timesOf,
  unixTime,
  effectiveStatus,
  isOk,
  taskId,
  url,
  urls,
  wordOf,
} from "./wire.ts";

describe("unixTime", () => {
  test("reads seconds and milliseconds", () => {
    expect(z.parse(unixTime, 1_705_123_450)).toBe("2024-01-13T05:24:10.000Z");
    expect(z.parse(unixTime, 1_705_123_450_123)).toBe("2024-01-13T05:24:10.123Z");
  });

  test.each(["1705123450", " 1705123450123 ", "2024-01-13T05:24:10Z", "2024-01-13T06:24:10.000+01:00"])(
    "reads %j",
    (given) => expect(z.parse(unixTime, given)).toMatch(/^2024-01-13T05:24:10\.\d{3}Z$/),
  );

  // Without a zone it may be any of 26 hours; 0 stands for a time that is not set, and 2026 for a year; microseconds are none that is documented.
  test.each([
    0,
    "0",
    -1,
    "",
    "2026",
    978_307_200,
    "soon",
    "2024-01-13 05:24:10",
    "2024-01-13T05:24:10",
    "2024-99-99T05:24:10Z",
    1.7e15,
    {},
    true,
  ])("%j is no time", (given) => expect(z.safeParse(unixTime, given).success).toBe(false));

  test("whatever it is given, it is an ISO time or an issue, never an exception", () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.integer(), fc.anything()), (value) => {
        const read = z.safeParse(unixTime, value);
        if (read.success) expect(new Date(read.data).toISOString()).toBe(read.data);
      }),
      { numRuns: 2_000, seed: 4 },
    );
    for (const value of [8.64e15, 8.64e15 + 1, -1, 1e11 - 1, 1e11, Number.MAX_VALUE, Number.NaN, Infinity, "1"])
      expect(() => z.safeParse(unixTime, value)).not.toThrow();
  });
});

test("maybe: absent and null are the same; detail: so is everything that is not as documented", () => {
  const schema = z.object({ a: nullish(z.string()), b: lenient(z.string()), c: lenient(unixTime) });
  expect(z.parse(schema, {})).toEqual({});
  expect(z.parse(schema, { a: null, b: null, c: null })).toEqual({ a: null, b: undefined, c: undefined });
  expect(z.parse(schema, { b: 7, c: "now" })).toEqual({ b: undefined, c: undefined });
  expect(z.parse(schema, { a: "x", b: "y", c: 2e9 })).toMatchObject({ a: "x", b: "y", c: "2033-05-18T03:33:20.000Z" });
  expect(z.safeParse(schema, { a: 7 }).success).toBe(false);
});

describe("jsonString", () => {
  const schema = z.object({ result: jsonString(z.object({ urls: z.array(z.string()) }), '{"urls":[]}') });
  test("reads JSON inside JSON", () => {
    expect(z.parse(schema, { result: '{"urls":["a"],"more":1}' })).toEqual({ result: { urls: ["a"] } });
  });
  test("reads what the JSON stands for, where it is no text", () => {
    expect(z.parse(schema, { result: { urls: ["a"], more: 1 } })).toEqual({ result: { urls: ["a"] } });
  });
  test("reads JSON that was made JSON twice", () => {
    expect(z.parse(schema, { result: JSON.stringify('{"urls":["a"]}') })).toEqual({ result: { urls: ["a"] } });
  });
  test.each(["", "{", "null", "[]", '"{"', "7", '{"urls":[1]}', '{"urls":null}', 7, null, undefined, { urls: [1] }])(
    "%j is an issue that shows an example",
    (result) => {
      const read = z.safeParse(schema, { result });
      expect(read.success).toBe(false);
      expect(read.error?.issues).toHaveLength(1);
      if (typeof result === "string") expect(read.error?.issues[0]?.message).toContain('{"urls":[]}');
    },
  );
});

test("lookUp: only words that the table itself has", () => {
  const table = { NSFW: 1 };
  for (const word of ["NSFW", "nsfw", " Nsfw "]) expect(lookUp(table, word)).toBe(1);
  for (const word of ["constructor", "__proto__", "toString", "", null, undefined])
    expect(lookUp(table, word)).toBeUndefined();
});

test("rule: is checked where another field is wrong, too, and of anything", () => {
  const schema = z
    .object({ a: z.string(), b: z.optional(z.string()) })
    .check(crossFieldRule("b", "absent without a", (request) => !request["b"] || Boolean(request["a"])));
  expect(z.safeParse(schema, { b: "x" }).error?.issues.map(({ path }) => path)).toEqual([["a"], ["b"]]);
  for (const value of [null, undefined, 7, []]) expect(z.safeParse(schema, value).success).toBe(false);
});

test("timesOf and failedTask leave out what is not there", () => {
  expect(timesOf(undefined, null)).toEqual({});
  expect(timesOf("a", "b")).toEqual({ createdAt: "a", completedAt: "b" });
  for (const nothing of [null, undefined, ""])
    expect(failedTask({ code: "unknown", billed: "no", message: nothing, vendorCode: nothing })).toEqual({
      state: "failed",
      failure: { code: "unknown", message: "the vendor gives no reason", billed: "no" },
    });
  expect(failedTask({ code: "timeout", billed: "yes", message: "late", vendorCode: "T" }).failure).toEqual({
    code: "timeout",
    message: "late",
    vendorCode: "T",
    billed: "yes",
  });
});

test.each([
  [200, undefined, 200],
  [200, null, 200],
  [200, 200, 200],
  [200, 400, 400],
  [500, 200, 500],
  [401, 400, 400],
  [200, 0, 0],
])("HTTP %s with code %s counts as %s", (status, code, counts) => {
  expect(effectiveStatus(status, code)).toBe(counts);
});

test("only an HTTP status and a code of 200 together need no further look", () => {
  expect(isOk(200, { code: 200 })).toBe(true);
  const others: [number, unknown][] = [
    [500, { code: 200 }],
    [200, { code: "200" }],
    [200, { code: 402 }],
    [200, {}],
    [200, null],
    [200, undefined],
  ];
  for (const [status, body] of others) expect(isOk(status, body)).toBe(false);
});

test("a path holds no value that could leave its place in it", () => {
  expect(url`/tasks/${"a/b?c#d"}/${7}`).toBe("/tasks/a%2Fb%3Fc%23d/7");
});

describe("wordOf", () => {
  const state = wordOf(["pending", "success"]);
  test.each(["success", "SUCCESS", "Success", " success\n"])("%j is success", (given) =>
    expect(z.parse(state, given)).toBe("success"),
  );
  test.each(["succeeded", "", "constructor", 1, null, undefined])("%j is none of its words", (given) =>
    expect(z.safeParse(state, given).success).toBe(false),
  );
});

describe("urls", () => {
  const body = z.object({ urls });
  const good = "https://a.test/v.mp4";
  test.each([
    [[good], [good]],
    [good, [good]],
    [[null, ` ${good} `, 7, good, {}], [good]],
    [["HTTP://a.test/v.mp4"], ["HTTP://a.test/v.mp4"]],
    [["nope", "ftp://a.test/v", "https://", "http"], []],
    [null, []],
    [{ 0: good }, []],
    [[[good]], [good]],
    [[{ url: good, type: "mp4" }], [good]],
    [{ url: ` ${good}` }, [good]],
    [JSON.stringify([good]), [good]],
    [JSON.stringify(JSON.stringify([good])), [good]],
    ["[", []],
    [`{"url":"${good}"`, []],
    [[[[[[[good]]]]]], []],
    [undefined, []],
  ])("of %j are %j", (given, read) => expect(z.parse(body, { urls: given })).toEqual({ urls: read }));
  test("of nothing are none", () => expect(z.parse(body, {})).toEqual({ urls: [] }));
});

test.each([
  [7.5, 7.5],
  ["7.5", 7.5],
  [" -12 ", -12],
  ["0", 0],
  ["+5", 5],
  [".5", 0.5],
  ["5.", 5],
  ["1.2345678901234567890123", 1.2345678901234567],
  ["1e3", 1000],
])("an amount of %j is %s", (given, read) => expect(z.parse(amount, given)).toBe(read));

test("what is no amount is told in words", () => {
  expect(z.safeParse(amount, "much").error?.issues).toMatchObject([{ message: "a number" }]);
});

test.each([
  "",
  " ",
  ".",
  "1e999",
  "0x1",
  "1,5",
  "$7",
  [5],
  {},
  "Infinity",
  "9".repeat(400),
  Infinity,
  Number.NaN,
  null,
  true,
])("%j is no amount", (given) => expect(z.safeParse(amount, given).success).toBe(false));

test("a task id is a text, or the digits of a number", () => {
  expect([z.parse(taskId, "t1"), z.parse(taskId, 7)]).toEqual(["t1", "7"]);
  for (const given of [0, -1, 1.5, 1e300, null, {}, true]) expect(z.safeParse(taskId, given).success).toBe(false);
});
