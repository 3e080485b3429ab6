import type { ClientContext } from "../context/context.ts";
import { AbortedError, type Phase } from "../task/errors.ts";
import type { TaskRef } from "../task/task.ts";

type About = { phase: Phase; ref?: TaskRef | undefined; key?: string | undefined };

/** The error of a call whose signal aborted. */
export const abortedError = ({ adapter }: ClientContext, { phase, ref, key }: About): AbortedError =>
  new AbortedError(`stopped asking ${adapter.vendor}${ref ? "; the task runs on" : ""}`, {
    vendor: adapter.vendor,
    phase,
    ref,
    idempotencyKey: key,
    retryable: true,
  });
