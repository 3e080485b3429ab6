import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { journalRequest, requestHash } from "./hash.ts";
import type { VideoRequest } from "./request.ts";

const hash = async (request: VideoRequest) => requestHash(await journalRequest(request));
const base = { model: "m", prompt: "a cat", extraBody: { a: 1, b: { c: 2, d: [1, 2] } } };

test("the order of words does not matter, at any depth, nor does what is undefined", async () => {
  const turned = { extraBody: { b: { d: [1, 2], c: 2 }, a: 1 }, image: undefined, prompt: "a cat", model: "m" };
  expect(await hash(turned)).toBe(await hash(base));
});

test("everything else does", async () => {
  const others: VideoRequest[] = [
    { ...base, model: "n" },
    { ...base, prompt: "a cat " },
    { ...base, duration: 5 },
    { ...base, extraBody: { a: 1, b: { c: 2, d: [2, 1] } } },
    { ...base, extraBody: { a: "1", b: { c: 2, d: [1, 2] } } },
    { ...base, image: "https://a.test/x.png" },
    { ...base, endImage: "https://a.test/x.png" },
    { ...base, image: "https://a.test/y.png" },
    { ...base, image: "http://a.test/x.png" },
    { ...base, image: new Blob(["x"]) },
    { ...base, image: new Blob(["y"]) },
    { ...base, image: "data:,x" },
  ];
  const hashes = await Promise.all([base, ...others].map(hash));
  expect(new Set(hashes).size).toBe(hashes.length);
});

test("a hash says which version of the rules made it", async () => {
  const text = '{"extraBody":{"a":1,"b":{"c":2,"d":[1,2]}},"model":"m","prompt":"a cat"}';
  expect(await hash(base)).toBe(`v1:${createHash("sha256").update(text).digest("hex")}`);
});

test("a medium's URL counts without its query, fragment and login: signed URLs change", async () => {
  const plain = await hash({ ...base, image: "https://a.test/x.png" });
  for (const image of [
    "https://a.test/x.png?sig=1#f",
    "https://user:pw@a.test/x.png",
    new URL("https://a.test/x.png?y"),
  ])
    expect(await hash({ ...base, image })).toBe(plain);
});

test("a Blob counts by its bytes alone", async () => {
  const named = new File(["abc"], "a.png", { type: "image/png" });
  expect(await hash({ ...base, image: named })).toBe(await hash({ ...base, image: new Blob(["a", "bc"]) }));
});

test("what the journal keeps holds no bytes, no query and no login", async () => {
  const kept = await journalRequest({
    ...base,
    image: new Blob(["BYTES"]),
    endImage: "data:text/plain,BYTES",
    motionVideo: "https://user:pw@a.test/v.mp4?sig=SECRET#SECRET",
  });
  expect(kept).toEqual({
    ...base,
    image: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: 5 },
    endImage: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: 21 },
    motionVideo: "https://a.test/v.mp4",
  });
  expect(JSON.stringify(kept)).not.toMatch(/BYTES|SECRET|pw/);
});
