import { defineVendor, media, url } from "@vidtask/core/adapter";
import * as z from "@vidtask/core/schema";
type Body = { id: string; status: string; url?: string; error?: string };
export const createAcme = defineVendor({
  vendor: "acme",
  baseUrl: "https://api.acme.test",
  secrets: { apiKey: "ACME_API_KEY" },
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
  submit: {
    call: (r, { callbackUrl }) => ({
      path: "/v1/tasks",
      json: {
        model: r.model,
        prompt: r.prompt,
        seconds: r.duration,
        image_url: r.image?.toString(),
        webhook: callbackUrl,
      },
    }),
    read: (body) => ({ id: (body as Body).id }),
  },
  status: {
    call: (ref) => ({ path: url`/v1/tasks/${ref.id}` }),
    read: (body) => {
      const b = body as Body;
      return b.status === "done"
        ? { state: "succeeded", videos: [{ url: b.url! }] }
        : b.status === "error"
          ? { state: "failed", failure: { code: "unknown", message: b.error!, billed: "unknown" } }
          : { state: "processing" };
    },
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
