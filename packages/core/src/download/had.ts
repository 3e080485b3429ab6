import { createBoxWalk, type BoxWalk } from "./mp4.ts";
import { createTail, type Tail } from "./tail.ts";

/** What has arrived of a video, and what is known of the whole. */
export type Had = {
  /** Bytes so far, without a gap. */
  at: number;
  total: number | undefined;
  /** Of the file they are of: a strong ETag, or the date of its last change. */
  validator: string | undefined;
  /** The next bytes may be another file's: they are compared with the last that arrived. */
  mustCompare: boolean;
  /** Where a body without a length ended. */
  endedAt: number | undefined;
  readonly tail: Tail;
  walk: BoxWalk;
};

/** The beginning of a download. */
export function nothingHad(): Had {
  const tail = createTail();
  return {
    at: 0,
    total: undefined,
    validator: undefined,
    mustCompare: false,
    endedAt: undefined,
    tail,
    walk: createBoxWalk(),
  };
}

/** Starts again, with whatever file there is now. */
export const rewind = (had: Had, endedAt?: number): Had =>
  Object.assign(had, { ...nothingHad(), tail: had.tail, endedAt });
