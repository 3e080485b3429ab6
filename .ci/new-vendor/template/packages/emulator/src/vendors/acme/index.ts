// Acme, an invented vendor: every path, word, price and time is assumed, until a page is named.
import { defineDialect } from "../define-dialect.ts";

export const dialect = defineDialect({
  name: "acme",
  path: "/acme/v1",
  secrets: { apiKey: "emulator-key-acme" },
  states: { queued: "pending", running: "processing", done: "succeeded", error: "failed" },
  stateKey: "status",
  failCodes: { nsfw: "the prompt is not allowed" },
  refunds: false,
  resultUrlLifeMs: 86_400_000,
  refuse: (status, message) => ({ status, body: { error: message } }),
  submit: {
    route: "POST /tasks",
    task({ body }) {
      const { model, prompt, seconds = 4 } = body;
      const refused = (error: string) => ({ refused: { status: 400, body: { error } } });
      if (model !== "acme-1") return refused("model must be acme-1");
      if (typeof prompt !== "string" || prompt === "") return refused("prompt is missing");
      if (seconds !== 4 && seconds !== 8) return refused("seconds must be 4 or 8");
      return { model, clip: { prompt, duration: seconds }, usd: seconds * 0.05, time: [20_000, 40_000] };
    },
    accepted: ({ id }) => ({ body: { id } }),
  },
  status: {
    route: "GET /tasks/:id",
    answer({ task: { id, failure }, state, url }) {
      if (state === "succeeded") return { body: { id, status: "done", url } };
      if (state === "failed") return { body: { id, status: "error", code: failure?.code, error: failure?.message } };
      return { body: { id, status: state === "pending" ? "queued" : "running" } };
    },
  },
  callback: { urlOf: (body) => body["webhook"], message: ({ task }) => ({ body: { id: task.id } }) },
  fidelity: [{ what: "all of it", mark: "assumed", does: "an invented vendor, until its pages are read" }],
});
