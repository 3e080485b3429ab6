// What is kept by name until a time of its own. Setting, finding and letting lapse cost at most the logarithm of what is kept.
import { createHeap } from "../time/heap.ts";

export type Lapsing<T> = {
  readonly size: number;
  get(name: string): T | undefined;
  values(): Iterable<T>;
  /** Keeps it until then, in the place of what had the name. */
  set(name: string, until: number, value: T): void;
  delete(name: string): void;
  /** Drops all whose time has come. */
  lapse(now: number): void;
};

/** @param gone called with what is dropped, or has lapsed */
export function createLapsing<T>(gone: (value: T) => void = () => {}): Lapsing<T> {
  type Kept = { name: string; until: number; value: T };
  const kept = new Map<string, Kept>();
  const times = createHeap<Kept>((a, b) => a.until < b.until);
  const isCurrent = (one: Kept) => kept.get(one.name) === one;
  const drop = (one: Kept) => {
    kept.delete(one.name);
    gone(one.value);
  };
  return {
    get size() {
      return kept.size;
    },
    get: (name) => kept.get(name)?.value,
    *values() {
      for (const { value } of kept.values()) yield value;
    },
    set(name, until, value) {
      const one = { name, until, value };
      kept.set(name, one);
      if (until < Infinity) times.add(one);
      // What was set again or deleted leaves an entry behind; half of the heap may be of that kind.
      if (times.size > 2 * kept.size + 64) times.keep(isCurrent);
    },
    delete(name) {
      const one = kept.get(name);
      if (one) drop(one);
    },
    lapse(now) {
      for (let first = times.first(); first && !(isCurrent(first) && first.until > now); first = times.first()) {
        times.take();
        if (isCurrent(first)) drop(first);
      }
    },
  };
}
