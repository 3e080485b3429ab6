import type { ClientContext } from "../context/context.ts";
import { AbortedError } from "../task/errors.ts";
import { formatRef, type TaskRef } from "../task/task.ts";

/** What `generate` knows beyond the ref: the key, and whether the same call may be repeated without paying twice. */
export type WaitContext = { key?: string | undefined; mayRepeat: boolean };

/** The error of a wait that its caller stopped. */
export function stopped(
  { adapter }: ClientContext,
  ref: TaskRef,
  { key, mayRepeat: retryable }: WaitContext,
): AbortedError {
  const message = `stopped waiting; ${formatRef(ref)} runs on: go on with wait()`;
  return new AbortedError(message, { vendor: adapter.vendor, phase: "poll", ref, idempotencyKey: key, retryable });
}
