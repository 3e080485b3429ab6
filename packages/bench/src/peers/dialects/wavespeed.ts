// WaveSpeed's predictions, as `wavespeed` 0.3 asks for them.
import type { Dialect, State } from "../dialect.ts";

const STATES: { readonly [state in State]: string } = { running: "processing", done: "completed", strange: "paused" };

export const wavespeed: Dialect = {
  wants({ method, path }) {
    const [, id] = /^\/api\/v3\/predictions\/([^/]+)\/result$/.exec(path) ?? [];
    if (id) return { kind: "poll", id };
    return method === "POST" && path.startsWith("/api/v3/") ? { kind: "submit" } : undefined;
  },
  accepted: (id) => envelope({ id, status: "created", outputs: [] }),
  status: (id, state) => {
    const outputs = state === "done" ? [`https://d1q70pf5vjeyhc.cloudfront.net/${id}.mp4`] : [];
    return envelope({ id, status: STATES[state], outputs });
  },
  error: (code, message) => ({ code, message }),
};

const envelope = (data: object) => ({ code: 200, message: "success", data });
