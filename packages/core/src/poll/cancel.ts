// Stops a task, where the vendor can. Only its status says what became of it.
import type { ClientContext } from "../context/context.ts";
import { callVendor } from "../http/call.ts";
import { recordEnd } from "../journal/rows.ts";
import { InvalidRequestError, VendorError, VidtaskError } from "../task/errors.ts";
import { emitter } from "../task/events.ts";
import { issue } from "../task/issue.ts";
import { isTerminal, refOf, type EndedTask, type Task, type TaskRef } from "../task/task.ts";
import { traced, type Trace } from "../trace.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import { readTask, recall } from "./read.ts";

/** Options of a cancel. */
export type CancelOptions = {
  /** `true` allows the cancel although the vendor would delete a task that has ended meanwhile, with its video. */
  destroy?: boolean | undefined;
  /** Stops waiting for the answers; a request that has left is not taken back. */
  signal?: AbortSignal | undefined;
};

type Cancel = NonNullable<Adapter["cancel"]>;

/**
 * Reads the task, asks the vendor to stop it, and reads it again. A task that has ended is left alone; one that ends
 * meanwhile is that end.
 *
 * @throws InvalidRequestError at `destroy`; the error of the call that stops it where it runs on all the same
 */
export const cancelTask = (
  context: ClientContext,
  task: TaskRef,
  cancel: Cancel,
  options: CancelOptions,
): Promise<Task> =>
  traced(
    "cancel",
    () => ({ vendor: context.adapter.vendor, task }),
    (trace) => stopTask(context, task, cancel, { ...options, trace }),
  );

async function stopTask(
  context: ClientContext,
  anyRef: TaskRef,
  cancel: Cancel,
  { destroy, signal, trace }: CancelOptions & { trace: Trace },
): Promise<Task> {
  if (cancel.destroys && destroy !== true) throw undestroyed(context, anyRef);
  const emit = emitter(context.onEvent);
  const { ref, duration } = await recall(context, anyRef, trace);
  const ask = () => readTask(context, ref, { signal, duration, emit });
  const before = await ask();
  if (isTerminal(before)) return before;
  const about = { phase: "poll", asked: "cancel", ref, signal, emit, isBodyUnread: true } as const;
  const refusal = await callVendor(context, cancel.call(ref), about, () => true).then(() => undefined, asVidtaskError);
  let after: Task;
  try {
    after = await ask();
  } catch (error) {
    if (!cancel.destroys || !VendorError.isInstance(error) || error.code !== "not_found") throw error;
    after = await destroyed(context, before);
  }
  if (refusal && !isTerminal(after)) throw refusal;
  return after;
}

/** The end of a task that its vendor has deleted, moments after it ran. */
async function destroyed(context: ClientContext, running: Task): Promise<EndedTask> {
  const task: EndedTask = {
    ...refOf(running),
    state: "failed",
    failure: { code: "cancelled", message: "it was cancelled, and the vendor has deleted it", billed: "unknown" },
  };
  context.limiter.ended(task.id);
  context.ends.tell(task);
  await recordEnd(context, task, emitter(context.onEvent));
  return task;
}

function asVidtaskError(error: unknown): VidtaskError {
  if (VidtaskError.isInstance(error)) return error;
  throw error;
}

function undestroyed({ adapter: { vendor } }: ClientContext, ref: TaskRef): InvalidRequestError {
  const rule = `true: ${vendor} deletes a task that has ended, with its video, and it may end at any moment`;
  return new InvalidRequestError({ vendor, phase: "poll", ref, issues: [issue("destroy", rule)], billed: "unknown" });
}
