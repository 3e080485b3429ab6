// An example, not published: what Replicate answers. Put together for these tests, not copied: what adapter.ts reads has the
// marks that stand there, everything else (texts, ids, further members) is made up.
export type Status = "starting" | "processing" | "succeeded" | "failed" | "canceled" | "aborted";

/** C, index.d.ts: a prediction at one time, as submits, statuses, lists and webhooks have it. */
export const prediction = (about: {
  id?: string;
  status?: Status;
  output?: string | readonly string[];
  error?: string;
  webhook?: string | undefined;
  created_at?: string;
}) => ({
  id: "gm3qorzdhgbfurvjtvhg6dckhu",
  model: "kwaivgi/kling-v2.6",
  input: { prompt: "a waterfall" },
  status: "starting",
  output: null,
  error: null,
  created_at: "2026-01-01T00:00:00.000Z",
  completed_at: null,
  ...about,
});

export const accepted = prediction({});
export const succeeded = prediction({ status: "succeeded", output: "https://replicate.delivery.test/v.mp4" });
export const failed = prediction({ status: "failed", error: "NSFW content detected" });
export const canceled = prediction({ status: "canceled" });
export const list = (...results: ReturnType<typeof prediction>[]) => ({ previous: null, next: null, results });

export const noCredit = { title: "Insufficient credit", detail: "You have insufficient credit to run this model." };
export const badKey = { title: "Unauthenticated", detail: "You did not pass a valid authentication token" };
export const noSuchPrediction = { detail: "The requested resource could not be found." };
/** C, lib/files.js: the answer to an upload. */
export const file = (url: string) => ({ id: "f-1", name: "image.png", urls: { get: url } });
