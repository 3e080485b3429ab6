import type { ClientContext } from "../context/context.ts";
import type { TaskRef } from "../task/task.ts";
import { traced } from "../trace.ts";

/** A download, told to who listens; for them the journal says which submit it goes back to, and is not waited for. */
export const tracedDownload = <T extends { bytes?: number }>(
  { adapter, journal }: ClientContext,
  task: TaskRef,
  download: () => Promise<T>,
): Promise<T> =>
  traced(
    "download",
    () => ({ vendor: adapter.vendor, task }),
    (trace) => {
      if (trace)
        void journal.findByTask(task).then(
          (row) => void (trace.submitTraceparent = row?.traceparent),
          () => {},
        );
      return download();
    },
  );
