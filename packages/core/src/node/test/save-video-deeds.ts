// What a result host does wrong in the tests of downloads. Offsets are of the file, not of the answer.
import type { ServerResponse } from "node:http";
import { answer, etagOf, headersOf, type Deed } from "./save-video-host.ts";

const raw = (response: ServerResponse, head: string, body: Uint8Array, end: "fin" | "rst") => {
  const socket = response.socket;
  socket?.write(Buffer.concat([Buffer.from(head.replaceAll("\n", "\r\n"), "latin1"), body]), () =>
    end === "fin" ? socket.end() : setTimeout(() => socket.resetAndDestroy(), 5),
  );
};

export const deeds = {
  honest: (({ response, host, from }) => answer({ response, host, from })) satisfies Deed,
  /** The whole is announced; after the byte at `end` the connection is closed, or reset. */
  cutAt:
    (end: number, how: "fin" | "rst" = "fin"): Deed =>
    ({ response, host, from }) => {
      response.writeHead(206, headersOf({ response, host, from }));
      response.flushHeaders();
      const cut = () => (how === "fin" ? response.socket?.end() : response.socket?.resetAndDestroy());
      if (end <= from) cut();
      else response.write(host.state.file.subarray(from, end), cut);
    },
  /** The same, but the host says nothing more instead. */
  stallAt:
    (end: number): Deed =>
    ({ response, host, from }) => {
      response.writeHead(206, headersOf({ response, host, from }));
      response.write(host.state.file.subarray(from, Math.max(from + 1, end)));
    },
  /** Without a length, as a cut file that looks whole to most runtimes. */
  noLength:
    (end: number, how: "fin" | "rst"): Deed =>
    ({ response, host }) => {
      const etag = host.state.etag ? `etag: ${host.state.etag}\n` : "";
      const head = `HTTP/1.1 200 OK\ncontent-type: video/mp4\n${etag}connection: close\n\n`;
      raw(response, head, host.state.file.subarray(0, end), how);
    },
  /** Says that there are `more` bytes than there are. */
  longer:
    (more: number): Deed =>
    ({ response, host, from }) => {
      const size = host.state.file.length;
      const head = `HTTP/1.1 206 Partial Content\ncontent-type: video/mp4\ncontent-length: ${size - from + more}\n`;
      const range = `content-range: bytes ${from}-${size + more - 1}/${size + more}\nconnection: close\n\n`;
      raw(response, head + range, host.state.file.subarray(from), "fin");
    },
  /** Says that there are fewer, and sends them all. */
  shorter:
    (fewer: number): Deed =>
    ({ response, host, from }) => {
      const size = host.state.file.length - fewer;
      response.writeHead(206, { "content-type": "video/mp4", "content-range": `bytes ${from}-${size - 1}/${size}` });
      response.end(host.state.file.subarray(from));
    },
  /** Honest, but without a word on whether the connection stays. */
  unlabelled: (({ response, host, from }) => {
    const { file } = host.state;
    const range = `bytes ${from}-${file.length - 1}/${file.length}`;
    const head = `HTTP/1.1 206 Partial Content\ncontent-type: video/mp4\ncontent-length: ${file.length - from}\n`;
    raw(response, `${head}etag: ${host.state.etag}\ncontent-range: ${range}\n\n`, file.subarray(from), "fin");
  }) satisfies Deed,
  ignoresRange: (({ response, host }) => answer({ response, host, from: 0, isRange: false })) satisfies Deed,
  /** Another part than the one that was asked for. */
  wrongRange: (({ response, host, from }) => answer({ response, host, from: from + 1 })) satisfies Deed,
  /** Some bytes only, and says so. */
  smallPart:
    (length: number): Deed =>
    ({ response, host, from }) => {
      const size = host.state.file.length;
      const end = Math.min(size, from + length);
      const range = { "content-range": `bytes ${from}-${end - 1}/${size}`, "content-length": `${end - from}` };
      response
        .writeHead(206, headersOf({ response, host, from, headers: range }))
        .end(host.state.file.subarray(from, end));
    },
  /** Some bytes only, and not of how many. */
  unknownWhole:
    (length: number): Deed =>
    ({ response, host, from }) => {
      const range = { "content-range": `bytes ${from}-${from + length - 1}/*`, "content-length": `${length}` };
      response.writeHead(206, headersOf({ response, host, from, headers: range }));
      response.end(host.state.file.subarray(from, from + length));
    },
  html:
    (status = 200, type = "text/html"): Deed =>
    ({ response }) =>
      void response.writeHead(status, { "content-type": type }).end("<html><body>Just a moment...</body></html>"),
  status:
    (status: number, headers: Record<string, string> = {}): Deed =>
    ({ response }) =>
      void response.writeHead(status, headers).end(),
  reset: (({ request }) => request.socket.resetAndDestroy()) satisfies Deed,
  gzip: (({ response, host, from }) =>
    answer({ response, host, from, headers: { "content-encoding": "gzip" } })) satisfies Deed,
  /** The URL is dead from now on; the vendor has another. */
  expire: (({ response, host }) => {
    host.state.moves++;
    response.writeHead(403).end("expired");
  }) satisfies Deed,
  /** Another file from now on; `ignores`: from a host that does not know `If-Range`. */
  swap:
    (file: Buffer, ignores = false): Deed =>
    (exchange) => {
      const { host, request } = exchange;
      Object.assign(host.state, { file, etag: host.state.etag && etagOf(file) });
      const isSame = ignores || request.headers["if-range"] === undefined;
      answer({ ...exchange, from: isSame ? exchange.from : 0, isRange: isSame });
    },
};
