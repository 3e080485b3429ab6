// A vendor and a journal of one's own, with their suites. Neither Pact nor fast-check is installed here.
import { memoryJournal, type Journal, type JournalEntry } from "@vidtask/core";
import { codeOfStatus, defineVendor, failedTask, media, url as path } from "@vidtask/core/adapter";
import { describeJournal, describeVendor } from "@vidtask/core/testing";
import * as z from "zod/mini";

const answer = z.object({ id: z.string(), url: z.optional(z.string()), error: z.optional(z.string()) });

export const createAcme = defineVendor({
  vendor: "acme",
  baseUrl: "https://api.acme.test",
  secrets: { apiKey: "ACME_API_KEY" },
  models: {
    "acme-1": {
      source: "Acme /docs/video",
      request: z.strictObject({
        prompt: z.string(),
        image: z.optional(media()),
        duration: z._default(z.literal([4, 8]), 4),
      }),
    },
  },
  submit: {
    call: ({ model, prompt, duration }) => ({ path: "/tasks", json: { model, prompt, duration } }),
    read: (body) => ({ id: z.parse(answer, body).id }),
  },
  status: {
    call: ({ id }) => ({ path: path`/tasks/${id}` }),
    read(body) {
      const { url, error } = z.parse(answer, body);
      if (error !== undefined) return failedTask({ code: "unknown", message: error, billed: "no" });
      return url === undefined ? { state: "processing" } : { state: "succeeded", videos: [{ url }] };
    },
  },
  refusal: (status) => (status < 400 ? undefined : { code: codeOfStatus(status), message: "refused" }),
});

const acme = createAcme({ apiKey: "k" });
acme.plan({ model: "acme-1", prompt: "a waterfall", image: new URL("https://a.test/a.png"), duration: 8 });
// @ts-expect-error -- 4 or 8
acme.plan({ model: "acme-1", prompt: "a waterfall", duration: 5 });

export function ownJournal(rows: Map<string, JournalEntry>): Journal {
  const inner = memoryJournal();
  return { ...inner, durable: true, get: async (key) => rows.get(key) };
}

const test = (_name: string, _run: () => Promise<void>): void => {};
describeVendor(createAcme, {
  request: { model: "acme-1", prompt: "a waterfall" },
  fixtures: { accepted: {}, processing: {}, succeeded: {}, failed: {}, refused: {} },
  test,
});
describeJournal(() => ownJournal(new Map()), { test });
