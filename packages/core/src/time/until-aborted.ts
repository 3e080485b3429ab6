import { whenAborted } from "./when-aborted.ts";

/**
 * Settles with `work`, or rejects with `reason()` the moment the signal aborts. `work` is not cancelled: what it ends
 * with is dropped here, and any other holder still gets it.
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined, reason: () => unknown): Promise<T> {
  if (!signal) return work;
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(reason() as Error);
    if (signal.aborted) onAbort();
    const forget = signal.aborted ? () => {} : whenAborted(signal, onAbort);
    work.then(resolve, reject).finally(forget);
  });
}
