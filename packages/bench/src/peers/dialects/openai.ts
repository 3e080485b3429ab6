// OpenAI's videos (developers.openai.com/api/docs/guides/video-generation), as `openai` 7.57 and `@tanstack/ai-openai` 0.23 ask
// for them. The types of `openai` say that the API was to be shut down on 2026-09-24; the client still has it.
import type { Dialect, State } from "../dialect.ts";

const STATES: { readonly [state in State]: string } = { running: "in_progress", done: "completed", strange: "paused" };

export const openai: Dialect = {
  wants({ method, path }) {
    if (method === "POST" && path === "/v1/videos") return { kind: "submit" };
    const [, id, content] = /^\/v1\/videos\/([^/]+)(\/content)?$/.exec(path) ?? [];
    return id ? { kind: content ? "result" : method === "DELETE" ? "cancel" : "poll", id } : undefined;
  },
  accepted: (id) => ({ ...video(id), status: "queued", progress: 0 }),
  status: (id, state) => ({ ...video(id), status: STATES[state], progress: state === "done" ? 100 : 50 }),
  result: (_, state) =>
    state === "done" ? { status: 200, body: "an mp4" } : { status: 400, body: openai.error(400, "not ready") },
  error: (_, message) => ({ error: { message, type: "server_error", param: null, code: null } }),
};

const video = (id: string) => ({
  id,
  object: "video",
  model: "sora-2",
  prompt: null,
  created_at: 1_767_225_600,
  completed_at: null,
  expires_at: null,
  error: null,
  remixed_from_video_id: null,
  seconds: "4",
  size: "720x1280",
});
