// An example, not published: fal's queue, written with nothing but `@vidtask/core/adapter`.
// Marks: D the vendor's own page (or a stored copy), C its own client, O somebody else's. Nothing was tried against the live API.
// Fields and limits of a request have a mark only where one stands beside them: check them before you pay.
// No `find`: nothing of ours is echoed where one can look. A lost submit is found by its webhook.
import {
  codeOfStatus,
  defineVendor,
  failedTask,
  lookUp,
  media,
  nullish,
  requestSchema,
  url,
  type CheckedOf,
  type HttpCall,
  type ModelSpecs,
  type Next,
  type Refusal,
  type SubmitAbout,
  type TaskStatus,
  type VendorCode,
} from "@vidtask/core/adapter";
import * as z from "@vidtask/core/schema";

const prompt = z.string().check(z.minLength(1));
const duration = z._default(z.literal([5, 10]), 5);
const sound = z._default(z.boolean(), false);

// A model is an endpoint of fal's.
const models = {
  "fal-ai/kling-video/v2.6/pro/text-to-video": {
    family: "kling-2.6",
    source: "fal, model page kling-video/v2.6/pro/text-to-video",
    request: requestSchema({ prompt, duration, sound }),
  },
  "fal-ai/kling-video/v2.6/pro/image-to-video": {
    family: "kling-2.6",
    source: "fal, model page kling-video/v2.6/pro/image-to-video",
    request: requestSchema({ prompt, duration, sound, image: media() }),
  },
} as const satisfies ModelSpecs;

// D, model-endpoints/queue.
const accepted = z.object({ request_id: z.string() });
const status = z.discriminatedUnion("status", [
  z.object({ status: z.literal("IN_QUEUE"), queue_position: nullish(z.number()) }),
  z.object({ status: z.literal("IN_PROGRESS") }),
  z.object({ status: z.literal("COMPLETED") }),
]);
const result = z.object({ video: z.object({ url: z.string() }) }); // O, vercel/ai fal-video-model.ts
// D, model-apis/request-errors: of a model a list of typed errors, of the platform a sentence with `error_type`.
const modelErrors = z.object({
  detail: z.array(z.object({ msg: z.string(), type: z.string() })).check(z.minLength(1)),
});
const platformError = z.object({ detail: z.string(), error_type: z.string() });
const refused = z.object({ detail: z.string() });

// No mark: the page above was read for its shapes, not for all its words. What is not here is what its HTTP status says.
const TYPES: { readonly [type: string]: VendorCode } = {
  content_policy_violation: "content_rejected",
  image_load_error: "invalid_media",
  file_download_error: "invalid_media",
  request_timeout: "timeout",
  startup_timeout: "timeout",
  runner_scheduling_failure: "upstream",
  runner_disconnected: "upstream",
  client_cancelled: "cancelled",
};

type Problem = { type?: string; message: string };

/** What an error of fal's says; nothing where the body has none of its shapes, as the page of a gateway. */
function problemIn(body: unknown): Problem | undefined {
  const [first] = z.safeParse(modelErrors, body).data?.detail ?? [];
  if (first) return { type: first.type, message: first.msg };
  const ofPlatform = z.safeParse(platformError, body).data;
  if (ofPlatform) return { type: ofPlatform.error_type, message: ofPlatform.detail };
  const plain = z.safeParse(refused, body).data;
  return plain && { message: plain.detail };
}

// C, queue.ts `parseEndpointId`: the subpath of a model is not in the paths of its requests.
const taskPath = ({ model, id }: { model: string; id: string }): string =>
  `/${model.split("/").slice(0, 2).join("/")}${url`/requests/${id}`}`;

function toCall({ model, prompt, duration, sound, ...rest }: CheckedOf<typeof models>, about: SubmitAbout): HttpCall {
  const { callbackUrl } = about;
  return {
    path: `/${model}${callbackUrl === undefined ? "" : url`?fal_webhook=${callbackUrl}`}`,
    json: {
      prompt,
      duration: String(duration),
      generate_audio: sound,
      image_url: "image" in rest ? String(rest.image) : undefined,
    },
  };
}

function toTask(body: unknown, ref: { model: string; id: string }): TaskStatus | Next {
  const task = z.parse(status, body);
  switch (task.status) {
    case "IN_QUEUE":
      return { state: "pending", ...(task.queue_position == null ? {} : { queuePosition: task.queue_position }) };
    case "IN_PROGRESS":
      return { state: "processing" };
    default:
      return { call: { path: taskPath(ref) }, read: toEnd }; // of which kind the end is, its result says
  }
}

function toEnd(body: unknown, httpStatus: number): TaskStatus | undefined {
  if (httpStatus < 300) return { state: "succeeded", videos: [{ url: z.parse(result, body).video.url }] };
  const problem = problemIn(body);
  if (problem?.type === undefined) return undefined; // not a documented end: asked again
  return failedTask({
    code: lookUp(TYPES, problem.type) ?? codeOfStatus(httpStatus),
    vendorCode: problem.type,
    message: problem.message,
    billed: httpStatus >= 500 ? "no" : "unknown", // D, reliability: 5xx is never charged; O: a 422 is sometimes
  });
}

function toRefusal(httpStatus: number, body: unknown): Refusal | undefined {
  if (httpStatus < 300) return undefined;
  const problem = problemIn(body);
  if (!problem) return undefined;
  const { type, message } = problem;
  const code = lookUp(TYPES, type) ?? codeOfStatus(httpStatus);
  return { code, message, ...(type === undefined ? {} : { vendorCode: type }) };
}

export const createFal = defineVendor({
  vendor: "fal",
  baseUrl: "https://queue.fal.run",
  origins: { rest: "https://rest.fal.ai" }, // C, config.ts
  models,
  // D, model-endpoints/webhooks: `Key …`; the older way is an id and a secret.
  secrets: { apiKey: "FAL_KEY", keyId: "FAL_KEY_ID", keySecret: "FAL_KEY_SECRET" },
  auth({ apiKey, keyId, keySecret }) {
    const key = apiKey ?? (keyId && keySecret && `${keyId}:${keySecret}`);
    return key ? { authorization: `Key ${key}` } : undefined;
  },
  submit: { call: toCall, read: (body) => ({ id: z.parse(accepted, body).request_id }) },
  status: { call: (ref) => ({ path: `${taskPath(ref)}/status` }), read: toTask },
  refusal: toRefusal,
  // D, model-endpoints/queue: only what "has not started processing".
  cancel: { call: (ref) => ({ method: "PUT", path: `${taskPath(ref)}/cancel` }) },
  // D: signed by keys that all accounts share, so another account's fits too: no `verify`, and each is asked about.
  callback: { read: (body) => ({ id: z.parse(accepted, body).request_id }) },
  callbackWindowMs: 2 * 3_600_000, // D: at most 10 tries in 2 h
  // C, storage.ts: a place for the bytes, then a PUT.
  upload: {
    call: ({ name, type }) => ({
      at: "rest",
      path: "/storage/upload/initiate?storage_type=fal-cdn-v3",
      json: { content_type: type, file_name: name },
    }),
    read(body) {
      const { file_url, upload_url } = z.parse(z.object({ file_url: z.string(), upload_url: z.string() }), body);
      return { url: file_url, put: upload_url };
    },
  },
});
