// A vendor and its result host on 127.0.0.1 for the tests of downloads: honest, but for the deeds it is told to do.
import { createCipheriv, createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { VideoClient } from "../../client/client.ts";
import type { ClientOptions } from "../../context/options.ts";
import { createAcme } from "../../test/acme.ts";
import { serve } from "../../test/serve.ts";
import { jumpClock } from "../../testing/jump-clock.ts";
import { KEY } from "../../testing/vendor-suite.ts";

const box = (type: string, size: number, content: Uint8Array = Buffer.alloc(size - 8)): Buffer => {
  const head = Buffer.from(`    ${type}`, "latin1");
  head.writeUInt32BE(size);
  return Buffer.concat([head, content], size);
};

/** An mp4 by its boxes, of `size` bytes; another `seed` gives other bytes from 100 on. */
export function makeMp4(size: number, seed = 1): Buffer {
  const head = Buffer.concat([box("ftyp", 24), box("moov", 60), box("free", 8)]);
  const noise = createCipheriv("aes-128-ctr", Buffer.alloc(16, seed), Buffer.alloc(16));
  const content = noise.update(Buffer.alloc(size - head.length - 8));
  return Buffer.concat([head, box("mdat", content.length + 8, content)]);
}

/** One request for the video as it came. */
export type Asked = {
  path: string;
  range: string | undefined;
  ifRange: string | undefined;
  headers: IncomingMessage["headers"];
};
/** What is done instead of answering honestly. `from` is where the honest answer would begin, 0 for the whole file. */
export type Deed = (exchange: { request: IncomingMessage; response: ServerResponse; host: Host; from: number }) => void;

export type Host = {
  url: string;
  port: number;
  /** What is served, and under which validators. `moves` counts the URLs that have died. */
  state: { file: Buffer; etag: string | undefined; modified: string | undefined; moves: number; location?: string };
  /** For the next requests for the video, in order; after them it is honest. */
  deeds: Deed[];
  asked: Asked[];
  /** How often the vendor was asked for the task. */
  gets: number;
  close(): Promise<void>;
};

const etags = new WeakMap<Uint8Array, string>();
/** Of a file that nobody changes: a large one is hashed once. */
export function etagOf(file: Uint8Array): string {
  const found = etags.get(file) ?? `"${createHash("sha256").update(file).digest("hex").slice(0, 16)}"`;
  etags.set(file, found);
  return found;
}

export async function startHost(file: Buffer): Promise<Host> {
  const served = await serve((request, response) => {
    const { pathname } = new URL(request.url ?? "", served.url);
    if (pathname.startsWith("/v1/tasks/")) {
      host.gets++;
      const url = host.state.location ?? `${served.url}/videos/${host.state.moves}.mp4?signature=s3cret`;
      return response.setHeader("content-type", "application/json").end(JSON.stringify({ status: "done", url }));
    }
    const { range, "if-range": ifRange } = request.headers;
    host.asked.push({ path: pathname, range, ifRange: ifRange as string | undefined, headers: request.headers });
    const { etag, modified } = host.state;
    const isSame = ifRange === undefined || ifRange === etag || ifRange === modified;
    const from = isSame ? Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0) : 0;
    const deed = host.deeds.shift();
    if (deed) return deed({ request, response, host, from });
    if (pathname !== `/videos/${host.state.moves}.mp4`) return response.writeHead(404).end("gone");
    return answer({ response, host, from, isRange: isSame && range !== undefined });
  });
  const state = { file, etag: etagOf(file) as string | undefined, modified: undefined, moves: 0 };
  const host: Host = { url: served.url, port: served.port, state, deeds: [], asked: [], gets: 0, close: served.close };
  return host;
}

type Honest = {
  response: ServerResponse;
  host: Host;
  from: number;
  isRange?: boolean;
  headers?: Record<string, string>;
};

export function headersOf({ host, from, isRange = true, headers = {} }: Honest): Record<string, string | number> {
  const { file, etag, modified } = host.state;
  const size = file.length;
  return {
    "content-type": "video/mp4",
    ...(etag === undefined ? {} : { etag }),
    ...(modified === undefined ? {} : { "last-modified": modified }),
    "content-length": isRange ? size - from : size,
    ...(isRange ? { "content-range": `bytes ${from}-${size - 1}/${size}` } : {}),
    ...headers,
  };
}

/** What an honest host answers. */
export function answer({ response, host, from, isRange = true, headers = {} }: Honest): void {
  const { file } = host.state;
  if (isRange && from >= file.length)
    return void response.writeHead(416, { "content-range": `bytes */${file.length}` }).end();
  response.writeHead(isRange ? 206 : 200, headersOf({ response, host, from, isRange, headers }));
  response.end(isRange ? file.subarray(from) : file);
}

/** A client of that host's vendor, with time that jumps. */
export const clientOf = (host: Pick<Host, "url">, options: ClientOptions = {}): VideoClient =>
  createAcme({ apiKey: KEY, baseUrl: `${host.url}/v1`, clock: jumpClock(), ...options });
