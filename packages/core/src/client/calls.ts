// What a submit, a question and a wait are made of: loaded by the first of them.
import type { ClientContext } from "../context/context.ts";
import { abortedError } from "../http/aborted.ts";
import { readTask, recall } from "../poll/read.ts";
import { emitter } from "../task/events.ts";
import type { Task, TaskRef } from "../task/task.ts";
import { untilAborted } from "../time/abort.ts";
import { traced } from "../trace.ts";

export { callVendor } from "../http/call.ts";
export { readTask } from "../poll/read.ts";
export { pollDelay } from "../poll/schedule.ts";
export { endOf, waitForTask, watchTask } from "../poll/wait.ts";
export { runSubmit } from "../submit/run.ts";

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
