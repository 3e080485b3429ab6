import { describe, expect, test } from "vitest";
import { boxes } from "./mp4.ts";
import { find, sizeOf, tracksOf } from "./test/read-mp4.ts";
import { makeVideo, secondsOf, type AspectRatio } from "./video.ts";

const about = { vendor: "apixo", model: "kling-2-6", taskId: "task_1", createdAt: Date.UTC(2026, 0, 1) };
const make = (aspectRatio: AspectRatio, duration: number, sound: boolean) =>
  makeVideo({ prompt: "a waterfall, 瀑布", duration, aspectRatio, sound }, about);

const sizes = { "16:9": [864, 486], "9:16": [486, 864], "1:1": [480, 480] } as const;
const cases = (["16:9", "9:16", "1:1"] as const).flatMap((ratio) =>
  [3, 5, 10, 15, 30].flatMap((seconds) => [false, true].map((sound) => [ratio, seconds, sound] as const)),
);

describe("a video", () => {
  test.each(cases)("of %s, %i s, sound %s is an mp4 of exactly that", async (ratio, seconds, sound) => {
    const file = await make(ratio, seconds, sound);
    expect([...boxes(file)].map(({ type }) => type)).toEqual(["ftyp", "moov", "mdat"]);

    const duration = (view: DataView) => view.getUint32(16) / view.getUint32(12); // version 0
    expect(find(file, ["moov", "mvhd"]).map(duration)).toEqual([seconds]);
    expect(find(file, ["moov", "trak", "mdia", "mdhd"]).map(duration)).toEqual(sound ? [seconds, seconds] : [seconds]);
    expect(tracksOf(file)).toEqual(sound ? ["vide", "soun"] : ["vide"]);
    expect(sizeOf(file)).toEqual(sizes[ratio]);
    expect(
      ratio
        .split(":")
        .map(Number)
        .reduce((w, h) => w / h),
    ).toBe(sizes[ratio][0] / sizes[ratio][1]);
    expect(file.byteLength).toBeLessThan(50_000 + 20_000 * seconds);
  });

  test("says in its metadata what it is", async () => {
    const file = Buffer.from(await make("1:1", 5, false)).toString("utf8");
    expect(file).toContain("a waterfall, 瀑布");
    expect(file).toContain("Result of the vidtask emulator, not of apixo");
    expect(file).toContain("Task task_1, model kling-2-6");
  });

  test("is the same bytes each time, whatever the day", async () => {
    const [a, b] = [await make("16:9", 5, true), await make("16:9", 5, true)];
    expect(Buffer.compare(a, b)).toBe(0);
    const created = find(a, ["moov", "mvhd"])[0]!.getUint32(4);
    expect((created - 2_082_844_800) * 1000).toBe(about.createdAt);
  });
});

test("walking boxes throws when they do not end where the file does", async () => {
  const file = await make("1:1", 5, false);
  expect(() => [...boxes(file.subarray(0, file.byteLength - 1))]).toThrow(/does not fit/);
  expect(() => [...boxes(new Uint8Array([0, 0, 0]))]).toThrow(/does not fit/);
});

test("the length of a video is found, and none of what is no video", async () => {
  expect(await secondsOf(await make("1:1", 7, true))).toBeCloseTo(7, 3);
  for (const bytes of [new Uint8Array(), new Uint8Array(1000), new TextEncoder().encode("ftypmp42 and more")])
    expect(await secondsOf(bytes)).toBeUndefined();
});
