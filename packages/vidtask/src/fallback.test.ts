import { ConnectionError, VendorError } from "@vidtask/core";
import { expect, test } from "vitest";
import { mayTryNext } from "./fallback.ts";

const about = { vendor: "apixo", phase: "submit", retryable: false } as const;
const refusal = (billed: "no" | "yes" | "unknown", code: "upstream" | "content_rejected" = "upstream") =>
  new VendorError("refused", { ...about, billed, code, status: 503 });

test("another vendor is tried when nothing was paid, and the prompt is not the reason", () => {
  expect(mayTryNext(refusal("no"))).toBe(true);
  expect(mayTryNext(new ConnectionError("refused", { ...about, billed: "no" }))).toBe(true);
  expect(mayTryNext(refusal("no", "content_rejected"))).toBe(false);
});

test.each(["yes", "unknown"] as const)("none is tried where the money is gone, or may be: billed %s", (billed) => {
  expect(mayTryNext(refusal(billed))).toBe(false);
  expect(mayTryNext(new ConnectionError("refused", { ...about, billed }))).toBe(false);
});

test.each([new TypeError("fetch failed"), undefined])("nor after %s, of which nothing is known", (error) => {
  expect(mayTryNext(error)).toBe(false);
});
