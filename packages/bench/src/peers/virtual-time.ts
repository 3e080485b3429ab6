// Time that stands still while anything happens, and jumps to the next timer when nothing does: an hour of waiting by a client
// that knows no clock of ours takes a moment. For a process of its own: it replaces the timers of all that runs there.
import { seeded } from "../random.ts";

const real = {
  Date,
  setTimeout: globalThis.setTimeout,
  setImmediate: globalThis.setImmediate,
  now: performance.now.bind(performance),
};

type Timer = { at: number; order: number; work: () => void; every: number | undefined };
export type VirtualTime = {
  /** In ms since 1970. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Moves time until the promise settles, or a limit of virtual ms is reached. */
  until<T>(promise: Promise<T>, limitMs: number): Promise<T>;
};

/** What is going on that needs no timer: connections being made, bytes being written, files being read. */
const BUSY = /^(TCPConnectWrap|WriteWrap|ShutdownWrap|GetAddrInfoReqWrap|FSReq\w+|ZlibWork\w*)$/;

/** `happened` counts what a server does: while the count changes, something is under way. */
export function virtualTime(happened: () => number = () => 0, hasSockets = true): VirtualTime {
  const timers = new Map<object, Timer>();
  let [nowMs, order] = [0, 0];
  const began = Date.UTC(2026, 0, 1);

  class VirtualDate extends real.Date {
    constructor(...args: unknown[]) {
      super(...((args.length === 0 ? [began + nowMs] : args) as [number]));
    }
    static override now = () => Math.floor(began + nowMs);
  }
  globalThis.Date = VirtualDate as DateConstructor;
  performance.now = () => nowMs;
  // Jitter is the same in each run.
  Math.random = seeded(1).next;

  const start =
    (every: boolean) =>
    (work: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
      const delay = Math.max(1, Number(ms) || 0);
      const handle = {
        ref: () => handle,
        unref: () => handle,
        hasRef: () => true,
        refresh() {
          const timer = timers.get(handle);
          if (timer) timer.at = nowMs + delay;
          return handle;
        },
        close: () => void timers.delete(handle),
        [Symbol.toPrimitive]: () => order,
        [Symbol.dispose]: () => void timers.delete(handle),
      };
      timers.set(handle, {
        at: nowMs + delay,
        order: order++,
        work: () => work(...args),
        every: every ? delay : undefined,
      });
      return handle;
    };
  const stop = (handle?: unknown) => void timers.delete(handle as object);
  Object.assign(globalThis, {
    setTimeout: start(false),
    setInterval: start(true),
    clearTimeout: stop,
    clearInterval: stop,
  });
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    setTimeout(
      () => controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError")),
      ms,
    );
    return controller.signal;
  };

  /** Until a round of a millisecond in which nothing happened. Bytes on the loopback are there when they were written. */
  async function settle(): Promise<void> {
    for (let isQuiet = false; !isQuiet;) {
      const seen = happened();
      for (let turn = 0; turn < 10; turn++) await new Promise<void>((resolve) => real.setImmediate(resolve));
      if (!hasSockets) return;
      await new Promise<void>((resolve) => real.setTimeout(resolve, 1));
      isQuiet = happened() === seen && !process.getActiveResourcesInfo().some((name) => BUSY.test(name));
    }
  }

  function fireNext(): boolean {
    let [handle, next]: [object | undefined, Timer | undefined] = [undefined, undefined];
    for (const [each, timer] of timers)
      if (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order))
        [handle, next] = [each, timer];
    if (!handle || !next) return false;
    nowMs = Math.max(nowMs, next.at);
    if (next.every === undefined) timers.delete(handle);
    else next.at = nowMs + next.every;
    next.work();
    return true;
  }

  return {
    now: () => began + nowMs,
    sleep: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
    async until(promise, limitMs) {
      let isSettled = false;
      const settled = () => void (isSettled = true);
      promise.then(settled, settled);
      const end = nowMs + limitMs;
      for (let idle = 0; !isSettled;) {
        await settle();
        if (isSettled) break;
        if (nowMs > end) throw new Error(`still waiting after ${limitMs} virtual ms`);
        idle = fireNext() ? 0 : idle + 1;
        // Something is on its way that no timer and no server tells of: a module that is loaded, say.
        if (idle > 0) await new Promise<void>((resolve) => real.setTimeout(resolve, 1));
        if (idle > 5_000) throw new Error("nothing is left to wait for");
      }
      return promise;
    },
  };
}
