// What an adapter reads becomes a task of the documented shape, or a ProtocolError.
import { expect, test } from "vitest";
import { acme, acmeClient, ref, running } from "../test/acme.ts";
import { errorOf, KEY } from "../testing/vendor-suite.ts";

const submittedAt = "2026-01-01T00:00:00.000Z";
const url = "https://cdn.acme.test/v.mp4";
const reading = (read: unknown, change = {}) =>
  acmeClient([running], {}, { status: { ...acme.status, read: () => read as never }, ...change }).client.get({
    ...ref,
    submittedAt,
  });

test("a succeeded task has its videos, with the time their URLs die", async () => {
  const completedAt = "2026-01-01T00:10:00.000Z";
  const videos = [{ url, width: 1280 }, { url: `${url}?2` }];
  expect(await reading({ state: "succeeded", videos, completedAt, createdAt: submittedAt })).toEqual({
    ...ref,
    submittedAt,
    createdAt: submittedAt,
    completedAt,
    state: "succeeded",
    videos: videos.map((video) => ({ ...video, expiresAt: "2026-01-01T01:10:00.000Z" })),
  });
});

test("without a completion time a URL lives from the submit on; without a documented life it does not die", async () => {
  expect(await reading({ state: "succeeded", videos: [{ url }] })).toMatchObject({
    videos: [{ expiresAt: "2026-01-01T01:00:00.000Z" }],
  });
  const forEver = await reading({ state: "succeeded", videos: [{ url }] }, { resultUrlLifeMs: undefined });
  expect(forEver).toMatchObject({ videos: [{ url }] });
  expect(JSON.stringify(forEver)).not.toContain("expiresAt");
});

test("a running task says when to ask again", async () => {
  expect(await reading({ state: "processing", progress: 0.5 })).toEqual({
    ...ref,
    submittedAt,
    state: "processing",
    progress: 0.5,
    nextPollAt: "2026-01-01T00:00:04.633Z", // on the phase of its id
  });
});

test("a failure without words is a failure all the same", async () => {
  for (const failure of [undefined, null, {}, { message: null }, { message: 7, vendorCode: 7 }, { message: "" }])
    expect(await reading({ state: "failed", failure })).toMatchObject({
      state: "failed",
      failure: { code: "unknown", message: "the vendor gives no reason", billed: "unknown" },
    });
});

test("a failure's words are bounded and hold no secret", async () => {
  const task = await reading({
    state: "failed",
    failure: { code: "internal", vendorCode: KEY, message: `${KEY} `.repeat(1_000), billed: "yes" },
  });
  expect(task).toMatchObject({ failure: { code: "internal", billed: "yes" } });
  expect(JSON.stringify(task)).not.toContain(KEY);
  expect(JSON.stringify(task).length).toBeLessThan(1_000);
});

test("members of another type are left out", async () => {
  const task = await reading({ state: "pending", createdAt: null, completedAt: 7, progress: "half" });
  expect(Object.keys(task).toSorted()).toEqual(["id", "model", "nextPollAt", "state", "submittedAt", "vendor"]);
});

test("a time that is none costs no video, only its expiry", async () => {
  for (const completedAt of ["soon", "", "+275760-09-13T00:00:00.000Z"]) {
    const task = await reading({ state: "succeeded", videos: [{ url }], completedAt });
    expect(task, `${completedAt}`).toEqual(expect.objectContaining({ state: "succeeded" }));
  }
});

test("a reading that is no task is a ProtocolError that says where", async () => {
  const rows: [unknown, string | undefined][] = [
    [undefined, undefined],
    [null, undefined],
    ["succeeded", "state"],
    [{}, "state"],
    [{ state: "what" }, "state"],
    [{ state: "succeeded" }, "videos"],
    [{ state: "succeeded", videos: [] }, "videos"],
    [{ state: "succeeded", videos: "https://cdn.acme.test/v.mp4" }, "videos"],
    [{ state: "succeeded", videos: [null, 7, "x"] }, "videos"],
    [{ state: "succeeded", videos: [{}, { url: null }] }, "videos"],
    [{ state: "succeeded", videos: [{ url: "file:///etc/passwd" }, { url: "https://" }] }, "videos"],
  ];
  for (const [read, path] of rows) {
    const error = (await errorOf(reading(read))) as { code: string; path?: string };
    expect(error.code, `${JSON.stringify(read)}`).toBe("protocol");
    expect(error.path, `${JSON.stringify(read)}`).toBe(path);
  }
});

const urlsOf = async (...given: unknown[]) => {
  const task = await reading({ state: "succeeded", videos: given.map((one) => ({ url: one })) });
  return task.state === "succeeded" ? task.videos.map((video) => video.url) : [];
};

test.each([null, undefined, 7, "", " ", "nope", "https://", "ftp://a.test/v.mp4", "javascript:alert(1)"])(
  "a good URL is taken beside %j, before and after it",
  async (bad) => {
    expect(await urlsOf(bad, url)).toEqual([url]);
    expect(await urlsOf(url, bad)).toEqual([url]);
  },
);

test("a URL is taken once, without the blanks around it", async () => {
  expect(await urlsOf(` ${url}\n`, url, `\t${url}`)).toEqual([url]);
});

test.each(["http://cdn.acme.test/v.mp4", "https://10.0.0.1/v.mp4", "https://user@cdn.acme.test/v.mp4"])(
  "%s, which nothing here fetches, is taken only where there is no better one",
  async (other) => {
    expect(await urlsOf(other, url)).toEqual([url]);
    expect(await urlsOf(other)).toEqual([other]);
  },
);

test("a balance is read, and a damaged one is a ProtocolError", async () => {
  const balance = (body: unknown) =>
    acmeClient([() => Response.json(body)]).client.balance?.() ?? Promise.reject(new Error("absent"));
  expect(await balance(74.87)).toEqual({ usd: 74.87 });
  expect(await errorOf(balance("much"))).toMatchObject({ code: "protocol", phase: "poll" });
  expect("balance" in acmeClient([], {}, { balance: undefined as never }).client).toBe(false);
});
