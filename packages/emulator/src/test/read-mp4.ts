// What an mp4 of the emulator shows, read from its boxes.
import { boxes } from "../mp4.ts";

/** Every box of a type at a path from the top, as a view of its payload. */
export function find(file: Uint8Array, path: readonly string[], start = 0, end = file.byteLength): DataView[] {
  return [...boxes(file, start, end)]
    .filter(({ type }) => type === path[0])
    .flatMap((box) =>
      path.length === 1
        ? [new DataView(file.buffer, file.byteOffset + box.start, box.end - box.start)]
        : find(file, path.slice(1), box.start, box.end),
    );
}

const text = (view: DataView, offset: number) =>
  String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + offset, 4));

/** The kinds of its tracks: `vide`, `soun`. */
export const tracksOf = (file: Uint8Array): string[] =>
  find(file, ["moov", "trak", "mdia", "hdlr"]).map((view) => text(view, 8));

/** Width and height of its picture. */
export function sizeOf(file: Uint8Array): [width: number, height: number] {
  const [header] = find(file, ["moov", "trak", "tkhd"]);
  return header ? [header.getUint32(76) >>> 16, header.getUint32(80) >>> 16] : [0, 0];
}
