/** How much of what is there is compared with what a resumed download brings. */
export const TAIL = 64 * 1024;

/** The last 64 KiB of what has arrived, by their place in the file. */
export type Tail = {
  push(at: number, bytes: Uint8Array): void;
  /** Whether these bytes are the ones that were pushed at this place; both lie within the last 64 KiB. */
  isSame(at: number, bytes: Uint8Array): boolean;
};

export function createTail(): Tail {
  const ring = new Uint8Array(TAIL); // a copy: whoever the bytes were handed to may change them
  return {
    push(at, bytes) {
      const last = bytes.subarray(Math.max(0, bytes.byteLength - TAIL));
      const place = (at + bytes.byteLength - last.byteLength) % TAIL;
      const untilEdge = last.subarray(0, TAIL - place);
      ring.set(untilEdge, place);
      ring.set(last.subarray(untilEdge.byteLength), 0);
    },
    isSame: (at, bytes) => bytes.every((byte, index) => ring[(at + index) % TAIL] === byte),
  };
}
