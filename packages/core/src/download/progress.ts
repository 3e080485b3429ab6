import { createBoxWalk, type BoxWalk } from "./mp4.ts";

/** What has arrived of a video, and what is known of the whole. */
export type Progress = {
  /** Bytes so far, without a gap. */
  at: number;
  total: number | undefined;
  /** Identifies the file: a strong ETag, or the date of its last change. */
  validator: string | undefined;
  /** The next bytes may be of another file: they are compared with the last ones that arrived. */
  mustCompare: boolean;
  /** How many bytes the last exchange brought, those that were there already among them. */
  received: number;
  /** Where a body without a length ended. */
  endedAt: number | undefined;
  /** The host gives the whole file only. */
  isRangeless: boolean;
  /** The URL that was asked for the whole file after it gave no range. */
  triedWhole: string | undefined;
  readonly tail: Tail;
  walk: BoxWalk;
};

/** The beginning of a download. */
export function noProgress(): Progress {
  const tail = createTail();
  return {
    at: 0,
    total: undefined,
    validator: undefined,
    mustCompare: false,
    received: Infinity,
    endedAt: undefined,
    isRangeless: false,
    triedWhole: undefined,
    tail,
    walk: createBoxWalk(),
  };
}

/** Starts again, with the file that is there now. */
export function rewind(progress: Progress, endedAt?: number): Progress {
  const { tail, isRangeless, triedWhole } = progress;
  return Object.assign(progress, { ...noProgress(), tail, endedAt, isRangeless, triedWhole });
}

/** How much of what is there is compared with what a resumed download brings. */
export const TAIL = 64 * 1024;

/** The last 64 KiB of what has arrived, by their place in the file. */
export type Tail = {
  push(at: number, bytes: Uint8Array): void;
  /** Whether these bytes are the ones that were pushed at this place; both lie within the last 64 KiB. */
  isSame(at: number, bytes: Uint8Array): boolean;
};

export function createTail(): Tail {
  const ring = new Uint8Array(TAIL); // a copy: the receiver of the bytes may change them
  return {
    push(at, bytes) {
      const last = bytes.subarray(Math.max(0, bytes.byteLength - TAIL));
      const offset = (at + bytes.byteLength - last.byteLength) % TAIL;
      const untilEdge = last.subarray(0, TAIL - offset);
      ring.set(untilEdge, offset);
      ring.set(last.subarray(untilEdge.byteLength), 0);
    },
    isSame(at, bytes) {
      for (let index = 0; index < bytes.byteLength; index++)
        if (ring[(at + index) % TAIL] !== bytes[index]) return false;
      return true;
    },
  };
}
