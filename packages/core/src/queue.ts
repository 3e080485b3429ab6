/** Somebody in a queue; `go` lets him through. */
export type Waiter = { go: () => void };

/**
 * Joins a queue and resolves when let through; leaves it, and rejects with the signal's reason, on an abort.
 * `onGo` runs the moment of being let through, before anybody else is.
 */
export function enter(queue: Waiter[], pump: () => void, signal?: AbortSignal, onGo?: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const leave = () => {
      const index = queue.indexOf(waiter);
      if (index >= 0) queue.splice(index, 1);
      reject(signal?.reason as Error);
    };
    const waiter: Waiter = {
      go() {
        signal?.removeEventListener("abort", leave);
        onGo?.();
        resolve();
      },
    };
    signal?.addEventListener("abort", leave, { once: true });
    queue.push(waiter);
    pump();
  });
}
