// The transport of the paid POST on Node, against servers that say anything.
import { channel } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { retryAfter } from "../http/answer.ts";
import { onRequest, rawServer } from "../test/raw-server.ts";
import { serve } from "../test/serve.ts";
import { turns, until } from "../test/turns.ts";
import { postOnce } from "./node-http.ts";
import { nodeModules } from "./node-transport.ts";
import type { Outgoing, Sent } from "./paid-post.ts";

afterEach(() => void vi.useRealTimers());

const post = (url: string, more: Partial<Outgoing> = {}): Promise<Sent> => {
  const outgoing = {
    url,
    body: '{"prompt":"x"}',
    timeoutMs: 120_000,
    headers: {},
    isLate: () => false,
    ...more,
  };
  return postOnce(nodeModules()!, outgoing, undefined);
};
/** A server that reads a whole request, and then does something. */
const answering = (then: (socket: Socket) => void) => rawServer((socket) => onRequest(socket, () => then(socket)));
const saying = (...parts: (string | Uint8Array)[]) =>
  answering((socket) => {
    for (const part of parts) socket.write(part);
    socket.end();
  });
const HEAD = "HTTP/1.1 200 OK\r\n";
const BODY = '{"id":"t1"}';
const whole = (head = HEAD) => `${head}content-length: ${BODY.length}\r\n\r\n${BODY}`;
const kind = (sent: Sent): string => Object.keys(sent)[0] ?? "";

describe("an answer is taken", () => {
  test.each<[what: string, parts: (string | Uint8Array)[], status: number, body: unknown]>([
    ["with a length", [whole()], 200, { id: "t1" }],
    ["in chunks", [`${HEAD}transfer-encoding: chunked\r\n\r\nb\r\n${BODY}\r\n0\r\n\r\n`], 200, { id: "t1" }],
    ["without a length, until the end", [`${HEAD}\r\n${BODY}`], 200, { id: "t1" }],
    ["after 100 Continue", ["HTTP/1.1 100 Continue\r\n\r\n", whole()], 200, { id: "t1" }],
    ["after 103 Early Hints", ["HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n", whole()], 200, { id: "t1" }],
    ["with 40 kB of headers", [whole(`${HEAD}x-long: ${"a".repeat(40_000)}\r\n`)], 200, { id: "t1" }],
    ["with a mark of its byte order", [`${HEAD}\r\n\uFEFF${BODY}`], 200, { id: "t1" }],
    ["of two only the first", [whole(), whole("HTTP/1.1 500 No\r\n")], 200, { id: "t1" }],
    ["204", ["HTTP/1.1 204 No Content\r\n\r\n"], 204, undefined],
    ["304", ["HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n"], 304, undefined],
    ["101", ["HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"], 101, undefined],
    ["407", [whole("HTTP/1.1 407 Proxy\r\n")], 407, { id: "t1" }],
    ["421", [whole("HTTP/1.1 421 Misdirected\r\n")], 421, { id: "t1" }],
    ["401 with a challenge", [whole("HTTP/1.1 401 No\r\nwww-authenticate: Basic\r\n")], 401, { id: "t1" }],
    ["307", ["HTTP/1.1 307 There\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n"], 307, undefined],
    ["in gzip, though not asked for", [`${HEAD}content-encoding: gzip\r\n\r\n`, gzipSync(BODY)], 200, { id: "t1" }],
    ["in gzip that is labelled as text", [`${HEAD}\r\n`, gzipSync(BODY)], 200, { id: "t1" }],
    ["in text that is labelled as gzip", [`${HEAD}content-encoding: gzip\r\n\r\n${BODY}`], 200, { id: "t1" }],
    ["in deflate", [`${HEAD}content-encoding: deflate\r\n\r\n`, deflateSync(BODY)], 200, { id: "t1" }],
    ["in bare deflate", [`${HEAD}content-encoding: deflate\r\n\r\n`, deflateRawSync(BODY)], 200, { id: "t1" }],
    [
      "in deflate that is labelled as gzip",
      [`${HEAD}content-encoding: gzip\r\n\r\n`, deflateSync(BODY)],
      200,
      { id: "t1" },
    ],
    ["in brotli", [`${HEAD}content-encoding: br\r\n\r\n`, brotliCompressSync(BODY)], 200, { id: "t1" }],
    ["in what is no encoding", [`${HEAD}content-encoding: utf-8\r\n\r\n${BODY}`], 200, { id: "t1" }],
  ])("%s", async (_, parts, status, body) => {
    const { url } = await saying(...parts);
    const sent = await post(url);
    expect(sent).toMatchObject({ answer: { status, body } });
    expect("answer" in sent && sent.answer.cut).toBeUndefined();
  });

  test("that says when to come back, by its own date", async () => {
    const dates = "date: Thu, 26 Nov 2026 00:00:00 GMT\r\nretry-after: Thu, 26 Nov 2026 00:00:07 GMT\r\n";
    const { url } = await saying(whole(`HTTP/1.1 429 Slow\r\n${dates}content-type: application/json\r\n`));
    const sent = await post(url);
    const header = "answer" in sent ? sent.answer.header : () => null;
    expect([retryAfter(header), header("content-type"), header("location")]).toEqual([7_000, "application/json", null]);
  });

  test("that came before the request was read", async () => {
    const { url } = await rawServer((socket) => void socket.end(whole("HTTP/1.1 413 Large\r\n")));
    expect(await post(url, { body: "x".repeat(1_000_000) })).toMatchObject({ answer: { status: 413 } });
  });
});

test("an http.request that knows one argument, as agent-base 4 makes it, is told all in that", async () => {
  const { http } = nodeModules()!;
  const { request } = http;
  Reflect.set(http, "request", (given: object) => request({ ...given }));
  onTestFinished(() => void Reflect.set(http, "request", request));
  let asked = "";
  const { url } = await rawServer((socket) => onRequest(socket, (text) => ((asked = text), socket.end(whole()))));
  expect(await post(`${url}/v1/tasks?a=b`)).toMatchObject({ answer: { status: 200, body: { id: "t1" } } });
  expect(asked).toMatch(/^POST \/v1\/tasks\?a=b HTTP\/1.1\r\n/);
});

describe("of an answer that breaks off, what came is kept", () => {
  const cut = async (then: (socket: Socket) => void): Promise<Sent> => post((await answering(then)).url);
  const reset = (socket: Socket) => setTimeout(() => socket.resetAndDestroy(), 20);

  test.each<[how: string, then: (socket: Socket) => void]>([
    ["its length not reached", (socket) => void socket.end(`${HEAD}content-length: 99\r\n\r\n${BODY}`)],
    ["reset", (socket) => (socket.write(`${HEAD}content-length: 99\r\n\r\n${BODY}`), reset(socket))],
    ["reset, of no length", (socket) => (socket.write(`${HEAD}\r\n${BODY}`), reset(socket))],
    ["in the midst of a chunk", (socket) => void socket.end(`${HEAD}transfer-encoding: chunked\r\n\r\nff\r\n${BODY}`)],
    [
      "in gzip",
      (socket) => {
        const packed = gzipSync(`${BODY}${" ".repeat(99)}`);
        socket.write(`${HEAD}content-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`);
        socket.end(packed.subarray(0, -8));
      },
    ],
  ])("%s", async (_, then) => {
    const sent = await cut(then);
    expect(sent).toMatchObject({ answer: { status: 200, body: { id: "t1" }, cut: expect.any(Error) } });
  });

  test("and what cannot be unpacked is said to be cut", async () => {
    const sent = await cut((socket) => void socket.end(`${HEAD}content-encoding: br\r\n\r\nno brotli`));
    expect(sent).toMatchObject({ answer: { status: 200, text: "no brotli", cut: expect.any(Error) } });
  });

  test("also of one that unpacks to more than is read", async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    const sent = await cut(
      (socket) => void socket.end(Buffer.concat([Buffer.from(`${HEAD}content-encoding: gzip\r\n\r\n`), bomb])),
    );
    expect(sent).toMatchObject({ answer: { status: 200, cut: { code: "ERR_BUFFER_TOO_LARGE" } } });
  });
});

describe("once it is written, nothing proves that it was not read", () => {
  test.each<[what: string, then: (socket: Socket) => void]>([
    ["a reset", (socket) => void socket.resetAndDestroy()],
    ["an end", (socket) => void socket.end()],
    ["an end in the midst of the head", (socket) => void socket.end("HTTP/1.1 200 OK\r\ncontent-le")],
    ["an end after 103 Early Hints", (socket) => void socket.end("HTTP/1.1 103 Early Hints\r\n\r\n")],
    ["garbage", (socket) => void socket.end("garbage\r\n\r\n")],
    [
      "two lengths",
      (socket) => void socket.end(`${HEAD}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`),
    ],
    ["a head of 300 kB", (socket) => void socket.end(`${HEAD}x-long: ${"a".repeat(300_000)}\r\n\r\n`)],
  ])("%s", async (_, then) => {
    expect(kind(await post((await answering(then)).url))).toBe("lost");
  });

  test("a reset in the midst of 8 MB", async () => {
    const { url } = await rawServer((socket) => void socket.once("data", () => socket.resetAndDestroy()));
    expect(kind(await post(url, { body: "x".repeat(8_000_000) }))).toBe("lost");
  });

  test("silence, which ends with the connection", async () => {
    let read: Socket | undefined;
    const { url } = await answering((socket) => (read = socket));
    const sent = await post(url, { timeoutMs: 200 });
    expect(sent).toEqual({ lost: expect.objectContaining({ name: "TimeoutError" }) });
    await until(() => read?.destroyed === true);
  });
});

describe("before it is written, every error proves that nothing left", () => {
  test.each<[what: string, then: (socket: Socket) => void]>([
    ["a reset in the TLS handshake", (socket) => void socket.resetAndDestroy()],
    ["an end in it", (socket) => void socket.end()],
    ["an answer in plain text", (socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["silence in it", () => {}],
  ])("%s", async (_, then) => {
    const { port } = await rawServer(then);
    expect(kind(await post(`https://127.0.0.1:${port}`, { timeoutMs: 300 }))).toBe("notSent");
  });

  test("a closed port", async () => {
    const server = await serve(() => {});
    await server.close();
    expect(await post(server.url)).toEqual({ notSent: expect.objectContaining({ code: "ECONNREFUSED" }) });
  });

  test.each([
    ["a header that none may be", { headers: { authorization: "Bearer a\nb" } }],
    ["a URL of another kind", { url: "ftp://127.0.0.1/" }],
  ])("%s", async (_, more) => {
    const { url } = await rawServer(() => {});
    expect(kind(await post(url, more))).toBe("notSent");
  });

  test("of two at once each is known by itself", async () => {
    const silent = await rawServer((socket) => void socket.resume());
    const resetting = await rawServer((socket) => void socket.resetAndDestroy());
    const both = [post(silent.url, { timeoutMs: 200 }), post(`https://127.0.0.1:${resetting.port}`)];
    expect((await Promise.all(both)).map(kind)).toEqual(["lost", "notSent"]);
  });
});

/** Holds the event loop, in the very turn that brings the connection and before any other listener hears of it. */
function holdAtConnect(ms: number): void {
  const hold = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    socket.once("connect", () => {
      for (const since = performance.now(); performance.now() - since < ms;);
    });
  };
  channel("net.client.socket").subscribe(hold);
  onTestFinished(() => void channel("net.client.socket").unsubscribe(hold));
}

describe("past its time nothing is written", () => {
  /** Would answer, and counts what it reads. */
  async function counting() {
    const read = { bytes: 0 };
    const { url } = await rawServer((socket) => {
      socket.on("data", (chunk) => (read.bytes += chunk.length));
      onRequest(socket, () => socket.end(whole()));
    });
    return { url, read };
  }

  test("when the event loop was held in the turn that brings the connection, past the time to start", async () => {
    const { url, read } = await counting();
    holdAtConnect(150);
    const start = performance.now();
    const sent = await post(url, { isLate: () => performance.now() - start > 100 });
    expect(sent).toEqual({ notSent: expect.objectContaining({ name: "TimeoutError" }) });
    await turns(50);
    expect(read.bytes).toBe(0);
  });

  test("nor past the time of the whole exchange: the last look is for answers", async () => {
    const { url, read } = await counting();
    holdAtConnect(250);
    expect(kind(await post(url, { timeoutMs: 200 }))).toBe("notSent");
    await turns(50);
    expect(read.bytes).toBe(0);
  });

  test("by the wall clock, too: the other stands still while a machine sleeps", async () => {
    const { url, read } = await counting();
    const now = Date.now;
    const sending = post(url);
    vi.spyOn(Date, "now").mockImplementation(() => now() + 600_000);
    onTestFinished(() => void vi.mocked(Date.now).mockRestore());
    expect(kind(await sending)).toBe("notSent");
    expect(read.bytes).toBe(0);
  });

  test("a connection that does not come is given up after 10 s", async () => {
    const { port } = await rawServer(() => {});
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let sent: Sent | undefined;
    void post(`https://127.0.0.1:${port}`).then((value) => (sent = value));
    await vi.advanceTimersByTimeAsync(9_999);
    await turns();
    expect(sent).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    await until(() => sent !== undefined);
    expect(sent).toEqual({ notSent: expect.objectContaining({ name: "TimeoutError" }) });
  });
});

test("an answer may take longer than a connection", async () => {
  let answer: (() => void) | undefined;
  const { url } = await answering((socket) => (answer = () => void socket.end(whole())));
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const sending = post(url);
  await until(() => answer !== undefined);
  await vi.advanceTimersByTimeAsync(60_000);
  answer?.();
  expect(kind(await sending)).toBe("answer");
});

test("each leaves on a connection of its own, which is closed after it", async () => {
  const connections: Socket[] = [];
  const { url } = await rawServer((socket) => {
    connections.push(socket);
    onRequest(socket, () => socket.write(whole())); // and keeps it open
  });
  for (let round = 1; round <= 3; round++) {
    await post(url);
    expect(connections.length).toBe(round);
  }
  await until(() => connections.every(({ destroyed }) => destroyed));
});

test("what is written is the body as it was, with its length, and no wish for an encoding", async () => {
  let text = "";
  const { url } = await rawServer((socket) =>
    onRequest(socket, (request) => {
      text = Buffer.from(request, "latin1").toString();
      socket.end(whole());
    }),
  );
  await post(`${url}/v1/tasks?a=b`, { body: '{"prompt":"é😀"}', headers: { authorization: "Bearer k" } });
  const [head = "", body] = text.split("\r\n\r\n");
  expect(body).toBe('{"prompt":"é😀"}');
  const [start, ...lines] = head.toLowerCase().split("\r\n");
  expect(start).toBe("post /v1/tasks?a=b http/1.1");
  expect(lines).toEqual(
    expect.arrayContaining([
      "authorization: bearer k",
      "accept-encoding: identity",
      "content-length: 19",
      "connection: close",
    ]),
  );
});

test("nothing that is missing in a test environment leaves a submit waiting", async () => {
  const { url } = await saying(whole());
  for (const name of ["TextDecoder", "DOMException"]) vi.stubGlobal(name, undefined);
  onTestFinished(() => void vi.unstubAllGlobals());
  expect(kind(await post(url))).toBe("answer");
  expect(kind(await post(url, { isLate: () => true }))).toBe("notSent");
});
