// Runway's tasks (docs.dev.runwayml.com/api), as `@runwayml/sdk` 4.20 asks for them.
import type { Dialect, State } from "../dialect.ts";

const STATES: { readonly [state in State]: string } = { running: "RUNNING", done: "SUCCEEDED", strange: "PAUSED" };
const createdAt = "2026-01-01T00:00:00.000Z";

export const runway: Dialect = {
  wants({ method, path }) {
    if (method === "POST" && path === "/v1/text_to_video") return { kind: "submit" };
    const [, id] = /^\/v1\/tasks\/([^/]+)$/.exec(path) ?? [];
    return id ? { kind: method === "DELETE" ? "cancel" : "poll", id } : undefined;
  },
  accepted: (id) => ({ id, estimatedCost: { credits: 25 } }),
  status: (id, state) => ({
    id,
    createdAt,
    status: STATES[state],
    ...(state === "done" ? { output: [`https://dnznrvs05pmza.cloudfront.net/${id}.mp4`], cost: { credits: 25 } } : {}),
    ...(state === "running" ? { progress: 0.5, estimatedCost: { credits: 25 } } : {}),
  }),
  error: (_, error) => ({ error }),
};
