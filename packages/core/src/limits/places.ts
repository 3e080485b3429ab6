// Places in a line that is long and left from anywhere. Joining, leaving and counting who is before cost the logarithm of
// the places given so far: a binary indexed tree (P. M. Fenwick, 1994).

export type Places = {
  /** How many were given since the start: a line that is moved to new places may be numbered from 1 again. */
  readonly given: number;
  /** The next place: a number, the first is 1. */
  join(): number;
  leave(place: number): void;
  /** How many are still there with a place before this one. */
  ahead(place: number): number;
};

export function createPlaces(): Places {
  /** Each node counts those in as many places up to its own as its lowest bit says. */
  const counts = [0];
  const lowBit = (place: number) => place & -place;
  return {
    get given() {
      return counts.length - 1;
    },
    join() {
      const place = counts.length;
      let count = 1;
      for (let at = place - 1; at > place - lowBit(place); at -= lowBit(at)) count += counts[at] ?? 0;
      counts.push(count);
      return place;
    },
    leave(place) {
      for (let at = place; at < counts.length; at += lowBit(at)) counts[at] = (counts[at] ?? 0) - 1;
    },
    ahead(place) {
      let count = 0;
      for (let at = place - 1; at > 0; at -= lowBit(at)) count += counts[at] ?? 0;
      return count;
    },
  };
}
