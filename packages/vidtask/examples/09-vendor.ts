import { defineVendor, media } from "@vidtask/core/adapter";
import * as z from "zod/mini";
type Body = { id: string; status: string; url?: string; error?: string };
export const createAcme = defineVendor({
  vendor: "acme",
  baseUrl: "https://api.acme.test",
  keyEnv: "ACME_API_KEY",
  models: {
    "acme-1": {
      family: "acme-1",
      source: "https://docs.acme.test/video",
      request: z.strictObject({
        prompt: z.string().check(z.maxLength(500)),
        image: z.optional(media()),
        duration: z.optional(z.literal([4, 8])),
      }),
    },
  },
  submit: (r, { callbackUrl }) => ({
    path: "/v1/tasks",
    json: {
      model: r.model,
      prompt: r.prompt,
      seconds: r.duration,
      image_url: r.image?.toString(),
      webhook: callbackUrl,
    },
  }),
  submitted: (body) => ({ id: (body as Body).id }),
  get: (ref) => ({ path: `/v1/tasks/${ref.id}` }),
  task: (body) => {
    const b = body as Body;
    return b.status === "done"
      ? { state: "succeeded", videos: [{ url: b.url! }] }
      : b.status === "error"
        ? { state: "failed", failure: { code: "unknown", message: b.error!, billed: "unknown" } }
        : { state: "processing" };
  },
  refusal: (status, body) =>
    status >= 400
      ? { code: status === 401 ? "unauthorized" : "unknown", message: String((body as Body).error) }
      : undefined,
});
const acme = createAcme();
acme.submit({ model: "acme-1", prompt: "x", duration: 8 }).catch(() => {});
// @ts-expect-error the table gives the types: 5 is not 4 | 8
acme.submit({ model: "acme-1", prompt: "x", duration: 5 }).catch(() => {});
