// Waiting for what happens, not for time: a busy machine makes a turn of the event loop slow, and changes nothing else.
// What never happens is ended by the test's own time-out.

/** So many turns of the event loop: whatever is under way in this thread comes to rest. */
export async function turns(count = 10): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((wake) => setImmediate(wake));
}

/** As many turns as it takes. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await turns(1);
}

/** What work settles with, when it does so within this turn: before any timer, socket, file or other thread is heard. */
export const atOnce = <T>(work: Promise<T>): Promise<T> =>
  Promise.race([
    work,
    turns(1).then(() => {
      throw new Error("it has not settled within this turn of the event loop");
    }),
  ]);

/** What work costs this process, in ms of its own time: other processes do not lengthen it. */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  return process.cpuUsage(before).user / 1000;
}

/** The same of what takes its time. */
export async function cpuMsUntil(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  return process.cpuUsage(before).user / 1000;
}
