// An example, not published: Replicate through the suites that every vendor of this repository passes.
import { describeVendor, withStatus } from "@vidtask/core/testing";
import { fuzzVendor } from "@vidtask/core/testing/fuzz";
import { describe, test } from "vitest";
import { createReplicate } from "./adapter.ts";
import * as bodies from "./bodies.ts";
import { signed } from "./mock.ts";

const secrets = { apiKey: "r8_0123456789abcdef", webhookSecret: "whsec_MDEyMzQ1Njc4OWFiY2RlZg==" };
const fixtures = {
  accepted: bodies.accepted,
  processing: [bodies.accepted, bodies.prediction({ status: "processing" })],
  succeeded: [
    bodies.succeeded,
    bodies.prediction({ status: "succeeded", output: ["https://replicate.delivery.test/v"] }),
  ],
  failed: bodies.failed,
  refused: [withStatus(402, bodies.noCredit), withStatus(401, bodies.badKey)],
  cancelled: [bodies.canceled, bodies.prediction({ status: "aborted" })],
  find: ({ id, callbackUrl }: { id: string; callbackUrl: string }) =>
    bodies.list(bodies.prediction({ id, webhook: callbackUrl })),
  callback: bodies.succeeded,
  upload: bodies.file("https://api.replicate.com/v1/files/f-1"),
};
const text = { model: "kwaivgi/kling-v2.6", prompt: "a waterfall", sound: true };

const requests = {
  "a text": text,
  "a picture inside the request": { ...text, image: new Blob(["a picture"], { type: "image/png" }) },
  "a picture that is uploaded": { ...text, image: new Blob(["x".repeat(256_001)], { type: "image/png" }) },
};
describe.each(Object.entries(requests))("of %s", (_, request) => {
  const auth = { authorization: `Bearer ${secrets.apiKey}` };
  const sign = (body: string, _: unknown, now: number) => signed(body, secrets.webhookSecret, now);
  describeVendor(createReplicate, { request, fixtures, secrets, auth, sign, test });
});

fuzzVendor(createReplicate, [bodies.accepted, bodies.succeeded, bodies.failed, bodies.list(bodies.accepted)], {
  request: text,
  secrets,
  test,
});
