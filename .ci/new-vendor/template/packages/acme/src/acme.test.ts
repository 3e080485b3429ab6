import { describeVendor } from "@vidtask/core/testing";
import { describe, expect, test } from "vitest";
import refused from "../../../fixtures/acme/error.no-credits.json" with { type: "json" };
import failed from "../../../fixtures/acme/status.failed.json" with { type: "json" };
import pending from "../../../fixtures/acme/status.pending.json" with { type: "json" };
import processing from "../../../fixtures/acme/status.processing.json" with { type: "json" };
import succeeded from "../../../fixtures/acme/status.success.json" with { type: "json" };
import accepted from "../../../fixtures/acme/submit.accepted.json" with { type: "json" };
import body from "../../../fixtures/acme/submit.text-to-video.request.json" with { type: "json" };
import { createAcme } from "./index.ts";
import { toTask } from "./map.ts";

describe("conformance", () => {
  describeVendor(createAcme, {
    request: { model: "acme-1", prompt: "a waterfall" },
    fixtures: { accepted, processing: [pending, processing], succeeded, failed, refused, callback: accepted },
    test,
  });
});

test("a request is written as in the fixture", () => {
  const client = createAcme({ apiKey: "key" });
  expect(client.plan({ model: "acme-1", prompt: "a waterfall" }).body).toEqual(body);
});

test("a failure keeps the vendor's word", () => {
  expect(toTask(failed)).toMatchObject({ failure: { code: "content_rejected", vendorCode: "nsfw" } });
  expect(toTask({ status: "error", code: "new" })).toMatchObject({ failure: { code: "unknown", vendorCode: "new" } });
});
