// ERRORS.md explains every code, and an error leads to its heading.
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { AbortedError, VendorError } from "./errors.ts";
import type { ErrorCode, VendorCode } from "./failure.ts";

const page = readFileSync(new URL("../../ERRORS.md", import.meta.url), "utf8");
const sections = page.split(/^## /m).slice(1);
const headings = sections.map((section) => section.split("\n")[0]);

// The type checker refuses a code of the union that is missing here, and one that is not in it.
const codes = Object.keys({
  unauthorized: true,
  forbidden: true,
  insufficient_credits: true,
  spend_limit: true,
  invalid_request: true,
  invalid_media: true,
  content_rejected: true,
  not_found: true,
  rate_limited: true,
  cancelled: true,
  timeout: true,
  upstream: true,
  internal: true,
  unknown: true,
  submit_unknown: true,
  wait_timeout: true,
  aborted: true,
  protocol: true,
  connection: true,
  journal: true,
  download: true,
} satisfies Record<ErrorCode, true>);

test("each code has exactly one heading, and each heading is a code", () => {
  expect(headings.toSorted()).toEqual(codes.toSorted());
});

describe.each(sections.map((section) => ({ code: section.split("\n")[0], section })))("$code", ({ section }) => {
  test.each(["**What happened.**", "**Was it paid?**", "**What to do.**"])("says %s", (part) => {
    expect(section.split(part)).toHaveLength(2);
  });
});

const about = { vendor: "acme", phase: "submit" } as const;

test.each(codes as VendorCode[])("an error with code %s names its heading", (code) => {
  expect(new VendorError("no", { ...about, code, status: 400 }).docs).toBe(`@vidtask/core/ERRORS.md#${code}`);
});

test("an error of another class names its heading, too", () => {
  expect(new AbortedError("stopped", about).docs).toBe("@vidtask/core/ERRORS.md#aborted");
});

test("the JSON of an error has its docs", () => {
  expect(new AbortedError("stopped", about).toJSON()).toMatchObject({ docs: "@vidtask/core/ERRORS.md#aborted" });
});

test("an inspected error is no longer for it", () => {
  expect(inspect(new AbortedError("stopped", about), { getters: true })).not.toMatch(/docs: |ERRORS/);
});
