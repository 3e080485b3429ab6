// A vendor that exists only in core's own tests: errors come as `{ error: { code, message } }` or as `{ code }`.
import * as z from "zod/mini";
import { defineVendor } from "../client/create-client.ts";
import type { ClientOptions } from "../context/options.ts";
import { codeOfStatus, type VendorCode } from "../task/failure.ts";
import { answer, type Step } from "../testing/stub-fetch.ts";
import { stubbedClient, type Create } from "../testing/vendor-suite.ts";
import { media } from "../vendor-spec/media.ts";
import type { Refusal, TaskStatus } from "../vendor-spec/readings.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import { taskId, url } from "../vendor-spec/wire.ts";

const models = {
  "acme-1": {
    source: "https://docs.acme.test",
    timing: [
      { duration: 5, minMs: 50_000, maxMs: 70_000 },
      { duration: 10, minMs: 80_000, maxMs: 100_000 },
    ],
    request: z.strictObject({
      prompt: z.string().check(z.minLength(1), z.maxLength(40)),
      image: z.optional(media()),
      endImage: z.optional(media()),
      duration: z._default(z.literal([5, 10]), 5),
      cfgScale: z.optional(z.number().check(z.gte(0), z.lte(1), z.multipleOf(0.5))),
      voices: z.optional(z.array(z.string())),
    }),
  },
  // Without documented times and without a price.
  "acme-2": { source: "https://docs.acme.test", request: z.strictObject({ prompt: z.string() }) },
};

const CODES: { readonly [code: string]: VendorCode } = {
  no_money: "insufficient_credits",
  bad_request: "invalid_request",
  bad_key: "unauthorized",
  slow_down: "rate_limited",
  spend_cap: "spend_limit",
  upstream_error: "upstream",
  broken: "internal",
  nsfw: "content_rejected",
};

const submitted = z.object({ id: taskId });
const status = z.object({
  status: z.literal(["queued", "running", "done", "error"]),
  url: z.optional(z.string()),
  reason: z.optional(z.string()),
  progress: z.optional(z.number()),
  model: z.optional(z.string()),
  createdAt: z.optional(z.string()),
});

function toTask(body: unknown): TaskStatus {
  const { status: state, url, reason, progress, model, createdAt } = z.parse(status, body);
  const about = { ...(model === undefined ? {} : { model }), ...(createdAt === undefined ? {} : { createdAt }) };
  if (state === "done") return { ...about, state: "succeeded", videos: [{ url: url ?? "" }] };
  if (state === "error")
    return { ...about, state: "failed", failure: { code: "unknown", message: reason ?? "no reason", billed: "no" } };
  const shown = progress === undefined ? {} : { progress };
  return { ...about, state: state === "queued" ? "pending" : "processing", ...shown };
}

function toRefusal(httpStatus: number, body: unknown): Refusal | undefined {
  const { error, code } = body as { error?: { code: string; message: string }; code?: number };
  if (error) {
    const known = CODES[error.code];
    return { code: known ?? codeOfStatus(httpStatus), vendorCode: error.code, message: error.message };
  }
  if (typeof code === "number" && code !== 200) return { code: codeOfStatus(code), message: `code ${code}` };
  return undefined;
}

const spec = {
  vendor: "acme",
  baseUrl: "https://api.acme.test/v1",
  secrets: { apiKey: "ACME_API_KEY" },
  models,
  submit: {
    call: (
      { model, prompt, duration, image, endImage }: { [word: string]: unknown },
      { callbackUrl }: { callbackUrl?: string },
    ) => ({
      path: "/tasks",
      json: {
        model: model as string,
        prompt: prompt as string,
        seconds: duration as number,
        input: { image: image as string | undefined, end: endImage as string | undefined },
        webhook: callbackUrl,
      },
    }),
    read: (body: unknown) => z.parse(submitted, body),
  },
  status: { call: ({ id }: { id: string }) => ({ path: url`/tasks/${id}` }), read: toTask },
  refusal: toRefusal,
  callback: { read: (body: unknown) => z.parse(submitted, body) },
  balance: { call: { path: "/balance" }, read: (body: unknown) => ({ usd: z.parse(z.number(), body) }) },
  priceOf: ({ model, duration }: { [word: string]: unknown }) =>
    model === "acme-1"
      ? { usd: duration === 5 ? 0.5 : 1, source: "https://docs.acme.test", contested: "another page says more" }
      : undefined,
  resultUrlLifeMs: 3_600_000,
};

/** The description as core sees it. */
export const acme = spec as unknown as Adapter;
export const createAcme = defineVendor(acme) as Create;
/** A client over a stub, with time that jumps; `change` alters the description. */
export const acmeClient = (steps: readonly Step[], options: ClientOptions = {}, change: Partial<Adapter> = {}) =>
  stubbedClient({ create: defineVendor({ ...acme, ...change }) as Create }, steps, options);

export const request = { model: "acme-1", prompt: "a waterfall" };
export const ref = { vendor: "acme", model: "acme-1", id: "t1" };

export const accepted = answer(200, { id: "t1" });
export const running = answer(200, { status: "running" });
export const done = answer(200, { status: "done", url: "https://cdn.acme.test/v.mp4" });
export const failed = answer(200, { status: "error", reason: "too dark" });
