// An example, not published: Kling through the suites that every vendor of this repository passes.
import { createHmac } from "node:crypto";
import { describeVendor, withStatus } from "@vidtask/core/testing";
import { fuzzVendor } from "@vidtask/core/testing/fuzz";
import { describe, test } from "vitest";
import { createKling } from "./adapter.ts";
import * as bodies from "./bodies.ts";

const fixtures = {
  accepted: bodies.accepted,
  processing: [bodies.status({ state: "submitted" }), bodies.status({ state: "processing" })],
  succeeded: bodies.succeeded,
  failed: bodies.failed,
  refused: [withStatus(429, bodies.inArrears), withStatus(401, bodies.badKey)],
  find: ({ id, token }: { id: string; token: string }) => bodies.status({ id, token }),
  callback: bodies.callback,
};
const text = { model: "kling-v2-6", prompt: "a waterfall", quality: "pro", sound: true };
const image = new Blob(["a picture"], { type: "image/png" });

const requests = {
  "a text": text,
  "a picture inside the request": { ...text, image, endImage: "https://example.com/end.png" },
  "pictures in a list": { model: "kling-v3-omni", prompt: "they meet", referenceImages: [image, image] },
};
describe.each(Object.entries(requests))("of %s, signed with the pair of keys", (_, request) => {
  const secrets = { accessKey: "access-key-0123456789", secretKey: "secret-key-0123456789" };
  describeVendor(createKling, { request, fixtures, secrets, auth: (headers) => isSigned(headers, secrets), test });
});

describe("with one API key", () => {
  const secrets = { apiKey: "one-key-0123456789" };
  describeVendor(createKling, { request: text, fixtures, secrets, auth: bearer(secrets.apiKey), test });
});

fuzzVendor(createKling, [bodies.accepted, bodies.succeeded, bodies.failed, bodies.inArrears, bodies.callback], {
  request: text,
  test,
});

function bearer(apiKey: string) {
  return { authorization: `Bearer ${apiKey}` };
}

function isSigned(headers: Headers, { secretKey }: { secretKey: string }): boolean {
  const [, head, claims, mac] = /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(headers.get("authorization") ?? "") ?? [];
  return mac === createHmac("sha256", secretKey).update(`${head}.${claims}`).digest("base64url");
}
