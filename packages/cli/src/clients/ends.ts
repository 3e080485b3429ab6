// The end of a task that is known, or waited for.
import { TaskFailedError, type Task } from "vidtask";
import type { Output } from "../output/output.ts";
import { waitFor, type Follow } from "./follow.ts";
import type { Session } from "./session.ts";

/** The task when it has succeeded. @throws TaskFailedError, and what `wait` does */
export async function endOf(session: Session, out: Output, known: Task | undefined, follow: Follow): Promise<Task> {
  if (known?.state === "failed")
    throw new TaskFailedError({
      vendor: known.vendor,
      phase: "poll",
      task: known,
      ...(follow.key === undefined ? {} : { idempotencyKey: follow.key }),
    });
  return known?.state === "succeeded" ? known : waitFor(session, out, follow);
}
