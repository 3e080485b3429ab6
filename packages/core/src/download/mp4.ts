// Whether bytes are a whole mp4, by its top-level boxes alone: a cut file begins with a good box, too.

/** The bytes are not those of an mp4, or not of one file. */
export class NotMp4 extends Error {
  override name = "NotMp4";
}

/** A walk from box to box over a file that arrives in order. It holds one header at most. */
export type BoxWalk = {
  /** Takes the bytes that lie at an offset; what is no header is stepped over. @throws NotMp4 */
  see(at: number, bytes: Uint8Array): void;
  /** Where the next header begins. */
  readonly next: number;
  /** True when the boxes end exactly at `length`, and what a video needs is among them. */
  isWhole(length: number): boolean;
};

const NEEDED = ["ftyp", "moov", "mdat"];

export function createBoxWalk(): BoxWalk {
  const header = new Uint8Array(16);
  const view = new DataView(header.buffer);
  const missing = new Set(NEEDED);
  let filled = 0;
  let next = 0;

  // The header is complete: its size leads to the next one.
  function step(): void {
    const type = String.fromCharCode(...header.subarray(4, 8));
    if (next === 0 && type !== "ftyp") throw new NotMp4("the file is not an mp4");
    // "©" begins some of Apple's.
    if (!/^[\x20-\x7e\xa9]{4}$/.test(type)) throw new NotMp4(`the mp4 has no box at byte ${next}, where one must be`);
    const short = view.getUint32(0);
    const size = short === 0 ? Infinity : short === 1 ? Number(view.getBigUint64(8)) : short; // 0: to the file's end
    if (size < filled) throw new NotMp4(`the mp4 has a box of ${size} bytes at byte ${next}`);
    missing.delete(type);
    next += size;
    filled = 0;
  }

  return {
    see(at, bytes) {
      for (let from = next + filled - at; from < bytes.byteLength; from = next + filled - at) {
        header[filled++] = bytes[from] ?? 0;
        if (filled === 8 && view.getUint32(0) !== 1) step();
        else if (filled === 16) step();
      }
    },
    get next() {
      return next;
    },
    isWhole: (length) => missing.size === 0 && filled === 0 && (next === length || next === Infinity),
  };
}
