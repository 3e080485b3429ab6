// Whether bytes are a whole mp4, by its top-level boxes alone: a cut file begins with a good box, too.

/** The bytes are not those of an mp4, or not of one file. */
export class NotMp4 extends Error {
  override name = "NotMp4";
  /** The byte where a box must be. */
  readonly at: number;
  /** What the file is packed in instead. */
  readonly packed: string | undefined;
  constructor(message: string, at: number, packed?: string) {
    super(message);
    this.at = at;
    this.packed = packed;
  }
}

/** A walk from box to box over a file that arrives in order. It holds one header at most. */
export type BoxWalk = {
  /** Takes the bytes that lie at an offset; what is no header is stepped over. @throws NotMp4 */
  see(at: number, bytes: Uint8Array): void;
  /** Where the next header begins. */
  readonly next: number;
  /**
   * True when the boxes end exactly at `length`, but for zeros after them, and what a video needs is among them. A last
   * box that reaches to the end of the file shows nothing: then it depends on whether the length was announced.
   */
  isWhole(length: number, isAnnounced: boolean): boolean;
  /** True while the last box is one that reaches to the end of the file. */
  readonly isOpen: boolean;
  /** True when zeros follow the last box. */
  readonly isPadded: boolean;
};

const NEEDED = ["ftyp", "moov", "mdat"];

export function createBoxWalk(): BoxWalk {
  const header = new Uint8Array(16);
  const view = new DataView(header.buffer);
  const missing = new Set(NEEDED);
  let filled = 0;
  let next = 0;
  let isPadded = false;

  // The header is complete: its size leads to the next one.
  function step(): void {
    const type = String.fromCharCode(...header.subarray(4, 8));
    if (next === 0 && type !== "ftyp") throw new NotMp4("the file is not an mp4", 0, packingOf(view.getUint32(0)));
    if (missing.size === 0 && isZero(header.subarray(0, filled))) {
      isPadded = true;
      return;
    }
    // "©" begins some of Apple's.
    if (!/^[\x20-\x7e\xa9]{4}$/.test(type)) throw noBox(next);
    const short = view.getUint32(0);
    const size = short === 0 ? Infinity : short === 1 ? Number(view.getBigUint64(8)) : short; // 0: to the file's end
    if (size < filled) throw new NotMp4(`the mp4 has a box of ${size} bytes at byte ${next}`, next);
    missing.delete(type);
    next += size;
    filled = 0;
  }

  function seePadding(at: number, bytes: Uint8Array): void {
    if (!isZero(bytes.subarray(Math.max(0, next - at)))) throw noBox(next);
  }

  return {
    see(at, bytes) {
      if (isPadded) return seePadding(at, bytes);
      for (let from = next + filled - at; from < bytes.byteLength; from = next + filled - at) {
        header[filled++] = bytes[from] ?? 0;
        if (filled === 8 && view.getUint32(0) !== 1) step();
        else if (filled === 16) step();
        if (isPadded) return seePadding(at, bytes);
      }
    },
    get next() {
      return next;
    },
    get isOpen() {
      return next === Infinity;
    },
    get isPadded() {
      return missing.size === 0 && filled > 0 && isZero(header.subarray(0, filled));
    },
    isWhole(length, isAnnounced) {
      if (missing.size > 0) return false;
      if (next === Infinity) return isAnnounced;
      return filled === 0 ? next === length : this.isPadded;
    },
  };
}

const noBox = (at: number) => new NotMp4(`the mp4 has no box at byte ${at}, where one must be`, at);

// By the first bytes: what a storage keeps packed without saying so is not unpacked by any fetch.
const packingOf = (first: number): string | undefined =>
  first >>> 16 === 0x1f8b ? "gzip" : first === 0x28b52ffd ? "zstd" : undefined;

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);
