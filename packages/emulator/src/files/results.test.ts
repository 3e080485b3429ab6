import { beforeAll, describe, expect, test } from "vitest";
import { createEmulator, type Emulator } from "../emulator.ts";
import { setState } from "../given-state.ts";

const DAY = 86_400_000;
let emulator: Emulator;
let whole: Uint8Array;
let etag: string;
let modified: string;
const url = "https://emulator.test/results/apixo/task_1.mp4";

async function get(headers: Record<string, string> = {}, method = "GET") {
  const response = await emulator.fetch(url, { method, headers });
  return { status: response.status, headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) };
}

beforeAll(async () => {
  emulator = createEmulator({ clock: "manual" });
  setState(emulator, { vendor: "apixo", task: { taskId: "task_1", model: "kling-2-6", state: "success" } });
  const answer = await get();
  whole = answer.bytes;
  etag = answer.headers.get("etag") ?? "";
  modified = answer.headers.get("last-modified") ?? "";
});

test("a result is served whole, without a key, with its length, type, strong ETag and date", async () => {
  const { status, headers, bytes } = await get();
  expect(status).toBe(200);
  expect(headers.get("content-length")).toBe(String(bytes.byteLength));
  expect(headers.get("content-type")).toBe("video/mp4");
  expect(headers.get("accept-ranges")).toBe("bytes");
  expect(headers.get("etag")).toMatch(/^"[\w-]{27}"$/);
  expect(headers.get("last-modified")).toBe("Thu, 01 Jan 2026 00:00:00 GMT");
});

test("HEAD has the same head and no body, and ignores a range", async () => {
  const { status, headers, bytes } = await get({ range: "bytes=0-9" }, "HEAD");
  expect([status, headers.get("content-length"), headers.get("etag"), bytes.byteLength]).toEqual([
    200,
    String(whole.byteLength),
    etag,
    0,
  ]);
});

test("another method is refused", async () => {
  const { status, headers } = await get({}, "DELETE");
  expect(status).toBe(405);
  expect(headers.get("allow")).toBe("GET, HEAD");
});

describe("Range", () => {
  test.each<[string, (size: number) => [number, number]]>([
    ["bytes=0-0", () => [0, 1]],
    ["bytes=10-19", () => [10, 20]],
    ["bytes=1000-", (size) => [1000, size]],
    ["bytes=-500", (size) => [size - 500, size]],
    ["bytes=-99999999", (size) => [0, size]],
    ["bytes=5-99999999", (size) => [5, size]],
  ])("%s is answered with 206", async (range, part) => {
    const [start, end] = part(whole.byteLength);
    const { status, headers, bytes } = await get({ range });
    expect(status).toBe(206);
    expect(headers.get("content-range")).toBe(`bytes ${start}-${end - 1}/${whole.byteLength}`);
    expect(headers.get("content-length")).toBe(String(end - start));
    expect(headers.get("etag")).toBe(etag);
    expect(Buffer.compare(bytes, whole.subarray(start, end))).toBe(0);
  });

  test.each(["bytes=99999999-", "bytes=-0"])("%s cannot be satisfied: 416", async (range) => {
    const { status, headers, bytes } = await get({ range });
    expect(status).toBe(416);
    expect(headers.get("content-range")).toBe(`bytes */${whole.byteLength}`);
    expect(bytes.byteLength).toBe(0);
  });

  test.each(["bytes=9-5", "bytes=-", "bytes=a-b", "items=0-1", "bytes=0-1,4-5"])("%s is ignored", async (range) => {
    const { status, bytes } = await get({ range });
    expect(status).toBe(200);
    expect(bytes.byteLength).toBe(whole.byteLength);
  });

  test("If-Range lets it through for the same ETag or date only", async () => {
    const range = "bytes=0-9";
    expect((await get({ range, "if-range": etag })).status).toBe(206);
    expect((await get({ range, "if-range": modified })).status).toBe(206);
    for (const other of ['"other"', `W/${etag}`, "Thu, 01 Jan 2026 00:00:01 GMT"]) {
      expect((await get({ range, "if-range": other })).status).toBe(200);
    }
  });
});

test("there is nothing before the task ended, for a failed or an unknown one, and at other paths", async () => {
  for (const state of ["pending", "processing", "failed"]) {
    setState(emulator, { vendor: "apixo", task: { taskId: `task_${state}`, model: "kling-2-6", state } });
  }
  for (const path of [
    "apixo/task_pending.mp4",
    "apixo/task_processing.mp4",
    "apixo/task_failed.mp4",
    "apixo/none.mp4",
    "unheard-of/task_1.mp4",
    "apixo/task_1",
    "apixo/..%2Ftask_1.mp4",
    "",
  ]) {
    const response = await emulator.fetch(`https://emulator.test/results/${path}`);
    expect(response.status).toBe(404);
    await response.text();
  }
});

test("a result is gone after the documented 15 days", async () => {
  await emulator.clock.advance(15 * DAY - 1);
  expect((await get()).status).toBe(200);
  await emulator.clock.advance(1);
  expect((await get()).status).toBe(404);
});
