// Hosts that label a video oddly, or answer ranges in a way of their own: the bytes decide, and the video is there.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openVideo } from "../client/functions.ts";
import type { VidtaskEvent } from "../task/events.ts";
import { ref } from "../test/acme.ts";
import { errorOf } from "../testing/vendor-suite.ts";
import { saveVideo } from "./save-video.ts";
import { deeds } from "./test/save-video-deeds.ts";
import { answer, clientOf, makeMp4, startHost, type Deed, type Host } from "./test/save-video-host.ts";

const SIZE = 300_000;
const video = makeMp4(SIZE);
let host: Host;
let folder: string;
let events: VidtaskEvent[];
beforeEach(async () => {
  host = await startHost(video);
  folder = await mkdtemp(join(tmpdir(), "vidtask-odd-"));
  events = [];
});
afterEach(async () => {
  await host.close();
  await rm(folder, { recursive: true, force: true });
});

/** Answers every request so. */
const always = (deed: Deed) => void (host.deeds = Array.from({ length: 60 }, () => deed));
const isVideo = (bytes: Uint8Array, expected = video) => Buffer.compare(bytes, expected) === 0;
const warnings = () => events.flatMap((event) => (event.type === "warning" ? [event.warning.about] : []));
const client = () => clientOf(host, { onEvent: (event) => void events.push(event) });
async function saved(): Promise<Buffer> {
  await saveVideo(client(), ref, join(folder, "v.mp4"));
  expect(await readdir(folder)).toEqual(["v.mp4"]);
  return readFile(join(folder, "v.mp4"));
}
async function streamed(): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await openVideo(client(), ref)).stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
const both = { saveVideo: saved, openVideo: streamed };
const unsaved = () => errorOf(saveVideo(client(), ref, join(folder, "v.mp4")));

const labelled =
  (headers: Record<string, string>): Deed =>
  ({ response, host: here, from, request }) =>
    answer({ response, host: here, from, isRange: request.headers.range !== undefined, headers });

describe.each(Object.entries(both))("%s", (_name, fetched) => {
  test.each([
    { etag: undefined, length: 10_000 },
    { etag: undefined, length: 70_000 },
    { etag: '"1"', length: 700 },
  ])("takes a video that comes in pieces of $length bytes, with the ETag $etag", async ({ etag, length }) => {
    host.state.file = makeMp4(40 * length);
    host.state.etag = etag;
    host.deeds = Array.from({ length: 90 }, () => deeds.smallPart(length));
    expect(isVideo(await fetched(), host.state.file)).toBe(true);
  });

  test("starts again at a host that says one part and sends another", async () => {
    host.deeds = [
      deeds.cutAt(150_000),
      (exchange) => {
        const { file } = host.state;
        host.state.file = Buffer.concat([Buffer.alloc(exchange.from), file]).subarray(0, SIZE);
        answer(exchange);
        host.state.file = file;
      },
    ];
    expect(isVideo(await fetched())).toBe(true);
  });

  test("compares bytes also after an answer that broke off at its first one", async () => {
    const other = makeMp4(SIZE, 2);
    host.state.etag = undefined;
    host.deeds = [
      deeds.cutAt(150_000),
      (exchange) => deeds.cutAt(exchange.from + 1)(exchange),
      deeds.swap(other),
      deeds.honest,
    ];
    const bytes = await fetched().catch(() => undefined); // what is read already is of the first file
    expect(bytes === undefined || isVideo(bytes, other)).toBe(true);
  });

  const types = ["text/plain", "application/force-download", "application/x-mp4", "image/jpeg", "text/html; charset=x"];
  test.each([...types, "application/json", "multipart/form-data", "mp4", "", "video/webm", "x".repeat(300)])(
    "takes a video that is called %j",
    async (type) => {
      always(labelled({ "content-type": type }));
      expect(isVideo(await fetched())).toBe(true);
      expect(host.asked.length).toBe(1);
    },
  );

  test.each(["aws-chunked", "utf-8", "UTF-8", "binary", "", "none", "identity", "8bit", "aws-chunked,identity"])(
    "takes a video with the content encoding %j, which is none",
    async (coding) => {
      always(labelled({ "content-encoding": coding }));
      expect(isVideo(await fetched())).toBe(true);
      expect(host.asked.length).toBe(1);
    },
  );

  const packed = { gzip: gzipSync(video), deflate: deflateSync(video), br: brotliCompressSync(video) };
  test.each(Object.entries(packed))("unpacks what a storage keeps in %s, with one request", async (coding, bytes) => {
    for (const type of ["video/mp4", "application/octet-stream"]) {
      host.asked.length = 0;
      host.state.file = bytes;
      always(labelled({ "content-encoding": coding.toUpperCase(), "content-type": type }));
      expect(isVideo(await fetched())).toBe(true);
      expect(host.asked.length).toBe(1);
    }
  });

  test("unpacks it again from its start where it broke off", async () => {
    host.state.file = packed.gzip;
    const cut: Deed = ({ response }) => {
      response.writeHead(200, { "content-encoding": "gzip", "content-length": packed.gzip.length });
      response.write(packed.gzip.subarray(0, packed.gzip.length / 2), () => response.socket?.end());
    };
    host.deeds = [cut, labelled({ "content-encoding": "gzip" })];
    expect(isVideo(await fetched())).toBe(true);
    expect(host.asked.map(({ range }) => range)).toEqual(["bytes=0-", undefined]);
  });

  test.each([204, 304, 400, 401, 403, 404, 405, 406, 410, 416, 500, 501, 502, 503])(
    "asks a host that answers a range with %i once without one",
    async (status) => {
      always((exchange) =>
        exchange.request.headers.range === undefined
          ? answer({ ...exchange, isRange: false })
          : void exchange.response.writeHead(status).end(status < 400 ? undefined : "<Error/>"),
      );
      expect(isVideo(await fetched())).toBe(true);
      expect(host.asked.map(({ range }) => range)).toEqual(["bytes=0-", undefined]);
      expect(host.asked[1]?.headers["accept-encoding"]).toBe("identity");
    },
  );

  test("takes a whole video that a proxy gives as a 203", async () => {
    always(({ response }) => void response.writeHead(203, { "content-length": SIZE }).end(video));
    expect(isVideo(await fetched())).toBe(true);
    expect(host.asked.length).toBe(1);
  });

  test("starts again where such a host breaks off", async () => {
    const half: Deed = ({ response }) => {
      response.writeHead(200, { "content-length": SIZE, etag: '"1"' });
      response.write(video.subarray(0, SIZE / 2), () => response.socket?.end());
    };
    const noRange: Deed = ({ response }) => void response.writeHead(501).end();
    host.deeds = [noRange, half, half, (exchange) => answer({ ...exchange, isRange: false })];
    expect(isVideo(await fetched())).toBe(true);
    expect(host.asked.map(({ range }) => range)).toEqual(["bytes=0-", undefined, undefined, undefined]);
  });

  test.each([400, 405, 501])("starts again at a host that refuses only to go on, with %i", async (status) => {
    const half: Deed = ({ response }) => {
      response.writeHead(200, { "content-length": SIZE, etag: '"1"' });
      response.write(video.subarray(0, SIZE / 2), () => response.socket?.end());
    };
    host.deeds = [half, ({ response }) => void response.writeHead(status).end()];
    host.deeds.push((exchange) => answer({ ...exchange, isRange: false }));
    expect(isVideo(await fetched())).toBe(true);
    expect(host.asked.map(({ range }) => range)).toEqual(["bytes=0-", `bytes=${SIZE / 2 - 1024}-`, undefined]);
  });

  test.each([`Bytes 0-${SIZE - 1}/${SIZE}`, `BYTES 0-${SIZE - 1}/${SIZE}`, `bytes  0-${SIZE - 1}/${SIZE} `])(
    "reads the range %j",
    async (range) => {
      always(labelled({ "content-range": range }));
      expect(isVideo(await fetched())).toBe(true);
      expect(host.asked.length).toBe(1);
    },
  );

  test.each(["", "bytes", "items 0-1/2", `bytes 7-${SIZE - 1}/${SIZE}`])(
    "asks without a range where the answer to one says %j",
    async (range) => {
      always((exchange) => {
        const isRange = exchange.request.headers.range !== undefined;
        answer({ ...exchange, isRange, headers: isRange ? { "content-range": range } : {} });
      });
      expect(isVideo(await fetched())).toBe(true);
      expect(host.asked.map((asked) => asked.range)).toEqual(["bytes=0-", undefined]);
    },
  );

  test.each(["/videos/видео.mp4", "/videos/動画 1.mp4", "/videos/%D0%B2.mp4", "/videos/caf\u00e9.mp4"])(
    "follows a redirect to %s in raw UTF-8",
    async (path) => {
      host.deeds = [
        ({ response }) => {
          const head = `HTTP/1.1 302 Found\r\nlocation: ${path}\r\ncontent-length: 0\r\n\r\n`;
          response.socket?.write(Buffer.from(head, "utf8"));
        },
        labelled({}),
      ];
      expect(isVideo(await fetched())).toBe(true);
      expect(host.asked[1]?.path).toBe(new URL(path, "http://a").pathname);
    },
  );

  test.each([1, 8, 100, 70_000])("takes a video that is padded with %i zeros, and warns", async (zeros) => {
    const padded = Buffer.concat([video, Buffer.alloc(zeros)]);
    host.state.file = padded;
    expect(isVideo(await fetched(), padded)).toBe(true);
    expect(warnings()).toEqual(["video"]);
  });
});

test("a URL that gives no video with or without a range is asked once without one", async () => {
  always(({ response }) => void response.writeHead(404).end());
  expect(await unsaved()).toMatchObject({ name: "DownloadError", message: expect.stringContaining("HTTP 404") });
  expect(host.asked.filter(({ range }) => range === undefined)).toHaveLength(1);
});

test.each([{ status: 429 }, { status: 503, wait: "7" }])(
  "a host that asks to wait is not asked at once: %j",
  async (said) => {
    const { status, wait } = said;
    host.deeds = [({ response }) => void response.writeHead(status, wait ? { "retry-after": wait } : {}).end()];
    expect(isVideo(await saved())).toBe(true);
    expect(host.asked.map(({ range }) => range)).toEqual(["bytes=0-", "bytes=0-"]);
  },
);

test.each([
  ["gzip", gzipSync(video)],
  ["zstd", Buffer.concat([Buffer.from("28b52ffd", "hex"), Buffer.alloc(1_000)])],
])("a file that is a %s, and does not say so, is refused by name at once", async (name, bytes) => {
  host.state.file = bytes;
  expect(await unsaved()).toMatchObject({
    name: "DownloadError",
    message: expect.stringContaining(`packed, in ${name}`),
  });
  expect(host.asked.length).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

test("a page that is packed is a page, and not a video", async () => {
  host.state.file = gzipSync("<html><title>Just a moment...</title></html>");
  always(labelled({ "content-encoding": "gzip", "content-type": "text/html" }));
  expect(await unsaved()).toMatchObject({
    message: expect.stringContaining("sent text/html, which is not an mp4, 5 times"),
  });
});

describe("a video whose last box reaches to its end", () => {
  const open = Buffer.concat([video.subarray(0, 92), Buffer.from("\0\0\0\0mdat", "latin1"), video.subarray(100)]);

  test("is whole where its length was announced", async () => {
    host.state.file = open;
    expect(isVideo(await saved(), open)).toBe(true);
  });

  test("proves nothing where it was not, however often it ends at the same byte", async () => {
    always(({ response }) => {
      const socket = response.socket;
      const head = "HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\nconnection: close\r\n\r\n";
      socket?.write(Buffer.concat([Buffer.from(head), open.subarray(0, SIZE / 2)]), () => socket.end());
    });
    expect(await unsaved()).toMatchObject({
      name: "DownloadError",
      message: expect.stringContaining("a cut would not be seen"),
    });
    expect(host.asked.length).toBe(2);
    expect(await readdir(folder)).not.toContain("v.mp4");
    expect(await errorOf(streamed())).toMatchObject({ name: "DownloadError" });
  });

  test("is whole where a host says its length in the end", async () => {
    host.state.file = open;
    host.deeds = [
      ({ response }) => {
        const socket = response.socket;
        const head = 'HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\netag: "1"\r\nconnection: close\r\n\r\n';
        socket?.write(Buffer.concat([Buffer.from(head), open]), () => socket.end());
      },
    ];
    host.state.etag = '"1"';
    expect(isVideo(await streamed(), open)).toBe(true);
    expect(host.asked.map(({ range }) => range)).toEqual(["bytes=0-", `bytes=${SIZE - 1024}-`]);
  });
});
