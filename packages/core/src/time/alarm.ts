// Wakes many sleepers over one timer of a clock. Those that are due at once wake in groups, a group a turn of the event
// loop: ten thousand waits that end together do not hold up what else the process does.
import { safeDelay, type Clock } from "./clock.ts";
import { createHeap } from "./heap.ts";
import { whenAborted } from "./when-aborted.ts";

export type Alarm = {
  /**
   * Resolves after so many ms of the clock, or the moment a signal aborts or something else interrupts it. @throws what the
   * clock's own sleep throws
   */
  sleep(ms: number, signal?: AbortSignal, interrupt?: Interrupt): Promise<void>;
};

/** Calls `work` when something else is to wake the sleeper; the returned function takes that back. */
export type Interrupt = (work: () => void) => () => void;

type Sleeper = {
  readonly at: number;
  /** Of sleepers that are due at the same time, the first to come wakes first. */
  readonly turn: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  isAwake: boolean;
  /** Take back what else would wake it. */
  forget?: () => void;
  takeBack?: (() => void) | undefined;
};

/** Why a timer is stopped. Without a reason every abort makes an error, with its stack. */
const REWOUND = "rewound";
/** So many wake in one turn. */
const GROUP = 128;

export function createAlarm(clock: Clock): Alarm {
  const sleepers = createHeap<Sleeper>((a, b) => a.at < b.at || (a.at === b.at && a.turn < b.turn));
  let asleep = 0;
  let turns = 0;
  let ringsAt = Infinity;
  /** Of the sleep that goes on, or of the last one, for the next. */
  let timer: AbortController | undefined;

  function first(): Sleeper | undefined {
    while (sleepers.first()?.isAwake) sleepers.take();
    if (sleepers.size > 2 * asleep + 64) sleepers.keep(({ isAwake }) => !isAwake);
    return sleepers.first();
  }
  function ring(): void {
    ringsAt = Infinity;
    const now = clock.elapsed();
    for (let next = first(), woken = 0; next && next.at <= now && woken < GROUP; next = first(), woken++)
      leave(next, next.resolve);
    wind();
  }
  function wind(): void {
    const at = first()?.at ?? Infinity;
    if (at === ringsAt) return;
    if (ringsAt < Infinity) {
      timer?.abort(REWOUND);
      timer = undefined;
    }
    ringsAt = at;
    if (at === Infinity) return;
    const { signal } = (timer ??= createTimer());
    // A clock of the caller's may fail, at once or later; its sleepers hear of it instead of sleeping for ever.
    const failed = (error: unknown) => {
      if (signal.aborted) return;
      ringsAt = Infinity;
      for (let next = first(); next; next = first()) leave(next, () => next.reject(error));
    };
    try {
      clock.sleep(safeDelay(at - clock.elapsed()), signal).then(() => signal.aborted || ring(), failed);
    } catch (error) {
      failed(error);
    }
  }

  function leave(sleeper: Sleeper, settle: () => void): void {
    if (sleeper.isAwake) return;
    sleeper.isAwake = true;
    asleep--;
    sleeper.forget?.();
    sleeper.takeBack?.();
    settle();
  }

  return {
    sleep: (ms, signal, interrupt) =>
      new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return resolve();
        const at = clock.elapsed() + safeDelay(ms);
        const sleeper: Sleeper = { at, turn: turns++, resolve, reject, isAwake: false };
        const interrupted = () => {
          leave(sleeper, resolve);
          wind();
        };
        sleeper.forget = whenAborted(signal, interrupted);
        sleeper.takeBack = interrupt?.(interrupted);
        sleepers.add(sleeper);
        asleep++;
        wind();
      }),
  };
}

function createTimer(): AbortController {
  const timer = new AbortController();
  whenAborted(timer.signal, () => {}); // each sleep listens for a while: the one listener stays
  return timer;
}
