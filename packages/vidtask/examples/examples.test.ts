// The outsider's vendor beside this file goes through the suite.
import { describeVendor } from "@vidtask/core/testing";
import { describe, test } from "vitest";
import { createAcme } from "./09-vendor.ts";

describe("09-vendor, written outside of this repository, conforms", () => {
  describeVendor(createAcme, {
    request: { model: "acme-1", prompt: "a waterfall", duration: 8 },
    fixtures: {
      accepted: { id: "acme_1", status: "queued" },
      processing: { id: "acme_1", status: "running" },
      succeeded: { id: "acme_1", status: "done", url: "https://cdn.acme.test/1.mp4" },
      failed: { id: "acme_1", status: "error", error: "the prompt is not allowed" },
      refused: { error: "no credits" },
    },
    test,
  });
});
