// The documented bodies, in three shapes: an envelope, a bare task, an error. D: the page of Kling 2.6;
// P: /docs/getting-started/credits.
import type { State, StoredTask } from "../../state/tasks.ts";
import type { Answer } from "../dialect-parts.ts";
import { models } from "./models.ts";

/** Submit and credits. */
export const ok = (data: unknown): Answer => ({ status: 200, body: { code: 200, msg: "success", data } });

/** D: the table of error codes. */
const ERRORS = {
  invalid_request: [400, "invalid_request_error"],
  invalid_api_key: [401, "authentication_error"],
  insufficient_credits: [402, "billing_error"],
  ip_not_allowed: [403, "permission_error"],
  model_not_found: [404, "invalid_request_error"],
  task_not_found: [404, "invalid_request_error"],
  rate_limit_exceeded: [429, "rate_limit_error"],
  spend_limit_exceeded: [429, "billing_error"],
  internal_error: [500, "api_error"],
  upstream_error: [503, "upstream_error"],
} as const;

export function error(code: keyof typeof ERRORS, message: string): Answer {
  const [status, type] = ERRORS[code];
  return { status, body: { error: { code, message, type } } };
}

export const noCredits = () => error("insufficient_credits", "Your credit balance is too low. Please top up.");

/** The printed example is a missing `model`. */
export const missingField = (path: string) => error("invalid_request", `'${path}' is required.`);

/** The printed example is a duration: "'input.duration' must be 5 or 10 for Kling 2.6." */
export const invalidField = (path: string, rule: string, title: string) =>
  error("invalid_request", `'${path}' ${rule} for ${title}.`);

export const states: Readonly<Record<string, State>> = {
  pending: "pending",
  processing: "processing",
  completed: "succeeded",
  failed: "failed",
};

/** D: the one printed failure. */
export const failCodes = { upstream_error: "Video generation failed" } as const;

const seconds = (ms: number) => Math.floor(ms / 1000);

/** Bare: no envelope. A pending task is printed nowhere; it is taken to look like a processing one. */
export function status(task: StoredTask, state: State, url: string): Answer {
  const { id, model } = task;
  const created_at = seconds(task.createdAt);
  switch (state) {
    case "pending":
    case "processing":
      return { status: 200, body: { id, status: state, model, created_at, progress: null } };
    case "succeeded":
      return {
        status: 200,
        body: {
          id,
          status: "completed",
          model,
          created_at,
          completed_at: seconds(task.endsAt),
          output: { urls: [url], metadata: { model: models[model]?.madeBy } },
        },
      };
    case "failed":
      return {
        status: 200,
        body: { id, status: state, model, created_at, error: { ...task.failure } },
      };
  }
}
