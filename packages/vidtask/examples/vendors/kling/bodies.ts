// An example, not published: what Kling answers. Put together for these tests, not copied: what adapter.ts reads has the
// marks that stand there, everything else (texts, ids, further members) is made up.
export const accepted = {
  code: 0,
  message: "SUCCEED",
  request_id: "r-1",
  data: { task_id: "867", task_info: { external_task_id: "ours" }, task_status: "submitted" },
};

/** Of a task at one time: the body of its status. */
export const status = (task: {
  id?: string;
  token?: string;
  state?: "submitted" | "processing" | "succeed" | "failed";
  message?: string;
  url?: string;
  at?: number;
}) => ({
  code: 0,
  message: "SUCCEED",
  request_id: "r-2",
  data: {
    task_id: task.id ?? "867",
    task_info: { external_task_id: task.token ?? "ours" },
    task_status: task.state ?? "processing",
    ...(task.message === undefined ? {} : { task_status_msg: task.message }),
    ...(task.url === undefined ? {} : { task_result: { videos: [{ id: "v-1", url: task.url, duration: "5.1" }] } }),
    created_at: task.at ?? Date.UTC(2026, 0, 1),
    updated_at: task.at ?? Date.UTC(2026, 0, 1),
  },
});

export const succeeded = status({ state: "succeed", url: "https://cdn.klingai.test/v.mp4" });
export const failed = status({ state: "failed", message: "the prompt is not allowed" });
/** D, "General Information": under HTTP 429. */
export const inArrears = { code: 1101, message: "Account in arrears", request_id: "r-3" };
export const noSuchTask = { code: 1203, message: "no such task", request_id: "r-4" };
export const badKey = { code: 1000, message: "Authentication failed", request_id: "r-5" };
/** O, cometapi: a callback has what `data` has in a status. */
export const callback = succeeded.data;
