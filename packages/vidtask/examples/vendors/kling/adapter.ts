// An example, not published: Kling's official API, written with nothing but `@vidtask/core/adapter`.
// Marks: D the vendor's own page (or a stored copy), C its own client, O somebody else's. Nothing was tried against the live API.
// Fields and limits of a request have a mark only where one stands beside them: check them before you pay.
// Prices, rate limits and times are left out: no page that was read prints them.
import {
  base64Of,
  crossFieldRule,
  defineVendor,
  failedTask,
  hmacSha256,
  lenient,
  lookUp,
  media,
  nullish,
  requestSchema,
  timesOf,
  unixTime,
  url,
  type CheckedOf,
  type HttpCall,
  type ModelSpecs,
  type Refusal,
  type SubmitAbout,
  type TaskStatus,
  type VendorCode,
} from "@vidtask/core/adapter";
import * as z from "@vidtask/core/schema";

const source = "Kling, API reference";
const prompt = z.string().check(z.minLength(1), z.maxLength(2500));
const picture = media({ types: ["image/jpeg", "image/png"], maxMB: 10 }); // D, aiMultiShot_sections: jpg or png, 10 MB

const models = {
  "kling-v2-6": {
    family: "kling-2.6",
    source,
    request: requestSchema(
      {
        prompt,
        image: z.optional(picture),
        endImage: z.optional(picture),
        duration: z._default(z.literal([5, 10]), 5),
        quality: z._default(z.literal(["std", "pro"]), "std"),
        sound: z._default(z.boolean(), false),
      },
      crossFieldRule("endImage", "given together with `image`", (r) => !r["endImage"] || Boolean(r["image"])),
    ),
  },
  "kling-v3-omni": {
    family: "kling-3-omni",
    source,
    request: requestSchema({
      prompt,
      referenceImages: z.optional(z.array(picture).check(z.minLength(1), z.maxLength(7))),
      duration: z._default(z.literal([3, 5, 8, 10, 15]), 5),
      quality: z._default(z.literal(["std", "pro"]), "std"),
    }),
  },
} as const satisfies ModelSpecs;
type Checked = CheckedOf<typeof models>;

// D, "General Information": 401 is a refused key, 429 an empty account as well as a rate. The copy breaks off at 1102: the
// codes from 1103 on are from memory.
const CODES: { readonly [code: string]: VendorCode } = {
  1000: "unauthorized",
  1001: "unauthorized",
  1002: "unauthorized",
  1003: "unauthorized",
  1004: "unauthorized",
  1100: "forbidden",
  1101: "insufficient_credits", // in arrears
  1102: "insufficient_credits", // the pack is used up
  1201: "invalid_request",
  1203: "not_found",
  1301: "content_rejected",
  1302: "rate_limited",
  1303: "rate_limited",
  5000: "internal",
  5001: "upstream",
  5002: "timeout",
};

const envelope = z.object({ code: z.number(), message: nullish(z.string()) });
// D, OmniVideo: the answer to a submit, and its four states.
const accepted = z.object({ data: z.object({ task_id: z.string() }) });
const common = { created_at: lenient(unixTime), updated_at: lenient(unixTime) };
const video = z.object({ url: z.string(), duration: lenient(z.string()) }); // O, cometapi, vercel/ai: `duration` is text
const status = z.object({
  data: z.discriminatedUnion("task_status", [
    z.object({ ...common, task_status: z.literal(["submitted", "processing"]) }),
    z.object({ ...common, task_status: z.literal("succeed"), task_result: z.object({ videos: z.array(video) }) }),
    z.object({ ...common, task_status: z.literal("failed"), task_status_msg: lenient(z.string()) }),
  ]),
});
const found = z.object({
  data: z.object({ task_id: z.string(), task_info: nullish(z.object({ external_task_id: nullish(z.string()) })) }),
});

/** A URL, or bare base64 (D, aiMultiShot_sections): core hands small files on as `data:` URLs. */
const bare = (image: unknown) => (image === undefined ? undefined : (base64Of(image)?.data ?? String(image)));

/** O, vercel/ai klingai-video-model.ts: the path goes by the kind of the task. */
const kindOf = (request: Checked): string =>
  request.model === "kling-v3-omni" ? "omni-video" : request.image === undefined ? "text2video" : "image2video";

function toCall(request: Checked, { callbackUrl, token, variant }: SubmitAbout): HttpCall {
  const input =
    request.model === "kling-v3-omni"
      ? { image_list: request.referenceImages?.map((image) => ({ image_url: bare(image) })) }
      : { image: bare(request.image), image_tail: bare(request.endImage), sound: request.sound ? "on" : "off" };
  const { model, prompt, quality, duration } = request;
  return {
    path: url`/v1/videos/${variant}`,
    json: {
      model_name: model,
      prompt,
      mode: quality,
      duration: String(duration),
      ...input,
      external_task_id: token, // D: "Customized Task ID"; what a second one does, no page says
      callback_url: callbackUrl,
    },
  };
}

function toTask(body: unknown): TaskStatus {
  const { data } = z.parse(status, body);
  switch (data.task_status) {
    case "succeed": {
      const videos = data.task_result.videos.map(({ url, duration }) => {
        const seconds = Number(duration);
        return seconds > 0 ? { url, duration: seconds } : { url };
      });
      return { ...timesOf(data.created_at, data.updated_at), state: "succeeded", videos };
    }
    case "failed": {
      const failed = failedTask({ code: "unknown", message: data.task_status_msg, billed: "unknown" });
      return { ...timesOf(data.created_at, data.updated_at), ...failed };
    }
    default: {
      const state = data.task_status === "submitted" ? "pending" : "processing";
      return { ...timesOf(data.created_at, undefined), state };
    }
  }
}

function toRefusal(httpStatus: number, body: unknown): Refusal | undefined {
  const { code, message } = z.parse(envelope, body);
  if (code === 0 && httpStatus < 300) return undefined;
  const vendorCode = String(code);
  return { code: lookUp(CODES, vendorCode) ?? "unknown", vendorCode, message: message ?? `code ${code}` };
}

const base64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes)).replace(/[+/=]/g, (char) => ({ "+": "-", "/": "_" })[char] ?? "");
const part = (claims: object): string => base64Url(new TextEncoder().encode(JSON.stringify(claims)));

/** D: a JWT (RFC 7519). O, tryagi.github.io/KlingAI, vercel/ai: HS256, for half an hour, from 5 s ago. */
async function jwt(accessKey: string, secretKey: string, now: number): Promise<string> {
  const seconds = Math.floor(now / 1000);
  const head = part({ alg: "HS256", typ: "JWT" });
  const text = `${head}.${part({ iss: accessKey, exp: seconds + 1800, nbf: seconds - 5 })}`;
  return `${text}.${base64Url(await hmacSha256(secretKey, text))}`;
}

export const createKling = defineVendor({
  vendor: "kling",
  baseUrl: "https://api-singapore.klingai.com",
  models,
  // O, vercel/ai, citing kling.ai: one API key is the recommended way now, the pair the older one.
  secrets: { apiKey: "KLING_API_KEY", accessKey: "KLING_ACCESS_KEY", secretKey: "KLING_SECRET_KEY" },
  async auth({ apiKey, accessKey, secretKey }, now) {
    const token = apiKey ?? (accessKey && secretKey && (await jwt(accessKey, secretKey, now)));
    return token ? { authorization: `Bearer ${token}` } : undefined;
  },
  variant: kindOf,
  submit: { call: toCall, read: (body) => ({ id: z.parse(accepted, body).data.task_id }) },
  status: { call: ({ id, variant = "" }) => ({ path: url`/v1/videos/${variant}/${id}` }), read: toTask },
  refusal: toRefusal,
  // O, kkiai.com, aimanyi.top (they resell Kling's own format): the id in the path may be the `external_task_id`.
  find: {
    call: ({ token, variant }) => ({ path: url`/v1/videos/${variant}/${token}` }),
    read(body) {
      const { data } = z.parse(found, body);
      return [{ id: data.task_id, token: data.task_info?.external_task_id }];
    },
  },
  // O, cometapi: `task_id`, `task_status`, `task_result`; no signature was seen, so each is only a reason to ask.
  callback: { read: (body) => ({ id: z.parse(z.object({ task_id: z.string() }), body).task_id }) },
  inline: { maxBytes: 10 * 2 ** 20 },
});
