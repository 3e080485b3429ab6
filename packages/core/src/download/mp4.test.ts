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
  return walk.isWhole(file.length, true);
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
  expect(isWhole(Buffer.concat([whole, Buffer.from("more bytes")]))).toBe(false);
  expect(isWhole(Buffer.concat([whole, Buffer.from("\0\0m")]))).toBe(false);
  expect(isWhole(Buffer.concat([whole, box("udta", 9)]))).toBe(true);
});

test.each([1, 7, 8, 9, 16, 17, 4_096])("%i zeros after the last box are padding, in pieces of any size", (zeros) => {
  const padded = Buffer.concat([whole, Buffer.alloc(zeros)]);
  for (const step of [1, 3, 8, 100, padded.length]) {
    const walk = createBoxWalk();
    for (let at = 0; at < padded.length; at += step) walk.see(at, padded.subarray(at, at + step));
    expect(walk.isWhole(padded.length, true), `${step}`).toBe(true);
    expect(walk.isPadded, `${step}`).toBe(true);
  }
});

test("zeros are no padding where something follows them, or where a box is still missing", () => {
  const followed = Buffer.concat([whole, Buffer.alloc(600), box("free", 8)]);
  for (const step of [1, 64, followed.length]) expect(() => isWhole(followed, step), `${step}`).toThrow(NotMp4);
  expect(() => isWhole(Buffer.concat([box("ftyp", 24), box("moov", 90), Buffer.alloc(600)]))).toThrow(NotMp4);
  expect(isWhole(Buffer.concat([box("ftyp", 24), box("moov", 90), Buffer.alloc(4)]))).toBe(false);
});

test("a whole file without padding has none", () => {
  const walk = createBoxWalk();
  walk.see(0, whole);
  expect(walk.isPadded).toBe(false);
});

test("a last box that reaches to the end of the file is whole at any length that was announced", () => {
  const open = Buffer.concat([box("ftyp", 24), box("moov", 90), box("mdat", 200, 0)]);
  expect(isWhole(open)).toBe(true);
  const walk = createBoxWalk();
  walk.see(0, open);
  expect(walk.isWhole(open.length, false)).toBe(false);
  expect(createBoxWalk().isWhole(0, true)).toBe(false);
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
  expect(walk.isWhole(whole.length, true)).toBe(true);
});
