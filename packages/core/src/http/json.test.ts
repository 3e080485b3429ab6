import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cpuMs } from "../test/turns.ts";
import { parseDamaged, parseJson } from "./json.ts";

describe("a whole text", () => {
  test("is what JSON.parse makes of it, where no integer is too large for a number", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/\d{16}/.test(text));
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 300, seed: 11 },
    );
  });

  test.each([
    ["12345678901234567890", "12345678901234567890"],
    ["9007199254740993", "9007199254740993"],
    ["-9007199254740993", "-9007199254740993"],
    ["9007199254740991", 9_007_199_254_740_991],
    ["1234567890123456", 1_234_567_890_123_456],
    ["1.12345678901234567890", 1.123_456_789_012_345_7],
    ["1e20", 1e20],
    ['"12345678901234567890"', "12345678901234567890"],
    ['"\\"12345678901234567890"', '"12345678901234567890'],
    ['"\\\\",12345678901234567890', undefined],
    ['["\\\\",12345678901234567890]', ["\\", "12345678901234567890"]],
    ['{"12345678901234567890":[12345678901234567891]}', { "12345678901234567890": ["12345678901234567891"] }],
    ["{", undefined],
    ["", undefined],
  ])("%s is read as %j", (text, value) => expect(parseJson(text)).toEqual(value));
});

describe("a text that broke off", () => {
  test.each([
    ['{"data":{"taskId":"t1"', { data: { taskId: "t1" } }],
    ['{"data":{"taskId":"t1","mod', { data: { taskId: "t1" } }],
    ['{"data":{"taskId":"t1","mod"', { data: { taskId: "t1" } }],
    ['{"data":{"taskId":"t1","mod":', { data: { taskId: "t1" } }],
    ['{"data":{"taskId":"t1', undefined],
    ['{"code":200,"data":{"taskId":"t1', { code: 200 }],
    ['{"data":{"taskId":"t1\\"', undefined],
    ['{"data":{"taskId":123', undefined],
    ['{"data":{"taskId":123,', { data: { taskId: 123 } }],
    ['{"data":{"taskId":12345678901234567890}', { data: { taskId: "12345678901234567890" } }],
    ['[1,[2,{"a":[]},3', [1, [2, { a: [] }]]],
    ['{"a":1}<html>', { a: 1 }],
    ['{"a":1} {"a":2}', { a: 1 }],
    ['{"a":"x"b":"y"}', { a: "x" }],
    ['{"a":"x" "b":"y"}', { a: "x" }],
    ['{"a":"x","b" "c"}', { a: "x" }],
    ['{"a":"x"]', { a: "x" }],
    ['"text', undefined],
    ['"text"', "text"],
    ["tru", undefined],
    ["<html>", undefined],
    ["", undefined],
  ])("%s is read as %j", (text, value) => expect(parseDamaged(text)).toEqual(value));

  test("gives, cut anywhere, a part of the whole: no member that it does not have, no value that is not its own", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.nat(), (value, at) => {
        const text = JSON.stringify({ value });
        expect(isPartOf(parseDamaged(text.slice(0, at % (text.length + 1))), parseJson(text))).toBe(true);
      }),
      { numRuns: 500, seed: 12 },
    );
  });
});

function isPartOf(part: unknown, whole: unknown): boolean {
  if (part === undefined) return true;
  if (Array.isArray(part)) return Array.isArray(whole) && part.every((item, index) => isPartOf(item, whole[index]));
  if (typeof part !== "object" || part === null) return Object.is(part, whole);
  const members = whole as Record<string, unknown>;
  return Object.entries(part).every(
    ([name, member]) => Object.hasOwn(members, name) && isPartOf(member, members[name]),
  );
}

test("a mebibyte of anything is read in the time that its length takes", () => {
  const pieces = [
    '"',
    "\\",
    '\\"',
    "{",
    "[",
    '"a',
    '{"a":',
    '{"a":"',
    "[1,",
    '"a":',
    "1",
    "-",
    " ",
    "<p>",
    '{"a":"x",',
    "1,",
    '"a":1,',
  ];
  const fill = (piece: string) => piece.repeat(Math.floor(2 ** 20 / piece.length));
  for (const piece of pieces)
    for (const text of [fill(piece), `{"a":"${fill(piece)}`, `{"a":[${fill(piece)}`, `{"a":"${fill(piece)}"}`]) {
      const cost = cpuMs(() => void [parseJson(text), parseDamaged(text)]);
      expect([text.slice(0, 20), cost < 1_500]).toEqual([text.slice(0, 20), true]);
    }
});
