// One look at a task, which no passing fault ends: it tolerates what `wait` tolerates.
import { WaitTimeoutError, type Task, type VideoClient } from "@vidtask/core";
import { heldTasks } from "@vidtask/core/router";
import type { Operation } from "../operation.ts";

/** How long a look goes on through faults before it says that nothing is known. */
const LOOK_MS = 15_000;
/** How long it waits for the end of a task whose callback has come, which may be early, or forged. */
const CALLED_BACK_MS = 60_000;

/**
 * What the vendor says of the task, or said, before it is time to ask again; nothing when it cannot be asked just now. Of an
 * operation with a webhook the SDK asks once, so this waits for the end.
 *
 * @throws what ends a wait, but for a failed task, which is a value: three 404 in a row, the vendor's own 401, an abort;
 * a `WaitTimeoutError` where nobody would ask again
 */
export async function look(
  client: VideoClient,
  operation: Operation,
  signal: AbortSignal | undefined,
): Promise<Task | undefined> {
  const held = await heldTasks(client);
  // The SDK asks by its own interval, and hands over the same operation each time.
  const known = operation.isCalledBack || signal?.aborted ? undefined : held.known(operation.ref);
  if (known) return known;
  const task = await ask(client, operation, signal);
  if (task) held.hold(task);
  return task;
}

async function ask(
  client: VideoClient,
  { ref, isCalledBack, isAskedOnce }: Operation,
  signal: AbortSignal | undefined,
): Promise<Task | undefined> {
  const poll = isCalledBack ? { first: 0 } : { first: 0, interval: 1 };
  const waitTimeout = isCalledBack ? CALLED_BACK_MS : LOOK_MS;
  let seen: Task | undefined;
  try {
    for await (const task of client.watch(ref, { waitTimeout, poll, signal })) {
      seen = task;
      if (!isCalledBack || task.state === "succeeded" || task.state === "failed") return task;
    }
  } catch (error) {
    if (isAskedOnce || !WaitTimeoutError.isInstance(error)) throw error;
  }
  return seen;
}
