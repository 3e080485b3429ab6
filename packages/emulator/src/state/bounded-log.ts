// A log of the last entries. The oldest go many at a time: to drop one for each that comes would move all of the rest each
// time.

/** How many more than asked for are kept between two looks, as a share. */
const SLACK = 0.05;

export interface BoundedLog<T> {
  /** Gives it back. */
  push<E extends T>(entry: E): E;
  /** The last ones, oldest first; always the same array. */
  read(): T[];
}

export function createBoundedLog<T>(most: number): BoundedLog<T> {
  const entries: T[] = [];
  const trim = (above: number): void => {
    if (entries.length > above) entries.splice(0, entries.length - most);
  };
  return {
    push(entry) {
      entries.push(entry);
      trim(most * (1 + SLACK));
      return entry;
    },
    read() {
      trim(most);
      return entries;
    },
  };
}
