// What a submit, a question and a wait are made of: loaded by the first of them.
import type { ClientContext } from "../context/context.ts";
import { abortedError } from "../http/aborted.ts";
import { callVendor } from "../http/call.ts";
import { readTask, recall } from "../poll/read.ts";
import type { WaitContext } from "../poll/wait-context.ts";
import type { WaitOptions } from "../poll/wait-options.ts";
import { endOf, waitForTask } from "../poll/wait.ts";
import { runSubmit } from "../submit/run.ts";
import { checkSubmit, type GivenCall } from "../submit/submit.ts";
import { emitter } from "../task/events.ts";
import { isTerminal, type SucceededTask, type Task, type TaskRef } from "../task/task.ts";
import { untilAborted } from "../time/until-aborted.ts";
import { traced } from "../trace.ts";
import type { Balance } from "../vendor-spec/readings.ts";
import type { Adapter } from "../vendor-spec/spec.ts";

export { contextOf } from "../context/context.ts";
export { liveRow } from "../journal/must-write.ts";
export { readTask } from "../poll/read.ts";
export { pollDelay } from "../poll/schedule.ts";
export { waitForTask, watchTask } from "../poll/wait.ts";

/** The task of a submit. */
export const submitTask = (context: ClientContext, call: GivenCall): Promise<Task> =>
  traced(
    "submit",
    () => ({ vendor: context.adapter.vendor, idempotencyKey: call.key, prompt: call.request?.prompt }),
    async (trace) => runSubmit(context, checkSubmit(context, call, trace)),
  );

/** What the vendor says of a task now. */
export const getTask = (context: ClientContext, task: TaskRef, signal: AbortSignal | undefined): Promise<Task> =>
  traced(
    "get",
    () => ({ vendor: context.adapter.vendor, task }),
    async (trace) => {
      const emit = emitter(context.onEvent);
      const aborted = () => abortedError(context, { phase: "poll", ref: task });
      const { ref, duration } = await untilAborted(recall(context, task, trace), signal, aborted);
      return readTask(context, ref, { signal, emit, duration });
    },
  );

/** The end of a task that may have ended already. */
export const endOfTask = async (
  context: ClientContext,
  task: Task,
  options: WaitOptions,
  about: WaitContext,
): Promise<SucceededTask> =>
  isTerminal(task) ? endOf(context, task, about) : waitForTask(context, task, options, about);

/** What the account holds. */
export const readBalance = (
  context: ClientContext,
  { call, read }: NonNullable<Adapter["balance"]>,
): Promise<Balance> =>
  callVendor(context, call, { phase: "poll", asked: "balance", emit: emitter(context.onEvent) }, read);
