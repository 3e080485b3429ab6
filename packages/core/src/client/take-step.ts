// What one step does, and when the next one is to come.
import { contextOf, type ClientContext } from "../context/context.ts";
import { knownWithin } from "../journal/states.ts";
import { pollDelay } from "../poll/schedule.ts";
import type { StepNotes } from "../submit/submission.ts";
import { SubmitUnknownError, VendorError, VidtaskError } from "../task/errors.ts";
import { isTerminal, type Task } from "../task/task.ts";
import { backoff, isoTime, safeDelay } from "../time/clock.ts";
import { lengthOf } from "../vendor-spec/models.ts";
import type { VideoClient } from "./client.ts";
import { settingsOf, STEP, type SubmitStep } from "./members.ts";
import type { Stepped, StepOptions } from "./step-options.ts";

/** Pauses where nothing says a better time, in ms. */
const FAULT_PAUSE = 5_000;
const IN_FLIGHT_PAUSE = 1_000;
const CALLBACK_PAUSE = 30_000;
const LEAST_PAUSE = 50;
/** Whatever a vendor or a store says: a client asks again after that time, too. */
const LONGEST_PAUSE = 600_000;

/** A step of checked options. */
export async function takeStep(
  client: VideoClient,
  { idempotencyKey, request, maxPrice }: StepOptions,
): Promise<Stepped> {
  let room: number | undefined;
  let isInFlight = false;
  let heldBack = 0;
  const notes: StepNotes = {
    lacksRoom: (waitMs) => void (room = shortened(waitMs)),
    isInFlight: () => void (isInFlight = true),
    holdsBack: (waitMs) => void (heldBack = shortened(waitMs)),
  };
  const { clock } = contextOf(settingsOf(client));
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
    const pause = Math.max(retryAfterOf(error), FAULT_PAUSE / 2 + backoff(3));
    if (error.code === "rate_limited" && error.phase === "poll") return again("running", pause);
    if (error.code === "rate_limited" || room !== undefined)
      return again("no-room", Math.max(room ?? 0, retryAfterOf(error)));
    if (!mayPass(contextOf(settingsOf(client, error.vendor)), error)) throw error;
    return again("fault", pause);
  }
  if (isTerminal(task)) return { done: task };
  const context = contextOf(settingsOf(client, task.vendor));
  const { poll } = context.options;
  const duration = lengthOf(context.adapter.models, task.model, request);
  const delay = pollDelay(context, { ref: task, now: clock.now(), poll, duration });
  return again("running", Math.max(heldBack, delay));
}

const retryAfterOf = (error: VidtaskError): number =>
  VendorError.isInstance(error) ? shortened(error.retryAfterMs ?? 0) : 0;

const shortened = (ms: number): number => Math.min(safeDelay(ms), LONGEST_PAUSE);

/** Vendors forget a task for a moment, and caches longer: while it may still run, a 404 says nothing. */
function mayPass({ adapter, clock }: ClientContext, error: VidtaskError): boolean {
  if (error.code !== "not_found" || error.phase !== "poll") return error.retryable;
  const sent = Date.parse(error.ref?.submittedAt ?? "");
  return clock.now() < sent + knownWithin(adapter);
}
