// Parts of the client that are loaded when they are first needed: most programs start with few of them.
import { reason, redactor, safeCause } from "../redact.ts";
import { ConnectionError, type Phase } from "../task/errors.ts";
import type { TaskRef } from "../task/task.ts";

/** Which call needs the part. */
type For = { vendor: string; phase: Phase; key?: string | undefined; ref?: TaskRef | undefined };

/**
 * Loads a part once, however many ask for it. What fails (a bundler's chunk that a deployment has replaced, say) is tried
 * again by the next call: nothing that has to be finished may wait for a part, so none is loaded once a paid request is on
 * its way.
 *
 * @throws ConnectionError: nothing was sent
 */
export function part<T>(load: () => Promise<T>): (about: For) => Promise<T> {
  let loading: Promise<T> | undefined;
  return async ({ vendor, phase, key, ref }) => {
    try {
      return await (loading ??= load());
    } catch (error) {
      loading = undefined;
      const cause = safeCause(
        error,
        redactor(() => []),
      );
      const message = `a part of vidtask could not be loaded (${reason(cause)}); nothing was sent or changed: try again`;
      throw new ConnectionError(message, {
        vendor,
        phase,
        ref,
        idempotencyKey: key,
        ...(phase === "submit" ? { billed: "no" } : {}),
        retryable: true,
        cause,
      });
    }
  };
}
