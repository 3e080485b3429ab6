// The client of an invented vendor passes what every vendor's client has to pass.
import { describeVendor, withNext, withStatus } from "@vidtask/core/testing";
import { fuzzVendor } from "@vidtask/core/testing/fuzz";
import { test } from "vitest";
import { signatureOf } from "./dialect.ts";
import { nonesuchVendor } from "./spec.ts";

const id = "nonesuch_00000001";
const about = { id, model: "none-1", created_at: "2026-01-01T00:00:00.000Z" };
const ended = { ...about, status: "ended" };
const wrong = (code: string) => ({ error: { code, message: "the prompt is not allowed" } });
const accepted = { id };
const processing = [
  { ...about, status: "queued", ahead: 3 },
  { ...about, status: "running" },
];
const result = { id, video: { url: "https://files.nonesuch.test/1.mp4", seconds: 4 } };
const callback = [
  { id, status: "ended", video: result.video },
  { id, status: "ended", error: wrong("crashed").error },
];
const request = { model: "none-1", prompt: "a waterfall" } as const;

for (const destroys of [false, true])
  describeVendor(nonesuchVendor({ destroys }), {
    request,
    fixtures: {
      accepted: withStatus(202, accepted),
      processing,
      succeeded: withNext(ended, result),
      failed: withNext(ended, withStatus(422, wrong("moderated"))),
      cancelled: withNext(ended, withStatus(422, wrong("cancelled"))),
      refused: [withStatus(400, wrong("bad_request")), withStatus(402, wrong("no_money"))],
      callback,
      find: ({ id: found, token }) => ({ items: [{ ...about, id: found, client_ref: token }] }),
    },
    sign: (body, { secretKey = "" }, now) => ({ "x-nonesuch-signature": signatureOf(body, secretKey, now) }),
    test: (name, run) => test(destroys ? `${name} (where a cancel deletes)` : name, run),
  });

fuzzVendor(nonesuchVendor(), [accepted, ...processing, ended, result, wrong("moderated"), ...callback], {
  request,
  test,
});
