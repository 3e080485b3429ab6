// fal's queue (docs.fal.ai/documentation/model-apis/inference/queue), as `@fal-ai/client` 1.10 and `@ai-sdk/fal` 3.0 ask it.
import type { Dialect, State } from "../dialect.ts";

/** The clients send to this host, and `fetch` brings it here. */
const HOST = "https://queue.fal.run";
const REQUEST = /^(.*)\/requests\/([^/]+)(\/status|\/cancel)?$/;
const STATES: { readonly [state in State]: string } = {
  running: "IN_PROGRESS",
  done: "COMPLETED",
  strange: "ARCHIVED",
};

const urls = (id: string) => {
  const response_url = `${HOST}/fal-ai/kling-video/requests/${id}`;
  return { response_url, status_url: `${response_url}/status`, cancel_url: `${response_url}/cancel` };
};

export const fal: Dialect = {
  wants({ method, path }) {
    if (method === "POST") return { kind: "submit" };
    const [, , id, part] = REQUEST.exec(path) ?? [];
    if (!id) return undefined;
    return { kind: method === "PUT" ? "cancel" : part === "/status" ? "poll" : "result", id };
  },
  accepted: (id) => ({ status: "IN_QUEUE", request_id: id, queue_position: 0, ...urls(id) }),
  status: (id, state) => ({ status: STATES[state], request_id: id, logs: [], metrics: {}, ...urls(id) }),
  result: (id, state) =>
    state === "done"
      ? { status: 200, body: { video: { url: `https://v3.fal.media/${id}.mp4`, content_type: "video/mp4" } } }
      : { status: 400, body: { detail: state === "running" ? "Request is still in progress" : "Request is archived" } },
  error: (_, message) => ({ detail: message }),
};
