import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createBoxWalk, NotMp4 } from "./mp4.ts";

fc.configureGlobal({ seed: 4 });

const box = (type: string, size: number, stated = size) => {
  const bytes = Buffer.alloc(size);
  bytes.writeUInt32BE(stated);
  bytes.write(type, 4, "latin1");
  return bytes;
};
const large = (type: string, size: number) => {
  const bytes = box(type, size, 1);
  bytes.writeBigUInt64BE(BigInt(size), 8);
  return bytes;
};
const whole = Buffer.concat([box("ftyp", 24), box("free", 8), large("mdat", 300), box("moov", 90)]);

/** Seen in pieces of this size. */
function isWhole(file: Buffer, step = file.length): boolean {
  const walk = createBoxWalk();
  for (let at = 0; at < file.length; at += step) walk.see(at, file.subarray(at, at + step));
  return walk.isWhole(file.length);
}

test("a whole file is told in pieces of any size", () => {
  for (let step = 1; step <= whole.length; step++) expect(isWhole(whole, step), `${step}`).toBe(true);
});

test("a file that is cut anywhere is not whole", () => {
  for (let length = 0; length < whole.length; length++) expect(isWhole(whole.subarray(0, length))).toBe(false);
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 50 }), (length, step) => {
      expect(isWhole(whole.subarray(0, length), step)).toBe(false);
    }),
  );
});

test("a file is not whole without its index or its data, nor with bytes after its last box", () => {
  expect(isWhole(Buffer.concat([box("ftyp", 24), box("moov", 90)]))).toBe(false);
  expect(isWhole(Buffer.concat([box("ftyp", 24), box("mdat", 90)]))).toBe(false);
  expect(isWhole(Buffer.concat([whole, Buffer.from("\0\0")]))).toBe(false);
  expect(isWhole(Buffer.concat([whole, box("udta", 9)]))).toBe(true);
});

test("a last box that reaches to the end of the file is whole at any length", () => {
  const open = Buffer.concat([box("ftyp", 24), box("moov", 90), box("mdat", 200, 0)]);
  expect(isWhole(open)).toBe(true);
  expect(createBoxWalk().isWhole(0)).toBe(false);
});

test.each<[string, Buffer]>([
  ["HTML", Buffer.from("<!doctype html><html><body>")],
  ["another container", Buffer.from("\x1aE\xdf\xa3 webm and more", "latin1")],
  ["a file that begins with another box", whole.subarray(24)],
  ["a box shorter than its header", Buffer.concat([box("ftyp", 24), box("moov", 8, 4)])],
  [
    "a long box shorter than its header",
    Buffer.concat([
      box("ftyp", 24),
      large("mdat", 15 + 1)
        .fill(0, 8)
        .fill(3, 15),
    ]),
  ],
  ["a box without a name", Buffer.concat([box("ftyp", 24), box("\0\0\0\0", 30)])],
])("%s is not an mp4", (_name, file) => {
  expect(() => isWhole(file)).toThrow(NotMp4);
  expect(() => isWhole(file, 3)).toThrow(NotMp4);
});

test("the place of the next header is known, so that a walk can be taken up again", () => {
  const walk = createBoxWalk();
  walk.see(0, whole.subarray(0, 30));
  expect(walk.next).toBe(24);
  walk.see(30, whole.subarray(30, 50));
  expect(walk.next).toBe(332);
  walk.see(332, whole.subarray(332));
  expect(walk.isWhole(whole.length)).toBe(true);
});
