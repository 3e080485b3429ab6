// An example, not published: Replicate's predictions, written with nothing but `@vidtask/core/adapter`.
// Marks: D the vendor's own page (or a stored copy), C its own client, O somebody else's. Nothing was tried against the live API.
// Fields and limits of a request have a mark only where one stands beside them: check them before you pay.
// `find` works where the client has a `callback`: a prediction echoes nothing of ours but its webhook's URL.
import {
  codeOfStatus,
  defineVendor,
  failedTask,
  hmacSha256,
  lenient,
  media,
  nullish,
  requestSchema,
  timesOf,
  url,
  urls,
  type CheckedOf,
  type HttpCall,
  type ModelSpecs,
  type RawCallback,
  type Refusal,
  type SubmitAbout,
  type TaskStatus,
} from "@vidtask/core/adapter";
import * as z from "@vidtask/core/schema";

const models = {
  "kwaivgi/kling-v2.6": {
    family: "kling-2.6",
    source: "Replicate, model page kwaivgi/kling-v2.6",
    request: requestSchema({
      prompt: z.string().check(z.minLength(1)),
      image: z.optional(media()),
      duration: z._default(z.literal([5, 10]), 5),
      sound: z._default(z.boolean(), false),
    }),
  },
} as const satisfies ModelSpecs;

// C, index.d.ts; D, topics/predictions, has all states but `aborted`.
const id = z.object({ id: z.string() });
const common = { created_at: lenient(z.string()), completed_at: lenient(z.string()), model: lenient(z.string()) };
const prediction = z.discriminatedUnion("status", [
  z.object({ ...common, status: z.literal(["starting", "processing"]) }),
  z.object({ ...common, status: z.literal("succeeded"), output: urls }),
  z.object({ ...common, status: z.literal("failed"), error: lenient(z.string()) }),
  z.object({ ...common, status: z.literal(["canceled", "aborted"]) }),
]);
const list = z.object({ results: z.array(z.object({ id: z.string(), webhook: nullish(z.string()) })) });
const problem = z.object({ title: nullish(z.string()), detail: z.string() });

function toCall({ model, prompt, image, duration, sound }: CheckedOf<typeof models>, about: SubmitAbout): HttpCall {
  const { callbackUrl } = about;
  const hook = callbackUrl === undefined ? {} : { webhook: callbackUrl, webhook_events_filter: ["completed"] };
  const input = {
    prompt,
    duration,
    generate_audio: sound,
    start_image: image === undefined ? undefined : String(image),
  };
  return { path: `/models/${model}/predictions`, json: { input, ...hook } }; // C, lib/predictions.js
}

function toTask(body: unknown): TaskStatus {
  const task = z.parse(prediction, body);
  const about = { ...timesOf(task.created_at, task.completed_at), ...(task.model ? { model: task.model } : {}) };
  switch (task.status) {
    case "succeeded":
      return { ...about, state: "succeeded", videos: task.output.map((url) => ({ url })) }; // D: a URL or a list
    case "failed":
      return { ...about, ...failedTask({ code: "unknown", message: task.error, billed: "unknown" }) };
    case "canceled":
    case "aborted":
      return { ...about, ...failedTask({ code: "cancelled", vendorCode: task.status, billed: "unknown" }) };
    default:
      return { ...about, state: task.status === "starting" ? "pending" : "processing" };
  }
}

function toRefusal(httpStatus: number, body: unknown): Refusal | undefined {
  if (httpStatus < 300) return undefined;
  const { title, detail } = z.parse(problem, body);
  return { code: codeOfStatus(httpStatus), message: title ? `${title}: ${detail}` : detail };
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.reduce((odd, byte, index) => odd | (byte ^ (b[index] ?? 0)), 0) === 0;

/** C, lib/util.js validateWebhook: HMAC-SHA256 of id, time and body, by the account's own secret. */
async function isSigned({ body, headers }: RawCallback, secret: string, now: number): Promise<boolean> {
  const header = (name: string) => headers.get(`webhook-${name}`) ?? "";
  const age = Math.abs(now / 1000 - Number(header("timestamp")));
  const key = bytesOf(secret.replace(/^whsec_/, ""));
  const mac = await hmacSha256(key, `${header("id")}.${header("timestamp")}.${body}`);
  const given = header("signature")
    .split(" ")
    .map((one) => bytesOf(one.split(",")[1] ?? "")); // "v1,… v1,…"
  return age < 300 && given.some((one) => isSame(one, mac));
}

export const createReplicate = defineVendor({
  vendor: "replicate",
  baseUrl: "https://api.replicate.com/v1",
  models,
  secrets: { apiKey: "REPLICATE_API_TOKEN", webhookSecret: "REPLICATE_WEBHOOK_SIGNING_SECRET" },
  auth: ({ apiKey }) => (apiKey ? { authorization: `Bearer ${apiKey}` } : undefined), // D, sdks.replicate.com
  submit: { call: toCall, read: (body) => z.parse(id, body) },
  status: { call: ({ id }) => ({ path: url`/predictions/${id}` }), read: toTask },
  refusal: toRefusal,
  // D: newest first, 100 a page. C: the filters by time, and `webhook` in a prediction (no page shows it).
  find: {
    call({ sentAt }) {
      const at = (minutes: number) => new Date(Date.parse(sentAt) + minutes * 60_000).toISOString();
      return { path: url`/predictions?created_after=${at(-5)}&created_before=${at(5)}` };
    },
    read: (body) => z.parse(list, body).results.map(({ id, webhook }) => ({ id, callbackUrl: webhook })),
  },
  cancel: { call: ({ id }) => ({ method: "POST", path: url`/predictions/${id}/cancel` }) }, // D, resources/predictions
  callback: {
    read: (body) => z.parse(id, body),
    verify: (raw, { webhookSecret }, now) =>
      webhookSecret === undefined ? undefined : isSigned(raw, webhookSecret, now),
    status: toTask, // D: the body is the prediction
  },
  // D, …/create: a data URL up to 256 kB, above it an HTTP URL. C, lib/files.js: multipart `content`.
  inline: { maxBytes: 256_000 },
  upload: {
    call({ name }, bytes) {
      const form = new FormData();
      form.set("content", bytes, name);
      return { path: "/files", form };
    },
    read: (body) => ({ url: z.parse(z.object({ urls: z.object({ get: z.string() }) }), body).urls.get }),
  },
  resultUrlLifeMs: 3_600_000, // D, docs/webhooks: files are deleted after an hour
});
