// Who waits for a turn, first come first served. Entering, leaving and being let through cost at most the logarithm of
// what waits.
import { safeDelay, type Clock } from "../time/clock.ts";
import { createHeap } from "../time/heap.ts";
import { whenAborted } from "../time/when-aborted.ts";

type Entry = {
  signal?: AbortSignal | undefined;
  /** Runs when this one is let through, before any other is. */
  onGo?: () => void;
  /** Of `clock.elapsed()`: it goes then, whatever holds the others. */
  latest?: number | undefined;
};
type Waiter = { readonly go: () => void; readonly latest: number; isGone: boolean };

export type Queue = {
  readonly size: number;
  /** When the first of those with a latest time has to go, else Infinity. */
  earliest(): number;
  /** Lets the first through, or the one whose latest time comes first. */
  next(by?: "latest"): void;
  /** Joins and resolves when let through; on an abort it leaves and rejects with the signal's reason. */
  enter(entry?: Entry): Promise<void>;
};

/** @param pump called when one has entered or left, to let through who may go */
export function createQueue(pump: () => void): Queue {
  let line: Waiter[] = [];
  let head = 0;
  let size = 0;
  const deadlines = createHeap<Waiter>((a, b) => a.latest < b.latest);

  function remove(waiter: Waiter): void {
    waiter.isGone = true;
    size--;
    // Those that went in their turn leave an entry behind; half of the heap may be of that kind.
    if (deadlines.size > 2 * size + 64) deadlines.keep(({ isGone }) => !isGone);
  }
  /** The first that is still there. Those that have left are passed over once. */
  function first(): Waiter | undefined {
    while (line[head]?.isGone) head++;
    if (head > 64 && head * 2 > line.length) {
      line = line.slice(head);
      head = 0;
    }
    return line[head];
  }
  function mostUrgent(): Waiter | undefined {
    while (deadlines.first()?.isGone) deadlines.take();
    return deadlines.first();
  }

  return {
    get size() {
      return size;
    },
    earliest: () => mostUrgent()?.latest ?? Infinity,
    next(by) {
      const waiter = by === "latest" ? mostUrgent() : first();
      if (!waiter) return;
      remove(waiter);
      waiter.go();
    },
    enter({ signal, onGo, latest = Infinity } = {}) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const forget = whenAborted(signal, () => {
          remove(waiter);
          reject(signal?.reason as Error);
          pump(); // it may have been the last for which a timer was kept
        });
        const waiter: Waiter = {
          latest,
          isGone: false,
          go() {
            forget();
            onGo?.();
            resolve();
          },
        };
        line.push(waiter);
        if (latest < Infinity) deadlines.add(waiter);
        size++;
        pump();
      });
    },
  };
}

/** One timer, set to a time of `clock.elapsed()`, or to Infinity, which takes it away. */
export function createTimer(clock: Clock, ring: () => void): (at: number) => void {
  let current = Infinity;
  let sleep: AbortController | undefined;
  return (at) => {
    if (at === current) return;
    sleep?.abort("rewound"); // without a reason every abort makes an error, with its stack
    sleep = undefined;
    current = at;
    if (at === Infinity) return;
    const own = (sleep = new AbortController());
    const wake = () => {
      if (own.signal.aborted) return;
      current = Infinity;
      sleep = undefined;
      ring();
    };
    void clock.sleep(safeDelay(at - clock.elapsed()), own.signal).then(wake, () => {});
  };
}
