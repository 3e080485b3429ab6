// The documented bodies. Sources: the pages of the two models, /docs/api-reference/response-format,
// /docs/api-reference/error-codes, /docs/api-reference/system and /docs/concepts/authentication.
import type { State, StoredTask } from "../../state/tasks.ts";
import type { Answer } from "../dialect-parts.ts";

/** `code` is documented as the HTTP status. */
export const envelope = (code: number, message: string, data: unknown): Answer => ({
  status: code,
  body: { code, message, data },
});

export const ok = (data: unknown) => envelope(200, "success", data);

/** Without `data` (/docs/concepts/authentication). */
export const badKey = (): Answer => ({ status: 401, body: { code: 401, message: "Invalid or missing API key" } });

export const noCredits = () => envelope(400, "Insufficient credits", null);

export const missingField = (path: string) =>
  envelope(400, "Invalid request", { error: `Missing required field: ${path}` });

/** The status page's states in APIXO's words. */
export const states: Readonly<Record<string, State>> = {
  pending: "pending",
  processing: "processing",
  success: "succeeded",
  failed: "failed",
};

/** Models' pages: the one message of a failed status that is printed, and the description of the other code. */
export const failCodes = {
  CONTENT_VIOLATION: "Content does not meet safety guidelines",
  INVALID_IMAGE_URL: "Cannot access provided image URL",
} as const;

/** The times of a failed status are not printed on the models' pages (only a callback shows them), so they are left out there. */
export function status(task: StoredTask, state: State, url: string): Answer {
  const taskId = task.id;
  const { createdAt: createTime, endsAt: completeTime } = task;
  switch (state) {
    case "pending":
    case "processing":
      return ok({ taskId, state, createTime });
    case "succeeded":
      return ok({
        taskId,
        state: "success",
        resultJson: JSON.stringify({ resultUrls: [url] }),
        createTime,
        completeTime,
        costTime: completeTime - createTime,
      });
    case "failed":
      return ok({ taskId, state, failCode: task.failure?.code, failMsg: task.failure?.message });
  }
}
