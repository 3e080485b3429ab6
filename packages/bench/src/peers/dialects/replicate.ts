// Replicate's predictions (replicate.com/docs/reference/http), as `replicate` 1.4 asks for them.
import type { Dialect, State } from "../dialect.ts";

const STATES: { readonly [state in State]: string } = {
  running: "processing",
  done: "succeeded",
  strange: "migrating",
};
/** `Prefer: wait` holds the request open for 60 s, `wait=5` for 5 (replicate.com/docs/topics/predictions/create-a-prediction). */
const HOLD = 60;

export const replicate: Dialect = {
  wants({ method, path, headers }) {
    if (method === "POST" && /^\/v1\/(models\/[^/]+\/[^/]+\/)?predictions$/.test(path)) {
      const prefer = /^wait(?:=(\d+))?$/.exec(String(headers["prefer"] ?? ""));
      return { kind: "submit", holdMs: prefer ? 1_000 * Number(prefer[1] ?? HOLD) : 0 };
    }
    const [, id, cancel] = /^\/v1\/predictions\/([^/]+)(\/cancel)?$/.exec(path) ?? [];
    return id ? { kind: cancel ? "cancel" : "poll", id } : undefined;
  },
  // `run` takes any other state than this as the end.
  accepted: (id, state, baseUrl) => prediction(id, state === "running" ? "starting" : STATES[state], baseUrl),
  status: (id, state, { baseUrl }) => prediction(id, STATES[state], baseUrl),
  error: (status, detail) => ({ title: "Error", detail, status }),
};

const prediction = (id: string, status: string, baseUrl: string) => ({
  id,
  model: "kwaivgi/kling-v2.6",
  version: "hidden",
  input: {},
  logs: "",
  error: null,
  output: status === "succeeded" ? `https://replicate.delivery/${id}.mp4` : null,
  status,
  created_at: "2026-01-01T00:00:00.000Z",
  urls: { get: `${baseUrl}/v1/predictions/${id}`, cancel: `${baseUrl}/v1/predictions/${id}/cancel` },
});
