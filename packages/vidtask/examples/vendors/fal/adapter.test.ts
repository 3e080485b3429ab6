// An example, not published: fal through the suites that every vendor of this repository passes.
import { describeVendor, withNext, withStatus } from "@vidtask/core/testing";
import { fuzzVendor } from "@vidtask/core/testing/fuzz";
import { describe, test } from "vitest";
import { createFal } from "./adapter.ts";
import * as bodies from "./bodies.ts";

const fixtures = {
  accepted: bodies.accepted,
  processing: [bodies.queued, bodies.running],
  succeeded: withNext(bodies.completed, bodies.result()),
  failed: [
    withNext(bodies.completed, withStatus(422, bodies.rejected)),
    withNext(bodies.completed, withStatus(504, bodies.timedOut)),
  ],
  refused: [withStatus(422, bodies.rejected), withStatus(401, bodies.badKey)],
  cancelled: withNext(bodies.completed, withStatus(400, bodies.cancelled)),
  callback: bodies.callback,
  upload: bodies.place("https://v3.fal.media"),
};
const text = { model: "fal-ai/kling-video/v2.6/pro/text-to-video", prompt: "a waterfall", sound: true };
const image = new Blob(["a picture"], { type: "image/png" });

describe("with one API key", () => {
  const secrets = { apiKey: "one-key-0123456789" };
  const auth = { authorization: `Key ${secrets.apiKey}` };
  describeVendor(createFal, { request: text, fixtures, secrets, auth, test });
});

describe("with an id and a secret, and a picture that is uploaded", () => {
  const secrets = { keyId: "key-id-0123456789", keySecret: "key-secret-0123456789" };
  const request = { ...text, model: "fal-ai/kling-video/v2.6/pro/image-to-video", image };
  const auth = { authorization: `Key ${secrets.keyId}:${secrets.keySecret}` };
  describeVendor(createFal, { request, fixtures, secrets, auth, test });
});

fuzzVendor(
  createFal,
  [
    bodies.accepted,
    bodies.queued,
    bodies.completed,
    bodies.result(),
    bodies.rejected,
    bodies.timedOut,
    bodies.callback,
  ],
  { request: text, test },
);
