import { expect, test } from "vitest";
import * as errors from "./errors.ts";
import type { FailedTask } from "./task.ts";

// A second installed copy: the same file, loaded again.
const other = (await import(/* @vite-ignore */ `./errors.ts?${"copy"}`)) as typeof errors;

const about = {
  vendor: "acme",
  phase: "submit",
  idempotencyKey: "k",
  ref: { vendor: "acme", model: "m", id: "1" },
} as const;
const task: FailedTask = {
  ...about.ref,
  state: "failed",
  failure: { code: "nsfw" as never, message: "no", billed: "no" },
};
const cause = new Error("SECRET");
const make = (copy: typeof errors): Record<string, errors.VidtaskError> => ({
  InvalidRequestError: new copy.InvalidRequestError({ ...about, issues: [{ path: "p", rule: "r", message: "m" }] }),
  VendorError: new copy.VendorError("no", {
    ...about,
    code: "upstream",
    status: 503,
    vendorCode: "x",
    retryAfterMs: 5,
    cause,
  }),
  SubmitUnknownError: new copy.SubmitUnknownError("why", { ...about, unconfirmedTaskId: "c", cause }),
  TaskFailedError: new copy.TaskFailedError({ ...about, task }),
  WaitTimeoutError: new copy.WaitTimeoutError("late", { ...about, task }),
  AbortedError: new copy.AbortedError("stopped", about),
  ConnectionError: new copy.ConnectionError("none", { ...about, cause }),
  JournalError: new copy.JournalError("full", { ...about, cause }),
  ProtocolError: new copy.ProtocolError({ ...about, path: "a.b", expected: "x", excerpt: "y", cause }),
  DownloadError: new copy.DownloadError("cut", about),
});
const kinds = Object.keys(make(errors));
const classOf = (copy: typeof errors, kind: string) => copy[kind as "VendorError"];

test("the second copy is another one", () => {
  expect(other.VendorError).not.toBe(errors.VendorError);
  expect(make(other)["VendorError"]).not.toBeInstanceOf(errors.VendorError);
});

test("every kind knows its own errors and no others, also those of another copy", () => {
  for (const error of [make(errors), make(other)])
    for (const kind of kinds) {
      expect(errors.VidtaskError.isInstance(error[kind]), `${kind}`).toBe(true);
      expect(kinds.filter((name) => classOf(errors, name).isInstance(error[kind]))).toEqual([kind]);
    }
});

test("nothing else is one of ours", () => {
  for (const value of [
    undefined,
    null,
    "VendorError",
    7,
    {},
    new Error("x"),
    { name: "VendorError", code: "upstream" },
    Object.create(null),
    new Proxy({}, { get: () => expect.fail("was read") }),
  ])
    for (const kind of ["VidtaskError", ...kinds]) expect(classOf(errors, kind).isInstance(value)).toBe(false);
});

test("every name is its class's, but an abort has the name that frameworks test for", () => {
  for (const [kind, error] of Object.entries(make(errors)))
    expect([error.name, error instanceof Error]).toEqual([kind === "AbortedError" ? "AbortError" : kind, true]);
});

test("toJSON is plain JSON with everything but stack and cause", () => {
  for (const error of Object.values(make(errors))) {
    const json = error.toJSON();
    expect(JSON.parse(JSON.stringify(error))).toEqual(json);
    expect(structuredClone(json)).toEqual(json);
    expect(json).toMatchObject({
      name: error.name,
      message: error.message,
      code: error.code,
      vendor: "acme",
      phase: "submit",
    });
    expect(json).toMatchObject({
      idempotencyKey: "k",
      ref: about.ref,
      retryable: error.retryable,
      billed: error.billed,
    });
    expect(JSON.stringify(json)).not.toContain("SECRET");
    expect(json).not.toHaveProperty("stack");
  }
  expect(make(errors)["VendorError"]?.toJSON()).toMatchObject({ status: 503, vendorCode: "x", retryAfterMs: 5 });
  expect(make(errors)["TaskFailedError"]?.toJSON()).toMatchObject({ task, code: "nsfw", billed: "no" });
  expect(make(errors)["SubmitUnknownError"]?.toJSON()).toMatchObject({ unconfirmedTaskId: "c" });
  expect(make(errors)["ProtocolError"]?.toJSON()).toMatchObject({ path: "a.b", expected: "x", excerpt: "y" });
});

test("what is not known is absent, not undefined", () => {
  const bare = new errors.ConnectionError("none", { vendor: "acme", phase: "poll" });
  expect(Object.keys(bare.toJSON()).toSorted()).toEqual([
    "billed",
    "code",
    "docs",
    "message",
    "name",
    "phase",
    "retryable",
    "vendor",
  ]);
  expect("ref" in bare).toBe(false);
  expect("idempotencyKey" in bare).toBe(false);
  expect("cause" in bare).toBe(false);
});

test("a ref in an error is only a ref, whatever was passed", () => {
  expect(new errors.ConnectionError("x", { ...about, ref: task }).ref).toEqual(about.ref);
});

test("the cause is kept for debugging, out of what is logged as JSON", () => {
  expect(make(errors)["VendorError"]?.cause).toBe(cause);
});

test("money: a request that was never sent bills nothing, and what is not known is unknown", () => {
  const billed = Object.fromEntries(Object.entries(make(errors)).map(([kind, error]) => [kind, error.billed]));
  expect(billed).toMatchObject({
    InvalidRequestError: "no",
    JournalError: "no",
    SubmitUnknownError: "unknown",
    TaskFailedError: "no",
  });
});

test("a message says what to do next", () => {
  expect(make(errors)["SubmitUnknownError"]?.message).toMatch(/acme:m:1.*get\(\).*key k/);
  const { ref: _, ...unnamed } = about;
  expect(new errors.SubmitUnknownError("why", unnamed).message).toMatch(/dashboard.*settleSubmit\(\).*key k/);
});
