// One look at a key and at most one exchange: what a job, a durable step or a cron tick can do in the time it has.
import type { ClientContext } from "../context/context.ts";
import { knownWithin } from "../journal/states.ts";
import type { VideoRequest } from "../request/request.ts";
import type { StepNotes } from "../submit/submission.ts";
import { SUBMIT_RULES } from "../submit/submit-options.ts";
import { checkOptions, type Rules } from "../task/check-options.ts";
import { InvalidRequestError, SubmitUnknownError, VendorError, VidtaskError } from "../task/errors.ts";
import { issue } from "../task/issue.ts";
import { required } from "../task/option-rules.ts";
import { isTerminal, type FailedTask, type SucceededTask, type Task } from "../task/task.ts";
import { backoff, isoTime } from "../time/clock.ts";
import type { VideoClient } from "./client.ts";
import { aClient, contextOf, STEP, type SubmitStep } from "./members.ts";
import { calls } from "./parts.ts";

/** What one step found. */
export type Stepped =
  /** It has ended. What you do with it is yours. */
  | { done: SucceededTask | FailedTask }
  /**
   * Call again at this time (ISO 8601), or when its callback came. `running`: the task exists; `no-room`: nothing was sent,
   * because a limit left no room; `in-flight`: another call is sending, or a callback may still bring the answer that was
   * lost; `fault`: something failed that may pass.
   */
  | { again: string; why: "running" | "no-room" | "in-flight" | "fault" }
  /** It cannot be known whether it was paid for: do not call again, look at `settleSubmit`. */
  | { unknown: VidtaskError };

/** What a step is asked for. */
export type StepOptions<R extends VideoRequest = VideoRequest> = {
  /** The name of the submit, the same at every step: a row id, a job id. As in `SubmitOptions`. */
  idempotencyKey: string;
  /** What is to be made, the same at every step. */
  request: R;
  /** Refuse before sending when the price in US dollars is above this, or is not known. @default no limit */
  maxPrice?: number | undefined;
};

const aRequest = required("an object with `model` and the fields of its family", (value, path, issues) => {
  if (typeof value !== "object" || Array.isArray(value)) issues.push(issue(path, "an object with `model`", value));
  return value;
});
const { idempotencyKey: aKey, maxPrice } = SUBMIT_RULES;
const STEP_RULES: Rules<StepOptions> = {
  idempotencyKey: required("a key, the same at every step", aKey),
  request: aRequest,
  maxPrice,
};

/** Pauses where nothing says a better time, in ms. */
const FAULT_PAUSE = 5_000;
const IN_FLIGHT_PAUSE = 1_000;
const CALLBACK_PAUSE = 30_000;
const LEAST_PAUSE = 50;

/**
 * One look at a key, and at most one exchange with the vendor: the submit when nothing was sent, else one poll. It waits for
 * nothing: not for room, not for another call, not for a time. Call it again when it says so, from any process: for a job, a
 * durable step, a cron tick. Of a router, a vendor that refuses is followed by the next one in the same step.
 *
 * Refusals are thrown; what can pass by itself is `again`. Give the client a durable journal, or a key protects one process.
 *
 * @throws VendorError (no credits, a refused API key), InvalidRequestError (a wrong request, too dear)
 */
export async function step<R extends VideoRequest>(client: VideoClient<R>, options: StepOptions<R>): Promise<Stepped> {
  const about = { vendor: "", phase: "submit" } as const;
  const issues: InvalidRequestError["issues"] = [];
  aClient(client, "client", issues);
  if (issues.length > 0) throw new InvalidRequestError({ ...about, issues });
  const { idempotencyKey, request, maxPrice } = checkOptions<StepOptions>(options, STEP_RULES, {
    of: "step",
    ...about,
    vendor: client.vendor,
  });
  let room: number | undefined;
  let isInFlight = false;
  const notes: StepNotes = { lacksRoom: (waitMs) => void (room = waitMs), isInFlight: () => void (isInFlight = true) };
  const { clock } = contextOf(client);
  const again = (why: Extract<Stepped, { why: unknown }>["why"], waitMs: number): Stepped => ({
    again: isoTime(clock.now() + Math.max(LEAST_PAUSE, waitMs)),
    why,
  });
  let task: Task;
  try {
    const submit = (client as unknown as { [STEP]: SubmitStep })[STEP];
    task = await submit(request, { idempotencyKey, maxPrice }, idempotencyKey, notes);
  } catch (error) {
    if (!VidtaskError.isInstance(error)) throw error;
    if (isInFlight) return again("in-flight", IN_FLIGHT_PAUSE);
    if (SubmitUnknownError.isInstance(error))
      return error.retryable ? again("in-flight", CALLBACK_PAUSE) : { unknown: error };
    if (error.code === "rate_limited" || room !== undefined)
      return again(error.phase === "poll" ? "running" : "no-room", Math.max(room ?? 0, retryAfterOf(error)));
    if (!mayPass(contextOf(client, error.vendor), error)) throw error;
    return again("fault", Math.max(retryAfterOf(error), FAULT_PAUSE / 2 + backoff(3)));
  }
  if (isTerminal(task)) return { done: task };
  const context = contextOf(client, task.vendor);
  const { poll } = context.options;
  const now = clock.now();
  const when = { ref: task, now, poll, duration: request.duration };
  const { pollDelay } = await calls({ vendor: task.vendor, phase: "poll", key: idempotencyKey, ref: task });
  return again("running", poll ? pollDelay(context, when) : Date.parse(task.nextPollAt) - now);
}

const retryAfterOf = (error: VidtaskError): number =>
  VendorError.isInstance(error) ? Math.min(error.retryAfterMs ?? 0, 600_000) : 0;

/** Vendors forget a task for a moment, and caches longer: while it may still run, a 404 says nothing. */
function mayPass({ adapter, clock }: ClientContext, error: VidtaskError): boolean {
  if (error.code !== "not_found" || error.phase !== "poll") return error.retryable;
  const sent = Date.parse(error.ref?.submittedAt ?? "");
  return clock.now() < sent + knownWithin(adapter);
}
