// What can go wrong between a result host and a file, over real sockets: the file is whole, or as it was.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { openVideo } from "../client/functions.ts";
import { DownloadError } from "../task/errors.ts";
import type { VidtaskEvent } from "../task/events.ts";
import { ref } from "../test/acme.ts";
import { until } from "../test/turns.ts";
import { assertNoSecret, errorOf, KEY } from "../testing/vendor-suite.ts";
import { saveVideo } from "./save-video.ts";
import { deeds } from "./test/save-video-deeds.ts";
import { clientOf, etagOf, makeMp4, startHost, type Deed, type Host } from "./test/save-video-host.ts";

const SIZE = 300_000;
const video = makeMp4(SIZE);
const other = makeMp4(SIZE, 2);
const longer = makeMp4(SIZE + 5_000, 3);
const shorter = makeMp4(SIZE / 3, 4);

let host: Host;
let folder: string;
beforeEach(async () => {
  host = await startHost(video);
  folder = await mkdtemp(join(tmpdir(), "vidtask-faults-"));
});
afterEach(async () => {
  await host.close();
  await rm(folder, { recursive: true, force: true });
});

const target = () => join(folder, "v.mp4");
const save = (options: Parameters<typeof saveVideo>[3] = {}, client = clientOf(host)) =>
  saveVideo(client, ref, target(), options);
const saved = () => readFile(target());
async function stream(client = clientOf(host)): Promise<Buffer> {
  const { stream } = await openVideo(client, ref);
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
/** Bytes are compared as a whole: a diff of them says nothing. */
const isEqual = (bytes: Uint8Array, expected: Uint8Array) => Buffer.compare(bytes, expected) === 0;
const ranges = () => host.asked.map(({ range }) => range);
const tenths = Array.from({ length: 10 }, (_, tenth) => (SIZE / 10) * tenth);

describe("a fault on the way, and the video is there all the same", () => {
  const rows: [name: string, deeds: Deed[], validators?: Partial<Host["state"]>][] = [
    ...tenths.map((end): [string, Deed[]] => [`cut at ${end / (SIZE / 100)} %`, [deeds.cutAt(end)]]),
    ["cut at every tenth, one after the other", tenths.map((end) => deeds.cutAt(end))],
    ["reset at every tenth, one after the other", tenths.map((end) => deeds.cutAt(end, "rst"))],
    ["cut at every tenth, with no validator", tenths.map((end) => deeds.cutAt(end)), { etag: undefined }],
    ["cut at every tenth, with a weak ETag", tenths.map((end) => deeds.cutAt(end)), { etag: 'W/"1"' }],
    [
      "cut at every tenth, with a date only",
      tenths.map((end) => deeds.cutAt(end)),
      { etag: undefined, modified: "Thu, 01 Jan 2026 00:00:00 GMT" },
    ],
    ["cut one byte before the end", [deeds.cutAt(SIZE - 1)]],
    ["no length and FIN", [deeds.noLength(SIZE / 2, "fin")]],
    ["no length and RST", [deeds.noLength(SIZE / 2, "rst")]],
    ["no length, cut between two boxes", [deeds.noLength(92, "fin"), deeds.noLength(24, "fin")]],
    ["no length, whole", [deeds.noLength(SIZE, "fin")]],
    ["no length and no ranges, ever", [deeds.noLength(SIZE, "fin"), deeds.noLength(SIZE, "fin")]],
    ["parts of an unknown whole", [deeds.unknownWhole(50_000), deeds.unknownWhole(50_000)]],
    ["no length, with no validator", [deeds.noLength(SIZE / 2, "fin")], { etag: undefined }],
    ["fewer bytes than announced", [deeds.longer(1_000), deeds.longer(1_000)]],
    ["resets", [deeds.reset, deeds.cutAt(5), deeds.reset, deeds.reset]],
    ["resets for a while", Array.from({ length: 7 }, () => deeds.reset)],
    ["503, 429, 500, 408", [503, 429, 500, 408].map((status) => deeds.status(status))],
    ["HTML", [deeds.html(), deeds.html(502)]],
    ["HTML that says it is a video", [deeds.html(200, "video/mp4")]],
    ["HTML after a resume", [deeds.cutAt(SIZE / 2), deeds.html(), deeds.html(206)]],
    ["a 404 that passes", [deeds.status(404), deeds.status(410)]],
    ["an expired URL", [deeds.expire]],
    ["a URL that expires on the way", [deeds.cutAt(SIZE / 2), deeds.expire, deeds.cutAt(SIZE / 1.5), deeds.expire]],
    ["a host that ignores ranges", [deeds.cutAt(SIZE / 2), deeds.ignoresRange]],
    ["a host that ignores ranges, with no validator", [deeds.cutAt(SIZE / 2), deeds.ignoresRange], { etag: undefined }],
    ["a host that never knew ranges", [deeds.ignoresRange]],
    ["a host that gives a little at a time", Array.from({ length: 9 }, () => deeds.smallPart(20_000))],
    [
      "parts as long as the comparison, with no validator",
      [deeds.smallPart(65_536), deeds.smallPart(65_536)],
      { etag: undefined },
    ],
    ["another range than asked for", [deeds.cutAt(SIZE / 2), deeds.wrongRange]],
    ["416 on the way", [deeds.cutAt(SIZE / 2), deeds.status(416)]],
    ["a redirect on the same host", [deeds.status(302, { location: "/videos/0.mp4" })]],
    ["five redirects", Array.from({ length: 5 }, () => deeds.status(307, { location: "?" }))],
  ];
  // A reader cannot take back what it has read.
  const onlyForFiles = new Set(["416 on the way", "fewer bytes than announced"]);

  for (const [name, list, validators = {}] of rows) {
    test(`saveVideo: ${name}`, async () => {
      Object.assign(host.state, validators);
      host.deeds = [...list];
      const told: number[] = [];
      expect(await save({ onProgress: (bytes) => void told.push(bytes) })).toEqual({ path: target(), bytes: SIZE });
      expect(isEqual(await saved(), video)).toBe(true);
      expect(host.deeds).toEqual([]);
      expect(await readdir(folder)).toEqual(["v.mp4"]);
      expect(told.at(-1)).toBe(SIZE);
    });
    if (onlyForFiles.has(name)) continue;
    test(`openVideo: ${name}`, async () => {
      Object.assign(host.state, validators);
      host.deeds = [...list];
      expect(isEqual(await stream(), video)).toBe(true);
      expect(host.deeds).toEqual([]);
    });
  }
});

describe("another file on the way", () => {
  const swaps: [name: string, Deed[], now: Buffer][] = [
    ["another file after a break", [deeds.cutAt(SIZE / 2), deeds.swap(other)], other],
    ["another file from a host that ignores If-Range", [deeds.cutAt(SIZE / 2), deeds.swap(other, true)], other],
    ["a shorter one after a break", [deeds.cutAt(SIZE / 2), deeds.swap(shorter)], shorter],
    ["a longer one after a break", [deeds.cutAt(SIZE / 2), deeds.swap(longer)], longer],
    ["another file after the refresh", [deeds.cutAt(SIZE / 2), deeds.expire, deeds.swap(other)], other],
    ["a longer one after the refresh", [deeds.cutAt(SIZE / 2), deeds.expire, deeds.swap(longer)], longer],
  ];
  for (const [name, list, now] of swaps)
    for (const etag of [etagOf(video), 'W/"same"', '"same"', undefined]) {
      const isHidden = etag === '"same"' && !name.includes("refresh");
      if (isHidden) continue; // a host that breaks its strong word
      test(`saveVideo, ETag ${etag}: ${name} is saved whole`, async () => {
        host.state.etag = etag;
        host.deeds = [...list];
        expect(await save()).toMatchObject({ bytes: now.length });
        expect(isEqual(await saved(), now)).toBe(true);
        expect(await readdir(folder)).toEqual(["v.mp4"]);
      });
      test(`openVideo, ETag ${etag}: ${name} ends the stream with an error`, async () => {
        host.state.etag = etag;
        host.deeds = [...list];
        expect(await errorOf(stream())).toMatchObject({ code: "download", billed: "yes", retryable: true });
      });
    }
});

describe("a fault that stays", () => {
  const forever = (deed: Deed): Deed[] => Array.from({ length: 50 }, () => deed);
  const rows: [name: string, deeds: Deed[], said: RegExp, most?: number][] = [
    ["HTML", forever(deeds.html()), /sent text\/html, which is not an mp4, 5 times in a row/, 5],
    ["HTML that says it is a video", forever(deeds.html(200, "video/mp4")), /not an mp4, 5 times.*from the start/, 5],
    ["404", forever(deeds.status(404)), /HTTP 404.*see with get\(\) whether/, 6],
    ["503", forever(deeds.status(503)), /HTTP 503, 8 times in a row; fetch it again/, 9],
    ["resets", forever(deeds.reset), /ECONNRESET|other side closed/, 8],
    ["a label of gzip on what is none", forever(deeds.gzip), /packed in gzip, and it cannot be unpacked/, 1],
    ["a part without a range", forever(deeds.html(206, "video/mp4")), /sent "" for the bytes from 0 on/],
    [
      "cut always at the same byte",
      forever(deeds.noLength(SIZE / 2, "fin")),
      /broke off after 150000 of unknown bytes/,
      9,
    ],
    ["cut, and announced as short as that", forever(deeds.shorter(SIZE / 2)), /more bytes than it announced/, 20],
    ["more bytes than announced", forever(deeds.shorter(10)), /more bytes than it announced/, 20],
    ["an empty file", forever(deeds.status(416, { "content-range": "bytes */0" })), /empty file/, 6],
    ["nothing new", [deeds.cutAt(SIZE / 2), ...forever(deeds.smallPart(0))], /for the bytes from|nothing new/],
    ["a redirect loop", forever(deeds.status(302, { location: "?" })), /more than 5 times/, 6],
    ["a redirect to nowhere", forever(deeds.status(302, { location: "http://" })), /to nowhere/],
    [
      "a redirect to plain http",
      forever(deeds.status(302, { location: "http://cdn.test/v" })),
      /cdn\.test, which is not on https/,
      1,
    ],
    [
      "a redirect to a private address",
      forever(deeds.status(302, { location: "https://10.0.0.1/v" })),
      /10\.0\.0\.1, which/,
      1,
    ],
    [
      "a redirect to a mapped address",
      forever(deeds.status(302, { location: "https://[::ffff:7f00:1]/" })),
      /which is not on/,
      1,
    ],
    [
      "a redirect to another port",
      forever(deeds.status(302, { location: "http://127.0.0.1:1/v" })),
      /127\.0\.0\.1:1, which/,
      1,
    ],
    [
      "a redirect with user info",
      forever(deeds.status(302, { location: "https://a:b@cdn.test/v" })),
      /which is not on/,
      1,
    ],
  ];
  for (const [name, list, said, most = 50] of rows)
    test(`${name}: the target is as it was, nothing of use is beside it, and the error says what to do`, async () => {
      await writeFile(target(), "the old one");
      host.deeds = [...list];
      const error = await errorOf(save());
      const retryable = !String(error).includes("cannot be unpacked");
      expect(error).toMatchObject({ name: "DownloadError", phase: "download", billed: "yes", retryable, ref });
      expect(String(error)).toMatch(said);
      assertNoSecret(error);
      expect(JSON.stringify([String(error), error])).not.toContain("s3cret");
      expect(await readFile(target(), "utf8")).toBe("the old one");
      expect(host.asked.length).toBeLessThanOrEqual(most);

      host.deeds = [...list];
      expect(DownloadError.isInstance(await errorOf(stream()))).toBe(true);
      host.deeds = []; // and the next call has it
      expect(await save()).toMatchObject({ bytes: SIZE });
      expect(isEqual(await saved(), video)).toBe(true);
      expect(await readdir(folder)).toEqual(["v.mp4"]);
    });

  test("a file that is cut at the host itself is never saved, whatever it says of its length", async () => {
    host.state.file = video.subarray(0, SIZE - 1);
    expect(String(await errorOf(save()))).toContain("not a whole mp4, 5 times in a row; fetch it again from the start");
    expect(String(await errorOf(stream()))).toContain("not a whole mp4");
    expect(await readdir(folder)).toEqual([]);
  });
});

test("every request asks for a range, as it is, and brings no key; a strong ETag is sent back, a weak one is not", async () => {
  host.deeds = [deeds.cutAt(100_000), deeds.cutAt(200_000)];
  await save();
  expect(ranges()).toEqual(["bytes=0-", "bytes=98976-", "bytes=198976-"]);
  expect(host.asked.map(({ ifRange }) => ifRange)).toEqual([undefined, etagOf(video), etagOf(video)]);
  for (const { headers } of host.asked) {
    expect(headers["accept-encoding"]).toBe("identity");
    expect(JSON.stringify(headers)).not.toContain(KEY);
    expect(headers).not.toHaveProperty("authorization");
    expect(headers).not.toHaveProperty("cookie");
  }
  host.asked.length = 0;
  host.state.etag = 'W/"1"';
  host.deeds = [deeds.cutAt(200_000)];
  await save();
  expect(host.asked.map(({ range, ifRange }) => [range, ifRange])).toEqual([
    ["bytes=0-", undefined],
    [`bytes=${200_000 - 65_536}-`, undefined],
  ]);
});

test("after a refresh the last 64 KiB are compared, whatever the ETag says", async () => {
  host.deeds = [deeds.cutAt(200_000), deeds.expire];
  await save();
  expect(ranges()).toEqual(["bytes=0-", "bytes=198976-", `bytes=${200_000 - 65_536}-`]);
  expect(host.asked.map(({ path }) => path)).toEqual(["/videos/0.mp4", "/videos/0.mp4", "/videos/1.mp4"]);
  expect(host.gets).toBe(2);
});

test("a URL whose documented life is over is not tried: a fresh one is asked for first", async () => {
  const client = clientOf(host);
  const done = await client.get(ref);
  if (done.state !== "succeeded") throw new Error(done.state);
  host.state.moves = 3;
  const old = { ...done, videos: [{ ...done.videos[0], expiresAt: "2025-12-31T23:59:59Z" }] as typeof done.videos };
  expect(await saveVideo(client, old, target())).toMatchObject({ bytes: SIZE });
  expect(host.asked.map(({ path }) => path)).toEqual(["/videos/3.mp4"]);
});

test("a host that falls silent is asked again after `requestTimeout`, before and in the body", async () => {
  const stalls = [0, 100_000, 200_000];
  host.deeds = [() => {}, deeds.stallAt(100_000), deeds.stallAt(200_000)];
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  let arrived = 0;
  const onProgress = (bytes: number) => void (arrived = bytes);
  const saving = save({ onProgress }, clientOf(host, { requestTimeout: 60 }));
  for (const [index, bytes] of stalls.entries()) {
    await until(() => host.asked.length === index + 1 && arrived === bytes);
    await vi.advanceTimersByTimeAsync(59);
    expect(host.asked.length).toBe(index + 1);
    await vi.advanceTimersByTimeAsync(2); // and the wait before the next
  }
  await saving;
  expect(isEqual(await saved(), video)).toBe(true);
  expect(ranges()).toEqual(["bytes=0-", "bytes=0-", "bytes=98976-", "bytes=198976-"]);
});

test("a host that knows neither lengths nor ranges is believed when it ends twice at the same byte", async () => {
  host.deeds = [deeds.cutAt(9_999), ...Array.from({ length: 9 }, () => deeds.noLength(SIZE, "fin"))];
  await save();
  expect(isEqual(await saved(), video)).toBe(true);
  expect(host.asked.length).toBe(3);
});

test("every fault is told in `onEvent`, with the wait, which is what the host asks for at least", async () => {
  const events: VidtaskEvent[] = [];
  host.deeds = [deeds.status(503, { "retry-after": "40" }), deeds.reset];
  await save({}, clientOf(host, { onEvent: (event) => void events.push(event) }));
  const faults = events.filter(({ type }) => type === "fault");
  expect(faults).toMatchObject([
    { phase: "download", ref, attempt: 1, waitMs: 40_000 },
    { phase: "download", ref, attempt: 2 },
  ]);
  assertNoSecret(events);
});

test("a video longer than `maxBytes` is refused by what the host says, or where it passes it", async () => {
  for (const deed of [deeds.honest, deeds.noLength(SIZE, "fin")]) {
    host.deeds = [deed];
    const said = String(await errorOf(save({ maxBytes: SIZE - 1 })));
    expect(said).toMatch(/more than `maxBytes` \(299999\): raise it/);
  }
  expect(await save({ maxBytes: SIZE })).toMatchObject({ bytes: SIZE });
});
