import type { Clock } from "vidtask";

/** Fast time that is the same for every process given the same origin: a restarted one goes on where the dead one was. */
export function sharedClock(origin: number, speed: number): Clock {
  const now = () => origin + (Date.now() - origin) * speed;
  return {
    now,
    elapsed: () => performance.now() * speed,
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const onAbort = () => {
          clearTimeout(timer);
          reject(signal?.reason as Error);
        };
        const timer = setTimeout(
          () => {
            signal?.removeEventListener("abort", onAbort);
            resolve();
          },
          Math.min(Math.ceil(Math.max(0, ms) / speed), 2 ** 30),
        );
        signal?.addEventListener("abort", onAbort, { once: true });
      });
    },
  };
}
