// What a result shows when the request leaves out what may be left out. The video alone tells: no answer repeats it.
import { expect, test } from "vitest";
import { createEmulator } from "../emulator.ts";
import { caller } from "../test/helpers.ts";
import { sizeOf, tracksOf } from "../test/read-mp4.ts";
import { secondsOf } from "../video.ts";

type Case = { path: string; body: object; size: [number, number]; seconds: number };
const photo = "https://example.com/photo.jpg";

const cases: readonly (Case & { vendor: string; model: string })[] = [
  {
    vendor: "apixo",
    model: "kling-2-6",
    path: "/generateTask/kling-2-6",
    body: { input: { mode: "text-to-video", prompt: "a waterfall", duration: 5, sound: false } },
    size: [480, 480],
    seconds: 5,
  },
  {
    vendor: "apixo",
    model: "kling-2-5-turbo-pro",
    path: "/generateTask/kling-2-5-turbo-pro",
    body: { input: { prompt: "a waterfall" } },
    size: [864, 486],
    seconds: 5,
  },
  {
    vendor: "aivideoapi",
    model: "kling-2.6",
    path: "/videos/generations",
    body: { model: "kling-2.6", input: { prompt: "a waterfall", image_urls: [photo] } },
    size: [864, 486],
    seconds: 5,
  },
  {
    vendor: "apimodels",
    model: "kling-v2-6",
    path: "/video/generations",
    body: { model: "kling-v2-6", prompt: "a waterfall" },
    size: [864, 486],
    seconds: 5,
  },
];

/** The finished video of a request, however the vendor names it in its answer. */
async function resultOf(vendor: string, path: string, body: object): Promise<Uint8Array<ArrayBuffer>> {
  const emulator = createEmulator({ clock: "manual" });
  const call = caller<{ data: { taskId?: string } }>(emulator.for(vendor));
  const answer = await call(path, { method: "POST", body: JSON.stringify(body) });
  await emulator.clock.advance(1_200_000);
  const response = await emulator.fetch(`https://emulator.test/results/${vendor}/${answer.body.data.taskId}.mp4`);
  return new Uint8Array(await response.arrayBuffer());
}

test.each(cases)("$vendor, $model: picture, length and no sound", async ({ vendor, path, body, size, seconds }) => {
  const video = await resultOf(vendor, path, body);
  expect(sizeOf(video)).toEqual(size);
  expect(tracksOf(video)).toEqual(["vide"]);
  expect(await secondsOf(video)).toBeCloseTo(seconds, 2);
});
