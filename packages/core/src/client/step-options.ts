// What `step` is given, with its rules, and what it finds.
import type { VideoRequest } from "../request/request.ts";
import { SUBMIT_RULES } from "../submit/submit-options.ts";
import type { Rules } from "../task/check-options.ts";
import type { VidtaskError } from "../task/errors.ts";
import { issue } from "../task/issue.ts";
import { required } from "../task/option-rules.ts";
import type { FailedTask, SucceededTask } from "../task/task.ts";

/** What one step found. */
export type Stepped =
  /** The task has ended. */
  | { done: SucceededTask | FailedTask }
  /**
   * Call again at this time (ISO 8601), or when its callback has come. `running`: the task exists; `no-room`: nothing was sent,
   * because a limit left no room; `in-flight`: another call is sending, or a callback may still bring the lost
   * answer; `fault`: a temporary failure.
   */
  | { again: string; why: "running" | "no-room" | "in-flight" | "fault" }
  /** It is not known whether this was paid for: do not call again, see `settleSubmit`. */
  | { unknown: VidtaskError };

/** What a step is asked for. */
export type StepOptions<R extends VideoRequest = VideoRequest> = {
  /** The name of the submit, the same at every step: a row id, a job id. As in `SubmitOptions`. */
  idempotencyKey: string;
  /** The request, the same at every step. */
  request: R;
  /** Refuses the request before it is sent if its price in US dollars is higher than this, or not known. @default no limit */
  maxPrice?: number | undefined;
};

const aRequest = /* @__PURE__ */ required(
  "an object with `model` and the fields of its family",
  (value, path, issues) => {
    if (typeof value !== "object" || Array.isArray(value)) issues.push(issue(path, "an object with `model`", value));
    return value;
  },
);
/** The rule of each option of a step. */
export const stepRules = (): Rules<StepOptions> => ({
  idempotencyKey: required("a key, the same at every step", SUBMIT_RULES.idempotencyKey),
  request: aRequest,
  maxPrice: SUBMIT_RULES.maxPrice,
});
