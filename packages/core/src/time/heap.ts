/** A queue by priority. Adding and taking cost the logarithm of its size. */
export type Heap<T> = {
  readonly size: number;
  add(item: T): void;
  /** The item that comes before all others, which stays. */
  first(): T | undefined;
  take(): T | undefined;
  /** Drops what is no longer wanted, in time linear in its size. */
  keep(isWanted: (item: T) => boolean): void;
};

/** @param before whether the first item comes before the second */
export function createHeap<T>(before: (a: T, b: T) => boolean): Heap<T> {
  let items: T[] = [];
  const isBefore = (a: number, b: number): boolean => {
    const [x, y] = [items[a], items[b]];
    return x !== undefined && (y === undefined || before(x, y));
  };
  const swap = (a: number, b: number) => {
    const [x, y] = [items[a], items[b]];
    if (x !== undefined && y !== undefined) [items[a], items[b]] = [y, x];
  };
  function sink(from: number): void {
    for (let at = from; ;) {
      const left = 2 * at + 1;
      const least = isBefore(left + 1, left) ? left + 1 : left;
      if (!isBefore(least, at)) return;
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
        if (!isBefore(at, parent)) return;
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
