// Just enough of the MP4 container to walk its boxes and to set its times.

export interface Box {
  type: string;
  /** Offset of the box's payload, and of the byte after the box. */
  start: number;
  end: number;
}

/** The boxes between two offsets. Throws when they do not end exactly at `end`. */
export function* boxes(file: Uint8Array, start = 0, end = file.byteLength): Generator<Box> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = start; at < end;) {
    const short = at + 8 <= end ? view.getUint32(at) : 0;
    const size = short === 1 && at + 16 <= end ? Number(view.getBigUint64(at + 8)) : short;
    const header = short === 1 ? 16 : 8;
    if (size < header || at + size > end)
      throw new Error(`mp4: a box at ${at} does not fit into its parent, which ends at ${end}`);
    yield { type: String.fromCharCode(...file.subarray(at + 4, at + 8)), start: at + header, end: at + size };
    at += size;
  }
}

const SINCE_1904 = 2_082_844_800;

/**
 * Sets creation and modification time of the movie, its tracks and their media. The writer of the file takes them from
 * the machine's clock: the same task would give other bytes, and another ETag, each time.
 */
export function setTimes(file: Uint8Array, wallMs: number): void {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const seconds = Math.max(0, Math.floor(wallMs / 1000) + SINCE_1904);
  const visit = (start: number, end: number): void => {
    for (const box of boxes(file, start, end)) {
      if (box.type === "moov" || box.type === "trak" || box.type === "mdia") visit(box.start, box.end);
      if (box.type !== "mvhd" && box.type !== "tkhd" && box.type !== "mdhd") continue;
      const long = view.getUint8(box.start) === 1;
      for (let i = 0; i < 2; i++) {
        if (long) view.setBigUint64(box.start + 4 + 8 * i, BigInt(seconds));
        else view.setUint32(box.start + 4 + 4 * i, seconds >>> 0);
      }
    }
  };
  visit(0, file.byteLength);
}
