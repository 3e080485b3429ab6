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
    settle(work, resolve, reject, forget);
  });
}

/** Passes on what becomes of `work`, and what held it goes. */
export function settle<T>(
  work: Promise<T>,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
  go: () => void,
): void {
  work.then(
    (value) => {
      go();
      resolve(value);
    },
    (error: unknown) => {
      go();
      reject(error);
    },
  );
}
