import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { canonicalRequest } from "./canonical.ts";
import { journalRequest, requestHash } from "./hash.ts";
import type { VideoRequest } from "./request.ts";

const kept = (request: VideoRequest) => journalRequest(canonicalRequest(request));
const hash = async (request: VideoRequest) => requestHash(await kept(request));
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
    { ...base, image: "https://a.test/x.png?page=1" },
    { ...base, image: "https://a.test/x.png?page=2" },
    { ...base, image: "https://a.test/x.png?page=2&v=1" },
    { ...base, image: new Blob(["x"]) },
    { ...base, image: new Blob(["y"]) },
    { ...base, image: "data:,z" },
  ];
  const hashes = await Promise.all([base, ...others].map(hash));
  expect(new Set(hashes).size).toBe(hashes.length);
});

test("a hash says which version of the rules made it", async () => {
  const text = '{"extraBody":{"a":1,"b":{"c":2,"d":[1,2]}},"model":"m","prompt":"a cat"}';
  expect(await hash(base)).toBe(`v2:${createHash("sha256").update(text).digest("hex")}`);
});

const presigned: [string, string, string][] = [
  [
    "S3",
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20261126&X-Amz-Date=20261126T000000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=aa",
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20261127&X-Amz-Date=20261127T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=bb&X-Amz-Security-Token=cc",
  ],
  ["S3, in small letters", "x-amz-signature=aa&x-amz-date=1", "x-amz-signature=bb&x-amz-date=2"],
  ["S3, an older way", "AWSAccessKeyId=AKIA&Expires=1&Signature=aa", "AWSAccessKeyId=AKIB&Expires=2&Signature=bb%3D"],
  ["Google Cloud Storage", "X-Goog-Algorithm=a&X-Goog-Date=1&X-Goog-Signature=aa", "X-Goog-Date=2&X-Goog-Signature=bb"],
  [
    "Google Cloud Storage, an older way",
    "GoogleAccessId=a&Expires=1&Signature=aa",
    "GoogleAccessId=a&Expires=2&Signature=bb",
  ],
  ["CloudFront", "Expires=1&Signature=aa&Key-Pair-Id=K1", "Expires=2&Signature=bb&Key-Pair-Id=K2"],
  ["CloudFront with a policy", "Policy=aa&Signature=aa&Key-Pair-Id=K1", "Policy=bb&Signature=bb&Key-Pair-Id=K1"],
  [
    "Azure",
    "sv=2024-11-04&st=2026-11-26T00%3A00Z&se=2026-11-27T00%3A00Z&sr=b&sp=r&sip=1.2.3.4&spr=https&sig=aa%3D",
    "sv=2025-01-05&se=2026-11-28T00%3A00Z&sr=b&sp=r&skoid=x&sktid=y&skt=z&ske=z&sks=b&skv=2025&sig=bb%3D",
  ],
  ["another host with a signature", "sig=aa", "sig=bb"],
];

test.each(presigned)("a URL that is signed anew is the same: %s", async (_name, one, two) => {
  const plain = await hash({ ...base, image: "https://a.test/x.png" });
  for (const query of [one, two]) expect(await hash({ ...base, image: `https://a.test/x.png?${query}` })).toBe(plain);
});

test.each(presigned)("beside a signature the rest of a query counts: %s", async (_name, one, two) => {
  const url = (signature: string, page: number) => `https://a.test/x.png?page=${page}&${signature}&versionId=7`;
  const first = await hash({ ...base, image: url(one, 1) });
  expect(await hash({ ...base, image: url(two, 1) })).toBe(first);
  expect(await hash({ ...base, image: url(one, 2) })).not.toBe(first);
});

test.each(["st=1&se=2", "sv=1", "sp=r&sr=b", "signatures=1", "expiresIn=1", "amz-date=1", "x-amz=1", "Policy=1"])(
  "%s is no signature: it counts",
  async (query) => {
    const plain = await hash({ ...base, image: "https://a.test/x.png" });
    expect(await hash({ ...base, image: `https://a.test/x.png?${query}` })).not.toBe(plain);
  },
);

test.each<[string, string | URL]>([
  ["a fragment", "https://a.test/x.png#top"],
  ["a login", "https://user:pw@a.test/x.png"],
  ["an empty query", "https://a.test/x.png?"],
  ["another spelling of scheme and host", "HTTPS://A.test:443/x.png"],
  ["blanks around it", " https://a.test/x.png\n"],
  ["a URL object", new URL("https://a.test/x.png")],
])("%s changes nothing", async (_what, image) => {
  expect(await hash({ ...base, image })).toBe(await hash({ ...base, image: "https://a.test/x.png" }));
});

test.each([{}, { a: undefined }])("an extraBody of %o is none", async (extraBody) => {
  expect(await hash({ model: "m", prompt: "x", extraBody })).toBe(await hash({ model: "m", prompt: "x" }));
});

test("a data: URL counts as the file it holds", async () => {
  const file = await hash({ ...base, image: new Blob(["xyz"], { type: "image/png" }) });
  for (const image of ["data:image/png;base64,eHl6", " DATA:image/png;BASE64,eHl6", "data:image/png,xyz"])
    expect(await hash({ ...base, image })).toBe(file);
});

test("a URL counts in its normal form", async () => {
  const plain = await hash({ ...base, image: "https://a.test/x.png" });
  for (const image of [" https://a.te\tst/x.png\n", "HTTPS://A.test:443/x.png", "https://a.test/y/../x.png"])
    expect(await hash({ ...base, image })).toBe(plain);
});

test("null and an empty extraBody count as nothing", async () => {
  const { extraBody: _, ...rest } = base;
  const plain = await hash(rest);
  for (const extraBody of [undefined, null, {}, { a: undefined }])
    expect(await hash({ ...rest, extraBody, image: null } as never)).toBe(plain);
});

test("a Blob counts by its bytes alone", async () => {
  const named = new File(["abc"], "a.png", { type: "image/png" });
  expect(await hash({ ...base, image: named })).toBe(await hash({ ...base, image: new Blob(["a", "bc"]) }));
});

test("what the journal keeps holds no bytes, no query and no login", async () => {
  const row = await kept({
    ...base,
    image: new Blob(["BYTES"]),
    endImage: "data:text/plain,BYTES",
    motionVideo: "https://user:pw@a.test/v.mp4?token=SECRET&sig=SECRET#SECRET",
  });
  expect(row).toEqual({
    ...base,
    image: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: 5 },
    endImage: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: 5 },
    motionVideo: expect.stringMatching(/^https:\/\/a\.test\/v\.mp4\?[0-9a-f]{64}$/),
  });
  expect(JSON.stringify(row)).not.toMatch(/BYTES|SECRET|pw/);
});
