/** A queue by priority: the least key first. Adding and taking cost the logarithm of its size. */
export type Heap<T> = {
  readonly size: number;
  add(item: T): void;
  /** The item with the least key, which stays. */
  first(): T | undefined;
  take(): T | undefined;
  /** Drops what is no longer wanted, in time linear in its size. */
  keep(isWanted: (item: T) => boolean): void;
};

export function createHeap<T>(keyOf: (item: T) => number): Heap<T> {
  let items: T[] = [];
  const key = (index: number): number => {
    const item = items[index];
    return item === undefined ? Infinity : keyOf(item);
  };
  const swap = (a: number, b: number) => {
    const [x, y] = [items[a], items[b]];
    if (x !== undefined && y !== undefined) [items[a], items[b]] = [y, x];
  };
  function sink(from: number): void {
    for (let at = from; ;) {
      const left = 2 * at + 1;
      const least = key(left) <= key(left + 1) ? left : left + 1;
      if (!(key(least) < key(at))) return;
      swap(at, least);
      at = least;
    }
  }
  return {
    get size() {
      return items.length;
    },
    keep(isWanted) {
      items = items.filter(isWanted);
      for (let at = (items.length >> 1) - 1; at >= 0; at--) sink(at);
    },
    add(item) {
      items.push(item);
      for (let at = items.length - 1; at > 0;) {
        const parent = (at - 1) >> 1;
        if (!(key(at) < key(parent))) return;
        swap(at, parent);
        at = parent;
      }
    },
    first: () => items[0],
    take() {
      const first = items[0];
      const last = items.pop();
      if (items.length > 0 && last !== undefined) {
        items[0] = last;
        sink(0);
      }
      return first;
    },
  };
}
