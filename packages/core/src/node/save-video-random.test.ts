// Faults in any order: whatever comes, a target is one of the files that were there, from its first byte to its last.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openVideo } from "../client/functions.ts";
import { VidtaskError } from "../task/errors.ts";
import { ref } from "../test/acme.ts";
import { saveVideo } from "./save-video.ts";
import { deeds } from "./test/save-video-deeds.ts";
import { clientOf, etagOf, makeMp4, startHost, type Deed, type Host } from "./test/save-video-host.ts";

const { VIDTASK_FUZZ_RUNS: runsOfFuzz = "300" } = process.env;
/** Each run is a host, files and two downloads: a quarter of the answers that a decoder gets. */
const SHORT = { numRuns: Math.ceil(Number(runsOfFuzz) / 4), seed: 4 };

const SIZE = 250_000;
/** Two of one length, one that is longer, one that is shorter. */
const files = [makeMp4(SIZE), makeMp4(SIZE, 2), makeMp4(SIZE + 777, 3), makeMp4(90_000, 4)];
const [video = Buffer.of()] = files;

let host: Host;
let folder: string;
beforeAll(async () => {
  host = await startHost(video);
  folder = await mkdtemp(join(tmpdir(), "vidtask-random-"));
});
afterAll(async () => {
  await host.close();
  await rm(folder, { recursive: true, force: true });
});

const place = fc.nat(SIZE);
const harmless: fc.Arbitrary<[string, Deed]> = fc.oneof(
  place.map((end): [string, Deed] => [`cut at ${end}`, deeds.cutAt(end)]),
  place.map((end): [string, Deed] => [`reset at ${end}`, deeds.cutAt(end, "rst")]),
  place.map((end): [string, Deed] => [`no length, FIN at ${end}`, deeds.noLength(end, "fin")]),
  place.map((end): [string, Deed] => [`no length, RST at ${end}`, deeds.noLength(end, "rst")]),
  fc.integer({ min: 1, max: SIZE }).map((length): [string, Deed] => [`a part of ${length}`, deeds.smallPart(length)]),
  fc.constantFrom<[string, Deed]>(
    ["honest", deeds.honest],
    ["reset", deeds.reset],
    ["ignores ranges", deeds.ignoresRange],
    ["another range", deeds.wrongRange],
    ["gzip", deeds.gzip],
    ["HTML", deeds.html()],
    ["HTML as a video", deeds.html(200, "video/mp4")],
    ["HTML as a part", deeds.html(206, "video/mp4")],
    ["503", deeds.status(503)],
    ["404", deeds.status(404)],
    ["416", deeds.status(416)],
    ["a redirect", deeds.status(302, { location: "?" })],
    ["expired", deeds.expire],
    ["longer than it is", deeds.longer(500)],
    ["shorter than it is", deeds.shorter(500)],
  ),
);
const swap = fc
  .tuple(fc.nat(3), fc.boolean())
  .map(([index, ignores]): [string, Deed] => [`file ${index}`, deeds.swap(files[index] ?? video, ignores)]);
const validators = fc.constantFrom("strong", "weak", "date", "none");

function reset(list: readonly [string, Deed][], kind: string): void {
  const etag = { strong: etagOf(video), weak: 'W/"same"' }[kind];
  const modified = kind === "date" ? "Thu, 01 Jan 2026 00:00:00 GMT" : undefined;
  Object.assign(host.state, { file: video, etag, modified });
  host.asked.length = 0;
  host.deeds = list.map(([, deed]) => deed);
}
const isOneOf = (bytes: Buffer, all: readonly Buffer[]) => all.some((file) => Buffer.compare(file, bytes) === 0);

let runs = 0;
async function saveTwice(list: [string, Deed][], kind: string, all: readonly Buffer[]): Promise<void> {
  reset(list, kind);
  const target = join(folder, `${runs++}`, "v.mp4");
  const saved = await saveVideo(clientOf(host), ref, target).catch((error: unknown) => error);
  const there = await readFile(target).catch(() => undefined);
  if (there) expect(isOneOf(there, all)).toBe(true);
  else expect(VidtaskError.isInstance(saved)).toBe(true);

  host.deeds = [];
  await saveVideo(clientOf(host), ref, target);
  expect(isOneOf(await readFile(target), [host.state.file])).toBe(true);
  expect(await readdir(join(target, ".."))).toEqual(["v.mp4"]);
  await rm(join(target, ".."), { recursive: true });
}

test("saveVideo of one file: it is whole or absent, and whole when the faults are over", { timeout: 60_000 }, () =>
  fc.assert(
    fc.asyncProperty(fc.array(harmless, { maxLength: 12 }), validators, (list, kind) => saveTwice(list, kind, [video])),
    SHORT,
  ),
);

test("saveVideo of a file that is replaced on the way: it is one of them, never a mixture", { timeout: 60_000 }, () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof({ weight: 3, arbitrary: harmless }, { weight: 1, arbitrary: swap }), { maxLength: 12 }),
      // A host that keeps a date over a change breaks its word; with no date or a weak tag, the bytes are compared.
      fc.constantFrom("strong", "weak", "none"),
      (list, kind) => saveTwice(list, kind, files),
    ),
    SHORT,
  ),
);

test(
  "openVideo: all that was read is the beginning of one file, and a stream that ends is all of it",
  { timeout: 60_000 },
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 5, arbitrary: harmless }, { weight: 1, arbitrary: swap }), { maxLength: 12 }),
        fc.constantFrom("strong", "weak", "none"),
        async (list, kind) => {
          reset(list, kind);
          const chunks: Uint8Array[] = [];
          let isEnded = false;
          try {
            const { stream } = await openVideo(clientOf(host), ref);
            for await (const chunk of stream) chunks.push(chunk);
            isEnded = true;
          } catch (error) {
            expect(VidtaskError.isInstance(error)).toBe(true);
          }
          const read = Buffer.concat(chunks);
          expect(files.some((file) => Buffer.compare(file.subarray(0, read.length), read) === 0)).toBe(true);
          if (isEnded) expect(isOneOf(read, files)).toBe(true);
        },
      ),
      SHORT,
    ),
);
