// What a tool answers: the same data as text and as structured content, errors in one form.
import type { CallToolResult } from "@modelcontextprotocol/server";
import { formatRef, InvalidRequestError, VidtaskError, type JournalEntry, type Task } from "vidtask";
import { Refusal } from "./refusal.ts";

export type Data = { [name: string]: unknown };

export function answer(data: Data, isError = false): CallToolResult {
  const text = JSON.stringify(data, null, 2);
  // The text once more as data, so that what is undefined, or no JSON, is in neither.
  const content: CallToolResult = { content: [{ type: "text", text }], structuredContent: JSON.parse(text) as Data };
  return isError ? { ...content, isError } : content;
}

/** Never throws, and shows nothing of an error that is not ours but its code: its text may hold anything. */
export function failure(error: unknown): CallToolResult {
  if (error instanceof Refusal) {
    const { code, message, remedy, more } = error;
    return answer({ error: { code, message, remedy, billed: "no", ...more } }, true);
  }
  if (VidtaskError.isInstance(error)) return answer({ error: { ...error.toJSON(), remedy: remedyOf(error) } }, true);
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return answer(
    {
      error: {
        code: typeof code === "string" ? code : "internal",
        message: "the server failed on this call; everything submitted before is in its journal",
        remedy: "Call video_list to see the tasks, before you call again.",
      },
    },
    true,
  );
}

function remedyOf(error: VidtaskError): string {
  const { code, phase, retryable, idempotencyKey, billed } = error;
  const key = idempotencyKey === undefined ? "" : ` "${idempotencyKey}"`;
  const paths = InvalidRequestError.isInstance(error) ? error.issues.map(({ path }) => path) : [];
  switch (code) {
    case "submit_unknown":
      return `It may have been paid for. Do not submit it under another key. Call video_status with the key${key} later; a person can settle it with: vidtask settle`;
    case "invalid_request":
      if (paths.includes("budget"))
        return "Nothing was sent: today's budget is used up. Wait for the next day (UTC), or ask a person to raise VIDTASK_MCP_USD_PER_DAY.";
      if (paths.includes("idempotencyKey"))
        return `Nothing was sent. To follow the video that has this key, call video_status with it; for another video use another key.`;
      if (paths.includes("apiKey")) return "A person has to correct the API key in the server's environment.";
      if (phase === "poll" || phase === "download") return "Call video_list to see the tasks.";
      return "Nothing was sent. Correct what `issues` names, and quote again.";
    case "insufficient_credits":
    case "unauthorized":
    case "forbidden":
    case "spend_limit":
      return "A person has to check the account at the vendor.";
    case "content_rejected":
      return "Change the prompt or the pictures, then submit under a new key.";
    case "wait_timeout":
      return "The task runs on, and asking is free: call video_status again.";
    case "not_found":
      return "The vendor has no such task. If it was just submitted, call video_status again in a minute. Else check the ref: video_list has them.";
    case "download":
      return retryable
        ? "Once video_status says succeeded, call video_save again with the same arguments: a download is free."
        : "Call video_status to see the videos, then video_save with another index or file.";
    default:
      if (phase === "poll") return "Asking is free: call again in a minute.";
      return retryable
        ? "Call again with the same arguments: it is safe, one key pays once."
        : `Do not repeat the same call${billed === "no" ? "" : "; it may have been paid for"}.`;
  }
}

/** A task as a tool shows it. A video whose address wants the API key is left to `video_save`. */
export function taskView(task: Task, row?: JournalEntry): Data {
  const view: Data = {
    task: formatRef(task),
    idempotencyKey: row?.key,
    vendor: task.vendor,
    model: task.model,
    state: task.state,
    priceUsd: row?.priceUsd,
    submittedAt: row?.sentAt ?? task.submittedAt ?? row?.createdAt,
  };
  switch (task.state) {
    case "succeeded":
      return {
        ...view,
        videos: task.videos.map(({ auth, url, ...video }) => (auth ? video : { url, ...video })),
        next: "Call video_save with this task before its URL expires.",
      };
    case "failed":
      return {
        ...view,
        failure: task.failure,
        next: "The task has ended without a video. To try again, submit under a new key.",
      };
    default:
      return {
        ...view,
        progress: task.progress,
        queuePosition: task.queuePosition,
        next: "Call video_status with this task; each call waits for up to 25 seconds.",
      };
  }
}
