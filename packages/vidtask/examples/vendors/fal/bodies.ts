// An example, not published: what fal answers. Put together for these tests, not copied: what adapter.ts reads has the
// marks that stand there, everything else (texts, ids, further members) is made up.
export const accepted = {
  request_id: "764cabcf-b745-4b3e-ae38-1200304cf45b",
  response_url: "https://queue.fal.run/fal-ai/kling-video/requests/764cabcf-b745-4b3e-ae38-1200304cf45b",
  status_url: "https://queue.fal.run/fal-ai/kling-video/requests/764cabcf-b745-4b3e-ae38-1200304cf45b/status",
  cancel_url: "https://queue.fal.run/fal-ai/kling-video/requests/764cabcf-b745-4b3e-ae38-1200304cf45b/cancel",
};

export const queued = { status: "IN_QUEUE", queue_position: 2 };
export const running = { status: "IN_PROGRESS", logs: [] };
export const completed = { status: "COMPLETED", logs: [] };
export const result = (url = "https://v3.fal.media.test/v.mp4") => ({ video: { url, content_type: "video/mp4" } });

/** D, request-errors: of the model, under HTTP 422. */
export const rejected = {
  detail: [{ loc: ["body", "prompt"], msg: "The content was flagged by a checker.", type: "content_policy_violation" }],
};
/** D, retries: of the platform, under HTTP 504. */
export const timedOut = { detail: "Request timed out", error_type: "request_timeout" };
/** Of a request that was cancelled; no page that was read says under which HTTP status. */
export const cancelled = { detail: "Request was cancelled", error_type: "client_cancelled" };
export const badKey = { detail: "Cannot access application" };
export const noSuchRequest = { detail: "Request not found" };
/** D, model-endpoints/queue: under 202, and under 400. */
export const cancelRequested = { status: "CANCELLATION_REQUESTED" };
export const alreadyCompleted = { status: "ALREADY_COMPLETED" };

export const callback = { request_id: accepted.request_id, status: "OK", payload: result() };
export const place = (at: string) => ({ file_url: `${at}/files/1.png`, upload_url: `${at}/put/1.png` });
