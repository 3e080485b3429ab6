// Parts of the client that are loaded when they are first needed: most programs start with few of them.
import { withoutCredentials } from "../redact/credentials.ts";
import { AbortedError, ConnectionError, type Phase } from "../task/errors.ts";
import type { TaskRef } from "../task/task.ts";
import { untilAborted } from "../time/until-aborted.ts";

/** Which call needs the part; `mayRepeat` is false where the same call could pay twice. */
type For = {
  vendor: string;
  phase: Phase;
  key?: string | undefined;
  ref?: TaskRef | undefined;
  signal?: AbortSignal | undefined;
  mayRepeat?: boolean | undefined;
};

/**
 * Loads a part once, however many ask for it. What fails (a bundler's chunk that a deployment has replaced, say) is tried
 * again by the next call: nothing that has to be finished may wait for a part, so none is loaded once a paid request is on
 * its way.
 *
 * @throws ConnectionError, AbortedError: nothing was sent
 */
export function part<T>(load: () => Promise<T>): (about: For) => Promise<T> {
  let loading: Promise<T> | undefined;
  let loaded: T | undefined;
  return async ({ vendor, phase, key, ref, signal, mayRepeat: retryable = true }) => {
    if (loaded && !signal?.aborted) return loaded;
    const billed = phase === "submit" ? ({ billed: "no" } as const) : {};
    const about = { vendor, phase, ref, idempotencyKey: key, ...billed, retryable };
    const stopped = () =>
      new AbortedError(ref ? `stopped asking ${vendor}; the task runs on` : "stopped before anything was sent", about);
    const missing = (error: unknown) => {
      loading = undefined;
      const cause = new Error(withoutCredentials(error instanceof Error ? error.message : String(error)));
      const message = `a part of vidtask could not be loaded (${cause.message}); nothing was sent or changed: try again`;
      return new ConnectionError(message, { ...about, cause });
    };
    const got = (loading ??= load()).catch((error: unknown) => {
      throw missing(error);
    });
    return (loaded = await untilAborted(got, signal, stopped));
  };
}
