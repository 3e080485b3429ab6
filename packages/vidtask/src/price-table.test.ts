import { expect, test } from "vitest";
import { createApixo, InvalidRequestError, pricesFrom, readPriceTable } from "./index.ts";

const table = readPriceTable({ "apixo:kling-2-6": { perSecond: 0.06 }, "apixo:veo-3-1": { perVideo: 1 } });

test("a price by the second and one by the video are what a plan says", () => {
  const client = createApixo({ prices: pricesFrom(table, "apixo") });
  const price = (request: Parameters<typeof client.plan>[0]) => client.plan(request).price?.usd;
  expect(price({ model: "kling-2-6", prompt: "x", duration: 10 })).toBeCloseTo(0.6);
  expect(price({ model: "veo-3-1", prompt: "x" })).toBe(1);
});

test("no price of another vendor, of another model, or by the second of an unknown length", () => {
  expect(pricesFrom(table, "aivideoapi")({ model: "kling-2-6", duration: 5 })).toBeUndefined();
  expect(pricesFrom(table, "apixo")({ model: "constructor", duration: 5 })).toBeUndefined();
  expect(pricesFrom(table, "apixo")({ model: "kling-2-6" })).toBeUndefined();
});

test.each<[unknown, string[]]>([
  [[], ["prices"]],
  [null, ["prices"]],
  ["x", ["prices"]],
  [{ "kling-2-6": { perVideo: 1 } }, ["kling-2-6"]],
  [{ "apixo:": { perVideo: 1 } }, ["apixo:"]],
  [{ "apixo:a": "0.3", "apixo:b": { perVideo: -1 } }, ["apixo:a", "apixo:b"]],
  [{ "apixo:a": { perVideo: 1, perSecond: 1 } }, ["apixo:a"]],
  [{ "apixo:a": { perMinute: 1 } }, ["apixo:a"]],
  [{ "apixo:a": { perVideo: Number.NaN } }, ["apixo:a"]],
  [{ "apixo:a": {} }, ["apixo:a"]],
])("%j is refused by its rows", (value, rows) => {
  let thrown: unknown;
  try {
    readPriceTable(value);
  } catch (error) {
    thrown = error;
  }
  expect(InvalidRequestError.isInstance(thrown) && thrown.issues.map(({ path }) => path)).toEqual(rows);
});
