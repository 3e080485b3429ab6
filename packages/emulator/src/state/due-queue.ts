// What becomes due at a time: a binary heap, so that a look costs nothing while nothing is due.

interface Entry<T> {
  readonly at: number;
  /** Of those due at the same time the first that came is the first. */
  readonly order: number;
  readonly item: T;
}

export interface DueQueue<T> {
  add(item: T, at: number): void;
  /** Those due at or before `now`, in the order of their times; they leave the queue. */
  take(now: number): T[];
  /** Forgets those for which it is false. */
  keep(wanted: (item: T) => boolean): void;
  readonly size: number;
}

export function createDueQueue<T>(): DueQueue<T> {
  let heap: Entry<T>[] = [];
  let orders = 0;
  const isBefore = (a: Entry<T>, b: Entry<T>) => a.at < b.at || (a.at === b.at && a.order < b.order);

  function add(entry: Entry<T>): void {
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (!parent || !isBefore(entry, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  /** Puts what was last in the place of the first. */
  function removeFirst(): void {
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      const [below, child] = left && right && isBefore(right, left) ? [2 * at + 2, right] : [2 * at + 1, left];
      if (!child || !isBefore(child, last)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
  }

  return {
    add: (item, at) => add({ item, at, order: orders++ }),
    take(now) {
      const due: T[] = [];
      for (let [first] = heap; first && first.at <= now; [first] = heap) {
        due.push(first.item);
        removeFirst();
      }
      return due;
    },
    keep(wanted) {
      const kept = heap.filter(({ item }) => wanted(item));
      heap = [];
      for (const entry of kept) add(entry);
    },
    get size() {
      return heap.length;
    },
  };
}
