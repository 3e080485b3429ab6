// The suite itself: it passes a vendor that has everything, and names what is wrong with one that is not right.
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { defineTestedVendor, defineVendor } from "../client/create-client.ts";
import type { TaskRef } from "../task/task.ts";
import { media } from "../vendor-spec/media.ts";
import type { ModelSpecs } from "../vendor-spec/models.ts";
import type { Next, TaskStatus } from "../vendor-spec/readings.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import { failedTask, hmacSha256, url } from "../vendor-spec/wire.ts";
import { describeVendor, withNext, withStatus, type Create, type DescribeVendorOptions } from "./index.ts";

type Body = { [member: string]: string };

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const sign = async (body: string, secret: string, now: number) =>
  `${now} ${hex(await hmacSha256(secret, `${now} ${body}`))}`;

const models = {
  m: { source: "page", request: z.strictObject({ prompt: z.string(), image: media(), clip: media() }) },
} satisfies ModelSpecs;

/** Two keys, its own scheme, two calls for a status, a look-up by token, a cancel, inline and uploaded files, signed callbacks. */
const orbit = {
  vendor: "orbit",
  baseUrl: "https://api.orbit.test",
  models,
  secrets: { keyId: "ORBIT_KEY_ID", keySecret: "ORBIT_KEY_SECRET" },
  async auth({ keyId, keySecret }: Body, now: number) {
    if (!keyId || !keySecret) return undefined;
    return { "x-orbit": `${keyId} ${now} ${hex(await hmacSha256(keySecret, String(now)))}` };
  },
  variant: () => "clip",
  submit: {
    call: ({ prompt, image, clip }: Body, { callbackUrl, token }: { callbackUrl?: string; token: string }) => ({
      path: `/clips${callbackUrl === undefined ? "" : url`?hook=${callbackUrl}`}`,
      json: { prompt, image, clip, name: `vt-${token.slice(0, 24)}`, token } as never,
    }),
    read: (body: unknown) => ({ id: (body as Body)["id"] ?? "" }),
  },
  status: {
    call: ({ id, variant = "" }: TaskRef) => ({ path: url`/${variant}/${id}` }),
    read(body: unknown, { id }: TaskRef): TaskStatus | Next {
      const { state, created = "" } = body as Body;
      if (state !== "ended") return { state: z.parse(z.literal(["pending", "processing"]), state), createdAt: created };
      return {
        call: { path: url`/clip/${id}/result` },
        read(result, status) {
          const { video, reason } = result as Body;
          if (status === 200)
            return { state: "succeeded", createdAt: created, videos: [{ url: z.parse(z.string(), video) }] };
          return reason === undefined ? undefined : failedTask({ code: "unknown", message: reason, billed: "no" });
        },
      };
    },
  },
  refusal: (status: number, body: unknown) =>
    status < 300 ? undefined : { code: "invalid_request", message: z.parse(z.object({ no: z.string() }), body).no },
  find: {
    call: ({ token }: Body) => ({ path: `/lookup/${token}` }),
    read: (body: unknown) => (body as { all: Body[] }).all.map(({ id = "", token }) => ({ id, token })),
  },
  cancel: { call: ({ id }: TaskRef) => ({ method: "PUT", path: url`/clip/${id}/cancel` }) },
  callback: {
    read: (body: unknown) => ({ id: z.parse(z.object({ task: z.string() }), body).task }),
    challenge: (body: unknown) => ("echo" in (body as Body) ? { echoed: (body as Body)["echo"] } : undefined),
    async verify({ body, headers }: { body: string; headers: Headers }, { keySecret = "" }: Body, now: number) {
      const [at] = (headers.get("x-sign") ?? "").split(" ");
      const isNear = Math.abs(now - Number(at)) < 300_000;
      return isNear && headers.get("x-sign") === (await sign(body, keySecret, Number(at)));
    },
  },
  inline: { maxBytes: 4 },
  upload: {
    call: ({ name }: { name: string }) => ({ path: "/places", json: { name } }),
    read: (body: unknown) => body as never,
  },
} as unknown as Adapter;

const at = "2026-03-01T12:00:00Z";
const options: Omit<DescribeVendorOptions, "test"> = {
  request: { model: "m", prompt: "x", image: new Blob(["abc"]), clip: new Blob(["abcde"]) } as never,
  fixtures: {
    accepted: [{ id: "task-11" }, withStatus(202, { id: "task-12" })],
    processing: [
      { state: "processing", created: at },
      { state: "pending", created: at },
    ],
    succeeded: withNext({ state: "ended", created: at }, { video: "https://cdn.orbit.test/1.mp4" }),
    failed: withNext({ state: "ended", created: at }, withStatus(422, { reason: "too dark" })),
    refused: [withStatus(402, { no: "money" }), { no: "such model" }],
    callback: { task: "another-id" },
    challenge: { body: { echo: "c" }, answer: { echoed: "c" } },
    find: ({ id, token }) => ({ all: [{ id, token }] }),
    upload: { url: "orbit://files/1", post: { url: "https://store.orbit.test/in", fields: { policy: "p" } } },
  },
  sign: async (body, { keySecret = "" }, now) => ({ "x-sign": await sign(body, keySecret, now) }),
};

/** What the suite's cases of such names end with. */
async function resultsOf(
  part: string,
  change: Partial<Adapter>,
  also: Partial<DescribeVendorOptions>,
): Promise<PromiseSettledResult<void>[]> {
  const cases: [name: string, run: () => Promise<void>][] = [];
  const create = defineVendor({ ...orbit, ...change }) as Create;
  describeVendor(create, { ...options, ...also, test: (name, run) => void cases.push([name, run]) });
  expect(new Set(cases.map(([name]) => name)).size).toBe(cases.length);
  return Promise.allSettled(cases.filter(([name]) => name.includes(part)).map(async ([, run]) => run()));
}

describe("a vendor that has everything conforms", () => {
  describeVendor(defineVendor(orbit) as Create, { ...options, test });
});

const status = (read: Adapter["status"]["read"]): Partial<Adapter> => ({ status: { ...orbit.status, read } });
const { callback, find, submit } = orbit as Required<Adapter>;
const wrong: [what: string, change: Partial<Adapter>, also: Partial<DescribeVendorOptions>, fails: string][] = [
  [
    "credentials that its pages do not show",
    {},
    { auth: { "x-orbit": "other" } },
    "an accepted submit is one POST with",
  ],
  ["credentials that a predicate finds wrong", {}, { auth: () => false }, "a ref survives JSON"],
  [
    "a secret in its path",
    {
      submit: {
        ...submit,
        call: (...about) => ({ ...submit.call(...about), path: "/c?k=conformance-keySecret-0123456789" }),
      },
    },
    {},
    "an accepted submit is one POST with",
  ],
  [
    "a callback URL that goes nowhere",
    { submit: { ...submit, call: (request, { token }) => submit.call(request, { token, variant: "" }) } },
    {},
    "a plan shows where the vendor is told the callback URL",
  ],
  ["an id from another place", { submit: { ...submit, read: () => ({ id: "" }) } }, {}, "one key pays once"],
  [
    "a ref that its status asks without the variant",
    { status: { ...orbit.status, call: ({ id }) => ({ path: `/clip/${id}/${Math.random()}` }) } },
    {},
    "a ref survives JSON",
  ],
  ["a running state it does not know", status(() => ({ state: "done" }) as never), {}, "a task that runs is read (2)"],
  [
    "any refusal of the second call taken for an end",
    status(() => ({
      call: { path: "/r" },
      read: (body, code) =>
        code < 300
          ? { state: "succeeded", videos: [{ url: (body as Body)["video"] ?? "" }] }
          : failedTask({ code: "unknown", billed: "no" }),
    })),
    {},
    "a wait survives JSON of a proxy with 502 of the second call",
  ],
  [
    "an echo that it does not read",
    { find: { ...find, read: (body) => find.read(body, {} as never).map(({ id }) => ({ id })) } },
    {},
    "a submit whose answer was lost is found",
  ],
  [
    "an echo that it makes up",
    { find: { ...find, read: (body, { token }) => find.read(body, {} as never).map(({ id }) => ({ id, token })) } },
    {},
    "a task that echoes another submit",
  ],
  ["every signature", { callback: { ...callback, verify: () => true } }, {}, "a callback without a signature"],
  [
    "old signatures",
    { callback: { ...callback, verify: ({ headers }) => headers.get("x-sign") !== null } },
    {},
    "a callback that was signed a day ago",
  ],
  ["no signature", { callback: { ...callback, verify: () => false } }, {}, "a callback ends its task"],
  ["no test of its URL", { callback: { ...callback, challenge: () => undefined } }, {}, "a test of the URL"],
  [
    "a failed task that is none",
    {},
    { fixtures: { ...options.fixtures, failed: { state: "processing", created: at } } },
    "a task that failed",
  ],
];
test.each(wrong)("it fails for %s", async (_, change, also, part) => {
  const results = await resultsOf(part, change, also);
  expect(results).toContainEqual(expect.objectContaining({ status: "rejected" }));
});

test.each([
  ["find", "fixtures.find"],
  ["callback", "fixtures.callback"],
  ["challenge", "fixtures.challenge"],
] as const)("what a spec has without a fixture is named: %s", (fixture, option) => {
  const { [fixture]: _, ...fixtures } = options.fixtures;
  expect(() => describeVendor(defineVendor(orbit) as Create, { ...options, fixtures, test })).toThrow(option);
});

test("a spec that verifies signatures wants `sign`", () => {
  expect(() => describeVendor(defineVendor(orbit) as Create, { ...options, sign: undefined, test })).toThrow("`sign`");
});

test("a description that its package leaves to this suite is looked at here", () => {
  const create = defineTestedVendor({ ...orbit, origins: { files: "files.orbit.test" } }) as Create;
  expect(() => describeVendor(create, { ...options, test })).toThrow(
    "the description of orbit: `origins.files` must be an http(s) URL",
  );
});
