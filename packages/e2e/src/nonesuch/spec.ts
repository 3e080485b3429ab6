// The client of the vendor that does not exist: what an outsider would write from its pages.
import {
  codeOfStatus,
  defineVendor,
  failedTask,
  hmacSha256,
  media,
  requestSchema,
  taskId,
  url,
  type ModelSpecs,
  type TaskStatus,
  type VendorCode,
} from "@vidtask/core/adapter";
import * as z from "@vidtask/core/schema";

const models = {
  "none-1": {
    source: "Nonesuch /docs/videos",
    timing: [{ minMs: 20_000, maxMs: 60_000 }],
    request: requestSchema({
      prompt: z.string().check(z.minLength(1), z.maxLength(2_000)),
      image: z.optional(media()),
      duration: z._default(z.literal([4, 8]), 4),
    }),
  },
} as const satisfies ModelSpecs;

const CODES: { readonly [code: string]: VendorCode } = {
  moderated: "content_rejected",
  cancelled: "cancelled",
  crashed: "internal",
  no_money: "insufficient_credits",
  bad_request: "invalid_request",
};
const codeOf = (code: string, status: number): VendorCode => CODES[code] ?? codeOfStatus(status);

const named = z.object({ id: taskId });
const refused = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
const video = z.object({ url: z.string(), seconds: z.number() });
const status = z.object({
  id: taskId,
  status: z.literal(["queued", "running", "ended"]),
  model: z.optional(z.string()),
  created_at: z.optional(z.string()),
  ahead: z.optional(z.number()),
});
const listed = z.object({ items: z.array(z.object({ id: taskId, client_ref: z.optional(z.nullable(z.string())) })) });
const result = z.object({ video });
const called = z.object({
  id: taskId,
  status: z.string(),
  video: z.optional(video),
  error: z.optional(refused.shape.error),
});

const succeeded = ({ url: address, seconds }: z.output<typeof video>): TaskStatus => ({
  state: "succeeded",
  videos: [{ url: address, duration: seconds }],
});
const failed = ({ code, message }: { code: string; message: string }): TaskStatus =>
  failedTask({ code: codeOf(code, 422), vendorCode: code, message, billed: "no" });

const encode = (value: object) => base64url(new TextEncoder().encode(JSON.stringify(value)));
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
/** Seconds; its pages allow half an hour. */
const TOKEN_LIFE = 1_500;

/** What its pages promise of a token. */
export const WINDOW = 86_400_000;

type Ways = {
  /** Looks for a lost submit in the list. @default true */
  find?: boolean;
  /** Sends a lost submit again inside of the window. @default true */
  resend?: boolean;
  /** @default WINDOW */
  windowMs?: number;
  destroys?: boolean;
};

export const nonesuchVendor = ({ find = true, resend = true, windowMs = WINDOW, destroys = false }: Ways = {}) =>
  defineVendor({
    vendor: "nonesuch",
    baseUrl: "https://api.nonesuch.test/v2",
    secrets: { accessKey: "NONESUCH_ACCESS_KEY", secretKey: "NONESUCH_SECRET_KEY" },
    models,
    async auth({ accessKey, secretKey }, now) {
      if (!accessKey || !secretKey) return undefined;
      const at = Math.floor(now / 1000);
      const claims = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ iss: accessKey, exp: at + TOKEN_LIFE })}`;
      return { authorization: `Bearer ${claims}.${base64url(await hmacSha256(secretKey, claims))}` };
    },
    submit: {
      call: ({ model, prompt, image, duration }, { token, callbackUrl }) => ({
        path: "/videos",
        headers: { "idempotency-key": token },
        json: {
          model,
          prompt,
          seconds: duration,
          image: image?.toString(),
          webhook_url: callbackUrl,
          client_ref: token,
        },
      }),
      read: (body) => z.parse(named, body),
    },
    ...(resend && { idempotencyWindowMs: windowMs }),
    status: {
      call: ({ id }) => ({ path: url`/videos/${id}` }),
      read(body, { id }) {
        const { status: word, model, created_at: createdAt, ahead } = z.parse(status, body);
        const about = { ...(model !== undefined && { model }), ...(createdAt !== undefined && { createdAt }) };
        if (word === "queued")
          return { ...about, state: "pending", ...(ahead !== undefined && { queuePosition: ahead }) };
        if (word === "running") return { ...about, state: "processing" };
        return {
          call: { path: url`/videos/${id}/result` },
          read(answer, httpStatus) {
            if (httpStatus === 422) return { ...about, ...failed(z.parse(refused, answer).error) };
            return httpStatus < 300 ? { ...about, ...succeeded(z.parse(result, answer).video) } : undefined;
          },
        };
      },
    },
    refusal(httpStatus, body) {
      const seen = z.safeParse(refused, body);
      if (!seen.success) return undefined;
      const { code, message } = seen.data.error;
      return { code: codeOf(code, httpStatus), vendorCode: code, message };
    },
    ...(find && {
      find: {
        call: ({ token }: { token: string }) => ({ path: url`/videos?client_ref=${token}` }),
        read: (body: unknown) => z.parse(listed, body).items.map(({ id, client_ref: token }) => ({ id, token })),
      },
    }),
    cancel: destroys
      ? { call: ({ id }) => ({ method: "DELETE", path: url`/videos/${id}` }), destroys: true }
      : { call: ({ id }) => ({ method: "POST", path: url`/videos/${id}/cancel` }) },
    callback: {
      read: (body) => ({ id: z.parse(named, body).id }),
      async verify({ body, headers }, { secretKey }, now) {
        if (!secretKey) return undefined;
        const [, at = "", signature = ""] =
          /^t=(\d+),v1=([0-9a-f]{64})$/.exec(headers.get("x-nonesuch-signature") ?? "") ?? [];
        if (Math.abs(Number(at) * 1000 - now) > 300_000) return false;
        const wanted = await hmacSha256(secretKey, `${at}.${body}`);
        return Buffer.from(signature, "hex").equals(wanted);
      },
      status(body) {
        const seen = z.parse(called, body);
        return seen.video ? succeeded(seen.video) : failed(z.parse(refused.shape.error, seen.error));
      },
    },
    balance: { call: { path: "/account" }, read: (body) => z.parse(z.object({ usd: z.number() }), body) },
    priceOf: ({ duration }) => ({ usd: duration * 0.05, source: "Nonesuch /pricing" }),
    inline: { maxBytes: 100_000 },
    taskIdPattern: /^nonesuch_\d{8}$/,
    maxTaskMs: 60_000,
    callbackWindowMs: 120_000,
  });
