import { expect, test } from "vitest";
import { entry, refTo } from "../testing/journal-suite.ts";
import { flawedRow, flawOf } from "./row-flaw.ts";

const video = { url: "https://cdn.acme.test/v.mp4" };
const tasks = {
  pending: { ...refTo("t"), state: "pending", nextPollAt: "2026-01-01T00:00:00.000Z" },
  succeeded: { ...refTo("t"), state: "succeeded", videos: [video] },
  failed: { ...refTo("t"), state: "failed", failure: { code: "unknown", message: "x", billed: "no" } },
};

test.each<[string, object]>([
  ["with nothing but what every row has", {}],
  ["with fields of a later version", { colour: "blue" }],
  ["with a ref", { ref: refTo("t") }],
  ["with times", { sendBefore: "2026-01-01T00:00:00.000Z", sentAt: "2026-01-01T00:00:00.000Z" }],
  ["with a task that is pending", { task: tasks.pending }],
  ["with a task that has succeeded", { task: tasks.succeeded }],
  ["with a task that has failed", { task: tasks.failed }],
])("a row %s is one", (_what, more) => {
  expect(flawOf({ ...entry("k"), ...more }, "k")).toBeUndefined();
});

test.each([undefined, null, 7, "text", true, [], [entry("k")]])("%j is no row", (value) => {
  expect(flawOf(value)).toBe("it is not a JSON object");
});

test.each([
  ["`key` is not a string", { key: 7 }],
  ["`vendor` is not a string", { vendor: undefined }],
  ["`model` is not a string", { model: null }],
  ["`account` is not a string", { account: {} }],
  ["`requestHash` is not a string", { requestHash: 1 }],
  ["`updatedAt` is not a string", { updatedAt: 1_700_000_000_000 }],
  ["it belongs to another key", { key: "another" }],
  ["not know its `state`", { state: "paused" }],
  ["not know its `state`", { state: "constructor" }],
  ["`version` is not a whole number", { version: "1" }],
  ["`version` is not a whole number", { version: Number.NaN }],
  ["`attempt` is not a whole number", { attempt: 0.5 }],
  ["`sendBefore` is not a time", { sendBefore: "soon" }],
  ["`sentAt` is not a time", { sentAt: 7 }],
  ["`request` is not an object", { request: "x" }],
  ["`ref` is invalid", { ref: "acme:acme-1:t" }],
  ["`ref` is invalid", { ref: { vendor: "acme", model: "acme-1" } }],
  ["`task` is invalid", { task: {} }],
  ["`task` is invalid", { task: { ...refTo("t"), state: "odd" } }],
  ["`task` is invalid", { task: { ...tasks.succeeded, videos: [] } }],
  ["`task` is invalid", { task: { ...tasks.succeeded, videos: [null] } }],
  ["`task` is invalid", { task: { ...tasks.failed, failure: undefined } }],
])("a row where %s is refused", (flaw, more) => {
  expect(flawOf({ ...entry("k"), ...more }, "k")).toContain(flaw);
});

test("a flaw quotes nothing of the row", () => {
  const values = { key: "k", vendor: "SECRET", state: "SECRET", sentAt: "SECRET", request: "SECRET", task: "SECRET" };
  for (const [field, value] of Object.entries(values))
    expect(flawOf({ ...entry("k"), [field]: value }, "k") ?? "").not.toContain("SECRET");
});

test("what a list shows of it names its key and the flaw", () => {
  expect(flawedRow("k", "it is not JSON")).toMatchObject({
    key: "k",
    error: expect.stringMatching(/key k .*not JSON/),
  });
});
