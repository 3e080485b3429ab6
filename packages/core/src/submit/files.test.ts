// Files of a request: found by its schema, also in lists, and put into the request, uploaded or refused by their size.
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import type { ClientOptions } from "../context/options.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { accepted, acme, acmeClient } from "../test/acme.ts";
import { answer, type Step } from "../testing/stub-fetch.ts";
import { base64Of } from "../vendor-spec/data-url.ts";
import { file, media } from "../vendor-spec/media.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import { crossFieldRule } from "../vendor-spec/wire.ts";

const shape = {
  prompt: z.string(),
  start: z.optional(z.nullable(media().check(z.refine(() => true)))),
  referenceImages: z._default(z.array(media()).check(z.maxLength(3)), []),
  elements: z.optional(z.array(z.object({ name: z.string(), picture: media() }))),
  bytes: z.optional(file()),
};
const request = z.strictObject(shape).check(crossFieldRule("prompt", "never", () => true));
const spec: Partial<Adapter> = {
  models: { m: { source: "page", request } },
  submit: {
    ...acme.submit,
    call: ({ model: _, ...rest }) => ({ path: "/t", json: JSON.parse(JSON.stringify(rest)) as object as never }),
  },
  priceOf: undefined as never,
};
const inline = { maxBytes: 4 };
const withFiles = (change: Partial<Adapter> = {}, options: ClientOptions = {}, steps: readonly Step[] = [accepted]) =>
  acmeClient(steps, options, { ...spec, ...change });
const png = (text: string) => new Blob([text], { type: "image/png" });
const asked = { model: "m", prompt: "x" };
const bodyOf = ({ body } = { body: "" }) => JSON.parse(body) as { [field: string]: unknown };

describe("inline", () => {
  test.each<[bytes: string, isTaken: boolean]>([
    ["abc", true],
    ["abcd", true],
    ["abcde", false],
  ])("a file of %j at a limit of four bytes: %s", async (bytes, isTaken) => {
    const { client, seen } = withFiles({ inline });
    const submitting = client.submit({ ...asked, start: png(bytes) });
    if (!isTaken) {
      await expect(submitting).rejects.toMatchObject({ issues: [{ path: "start" }], billed: "no" });
      await expect(submitting).rejects.toThrow("at most 4 bytes");
      return expect(seen).toEqual([]);
    }
    await submitting;
    expect(bodyOf(seen[0])).toMatchObject({ start: `data:image/png;base64,${btoa(bytes)}` });
  });

  test("a data: URL counts by its bytes, and comes in base64", async () => {
    const { client, seen } = withFiles({ inline });
    await client.submit({ ...asked, start: "data:image/png,%61bc" });
    expect(bodyOf(seen[0])).toMatchObject({ start: `data:image/png;base64,${btoa("abc")}` });
  });

  test("a larger file is uploaded where the vendor takes uploads", async () => {
    const upload = { call: () => ({ path: "/files", json: {} }), read: () => ({ url: "https://f.test/1" }) };
    const { client, seen } = withFiles({ inline, upload }, {}, [answer(200, {}), accepted]);
    await client.submit({ ...asked, referenceImages: [png("abc"), png("abcde")] });
    expect(bodyOf(seen[1])).toMatchObject({
      referenceImages: [`data:image/png;base64,${btoa("abc")}`, "https://f.test/1"],
    });
  });

  test("the client's upload goes before it", async () => {
    const { client, seen } = withFiles({ inline }, { upload: async () => "https://mine.test/1" });
    await client.submit({ ...asked, start: png("abc") });
    expect(bodyOf(seen[0])).toMatchObject({ start: "https://mine.test/1" });
  });

  test("a plan shows a placeholder, and the journal a hash: neither holds the bytes", async () => {
    const journal = memoryJournal();
    const { client } = withFiles({ inline }, { journal });
    const wanted = {
      ...asked,
      start: png("abc"),
      referenceImages: [png("xyz")],
      elements: [{ name: "a", picture: png("pic") }],
    };
    const plan = client.plan(wanted);
    expect(plan.body).toMatchObject({
      start: "data:image/png;base64,inline:start",
      referenceImages: ["data:image/png;base64,inline:referenceImages.0"],
      elements: [{ picture: "data:image/png;base64,inline:elements.0.picture" }],
    });
    await client.submit(wanted, { idempotencyKey: "k" });
    const row = await journal.get("k");
    expect(row?.request).toMatchObject({
      start: { bytes: 3 },
      referenceImages: [{ bytes: 3 }],
      elements: [{ name: "a", picture: { bytes: 3 } }],
    });
    for (const bytes of ["abc", "xyz", "pic"]) expect(JSON.stringify(row)).not.toContain(btoa(bytes));
  });

  test.each([0, Number.NaN])("a limit of %s fails when the vendor is defined", (maxBytes) => {
    expect(() => withFiles({ inline: { maxBytes } })).toThrow("`inline.maxBytes` must be a number, 1 or more");
  });
});

test("files in lists and in parts are uploaded, each in its place, and URLs stay", async () => {
  let count = 0;
  const { client, seen } = withFiles({}, { upload: async () => `https://mine.test/${++count}` });
  await client.submit({
    ...asked,
    referenceImages: ["https://a.test/a.png", png("abc")],
    elements: [{ name: "a", picture: png("x") }],
  });
  expect(bodyOf(seen[0])).toMatchObject({
    referenceImages: ["https://a.test/a.png", "https://mine.test/1"],
    elements: [{ name: "a", picture: "https://mine.test/2" }],
  });
});

test("files that have no way to the vendor are refused, each by its place", () => {
  const { client } = withFiles();
  const wanted = {
    ...asked,
    referenceImages: ["https://a.test/a.png", png("x")],
    elements: [{ name: "a", picture: png("x") }],
  };
  expect(() => client.plan(wanted)).toThrow(/referenceImages\.1: must be a URL.*elements\.0\.picture: must be a URL/);
});

test("media in a list count in the hash by their bytes: another file under the same key is refused", async () => {
  const { client } = withFiles({ inline }, {}, [accepted, answer(200, { status: "running" })]);
  const wanted = (text: string) => ({ ...asked, referenceImages: [png(text)] });
  await client.submit(wanted("abc"), { idempotencyKey: "k" });
  await client.submit(wanted("abc"), { idempotencyKey: "k" });
  await expect(client.submit(wanted("abd"), { idempotencyKey: "k" })).rejects.toThrow("another request");
});

test("a field that takes bytes only refuses a URL", () => {
  expect(() => withFiles({ inline }).client.plan({ ...asked, bytes: "https://a.test/a.png" })).toThrow(
    "bytes: must be a data: URL or a Blob",
  );
});

test("the base64 of a data: URL comes bare, with its type", () => {
  expect(base64Of(`data:image/png;base64,${btoa("abc")}`)).toEqual({ data: btoa("abc"), type: "image/png" });
  expect(base64Of(`data:image/png;charset=x;base64,${btoa("abc")}`)).toEqual({ data: btoa("abc"), type: "image/png" });
  expect([base64Of("https://a.test/a.png"), base64Of("data:,x"), base64Of(undefined)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
