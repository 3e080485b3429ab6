// The receiver behind `node:http`, over real sockets.
import { IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { acmeAnswers, acmeReceiver, callbackTo, DONE, type AcmeReceiver } from "../test/acme-callbacks.ts";
import { serve } from "../test/serve.ts";
import { turns, until } from "../test/turns.ts";
import { toNodeHandler } from "./to-node-handler.ts";

type Handler = ReturnType<typeof toNodeHandler>;

async function served(wrap: (handler: Handler) => Handler = (handler) => handler) {
  const all = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }));
  await all.pay();
  const server = await serve(wrap(toNodeHandler(all.receiver)));
  onTestFinished(() => server.close());
  return { all, server, path: pathOf(all) };
}
const pathOf = ({ urls }: AcmeReceiver) => new URL(urls()[0] ?? "").pathname;
const post = async (url: string, init: RequestInit = {}) => {
  const { method, headers, body } = callbackTo(url);
  return fetch(url, { method, headers, body: await new Response(body).text(), ...init });
};

/** Sends a head and some bytes and keeps the connection open; resolves with what came until it was closed. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let got = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (data) => void (got += data.toString()));
    socket.on("close", () => resolve(got)).on("error", () => {});
  });
}
const head = (path: string, length: number) =>
  `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;

test("a callback is answered with 200 and handled once, on a connection that stays open", async () => {
  const { all, server, path } = await served();
  for (let times = 0; times < 3; times++) {
    const { status, headers } = await post(server.url + path);
    expect(status).toBe(200);
    expect(headers.get("connection")).toBe("keep-alive");
  }
  expect(all.handled).toMatchObject([{ key: "k", task: { id: "t1" } }]);
});

test("refusals have the receiver's statuses", async () => {
  const { all, server, path } = await served();
  expect((await post(`${server.url}/cb/no-token`)).status).toBe(404);
  expect((await post(`${server.url}//evil.test/x`)).status).toBe(404);
  const get = await fetch(server.url + path);
  expect(get.status).toBe(405);
  expect(get.headers.get("allow")).toBe("POST");
  expect(await raw(server.port, "TRACE / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")).toContain(" 405 ");
  expect((await post(server.url + path, { body: "{" })).status).toBe(400);
  expect((await post(server.url + path, { body: " ".repeat(1_100_000) })).status).toBe(413);
  expect(all.handled).toEqual([]);
  expect(all.gets()).toBe(0);
});

test("a body that is announced and does not come holds nothing up: 404 at once, 408 after 5 s, both end the connection", async () => {
  const { all, server, path } = await served();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  expect(await raw(server.port, `${head("/cb/no", 50_000_000)}{`)).toContain(" 404 ");
  expect(await raw(server.port, `${head(path, 50_000_000)}{`)).toContain(" 413 ");
  const late = raw(server.port, `${head(path, 100)}{`);
  await until(() => vi.getTimerCount() === 2); // the answer's time-out and the body's
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await late).toContain(" 408 ");
  expect(all.handled).toEqual([]);
  expect(all.gets()).toBe(0);
});

test("50 MB without a length: 413 before they are read", async () => {
  const { all, server, path } = await served();
  const got = new Promise<string>((resolve) => {
    let text = "";
    let sent = 0;
    const socket = connect(server.port, "127.0.0.1", () => {
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
      );
      pour();
    });
    const chunk = `4000\r\n${" ".repeat(0x4000)}\r\n`;
    const pour = () => {
      while (!socket.destroyed && sent < 50 * 2 ** 20) {
        sent += 0x4000;
        if (!socket.write(chunk)) return void socket.once("drain", pour);
      }
    };
    socket.on("data", (data) => void (text += data.toString()));
    socket.on("close", () => resolve(`${text} after ${sent < 40 * 2 ** 20 ? "some" : "all"}`)).on("error", () => {});
  });
  // A sender that never listens may have the connection reset under it before it reads the answer.
  expect(await got).toMatch(/^(HTTP\/1\.1 413 [^]*)? after some$/);
  expect(all.handled).toEqual([]);
});

test("a sender that hangs up in the middle disturbs no other", async () => {
  const { all, server, path } = await served();
  await new Promise<void>((resolve) => {
    const socket = connect(server.port, "127.0.0.1", () => {
      socket.write(`${head(path, 100)}{`, () => socket.destroy());
    });
    socket.on("close", () => resolve()).on("error", () => {});
  });
  expect((await post(server.url + path)).status).toBe(200);
  expect(all.handled).toHaveLength(1);
});

type Parsed = { body?: unknown; rawBody?: unknown };
/** A body parser in front of the receiver: reads the body, and leaves what `leave` makes of it. */
const behindParser =
  (leave: (text: string) => Parsed) =>
  (handler: Handler): Handler =>
  (request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => void (text += chunk));
    request.on("end", () => handler(Object.assign(request, leave(text)), response));
  };
const parse = (text: string) => JSON.parse(text) as unknown;

test.each<[string, (text: string) => Parsed]>([
  ["its value as `body`", (text) => ({ body: parse(text) })],
  ["its text as `body`", (text) => ({ body: text })],
  ["its bytes as `body`", (text) => ({ body: Buffer.from(text) })],
  ["a byte order mark before its text", (text) => ({ body: `\ufeff${text}` })],
  ["its bytes as `rawBody`", (text) => ({ rawBody: Buffer.from(text) })],
  ["its value as `body`, and no text as `rawBody`", (text) => ({ rawBody: "", body: parse(text) })],
  ["its value as `body`, and no bytes as `rawBody`", (text) => ({ rawBody: Buffer.alloc(0), body: parse(text) })],
  ["its value as `body`, and a flag as `rawBody`", (text) => ({ rawBody: true, body: parse(text) })],
  ["a promise of its value as `body`", (text) => ({ body: Promise.resolve(parse(text)) })],
  ["a promise of its bytes as `rawBody`", (text) => ({ rawBody: Promise.resolve(Buffer.from(text)) })],
  ["its text as `rawBody`, and another value as `body`", (text) => ({ rawBody: text, body: { payload: text } })],
])("behind a parser that has read the body and leaves %s it is handled", async (_what, leave) => {
  const { all, server, path } = await served(behindParser(leave));
  expect((await post(server.url + path)).status).toBe(200);
  expect(all.handled).toHaveLength(1);
});

test.each<[string, number, (text: string) => Parsed]>([
  ["nothing", 500, () => ({})],
  ["no JSON", 400, () => ({ body: "id=t1" })],
  ["an empty object", 400, () => ({ body: {} })],
  ["null", 400, () => ({ body: null })],
  ["too much", 413, (text) => ({ body: text + " ".repeat(1_100_000) })],
  ["too many bytes", 413, (text) => ({ rawBody: Buffer.from(text + " ".repeat(1_100_000)) })],
])("behind a parser that has read the body and leaves %s it answers %i", async (_what, status, leave) => {
  const { all, server, path } = await served(behindParser(leave));
  const answer = await post(server.url + path);
  expect(answer.status).toBe(status);
  if (status === 500) expect(await answer.text()).toMatch(/mount the receiver before express\.json\(\)/);
  expect(all.handled).toEqual([]);
});

test("a parser whose `body` throws when it is looked at: 400", async () => {
  const { server, path } = await served((handler) =>
    behindParser(() => ({}))((request, response) => {
      const body = () => {
        throw new SyntaxError("no JSON");
      };
      handler(Object.defineProperty(request, "body", { get: body }), response);
    }),
  );
  expect((await post(server.url + path)).status).toBe(400);
});

test("a parser that left the body alone and set `body` all the same: the body counts", async () => {
  const { all, server, path } = await served(
    (handler) => (request, response) => handler(Object.assign(request, { body: {} }), response),
  );
  expect((await post(server.url + path, { headers: { "content-type": "text/plain" } })).status).toBe(200);
  expect(all.handled).toHaveLength(1);
});

test.each<[string, (body: string) => unknown]>([
  ["text", (body) => body],
  ["bytes", (body) => Buffer.from(body)],
  ["a value", parse],
])(
  "a request that was made of another one, with %s as its `body` and nothing to read, is handled",
  async (_what, as) => {
    const { all, server, path } = await served((handler) =>
      behindParser((text) => ({ body: as(text) }))((request, response) => {
        const made = new IncomingMessage(request.socket);
        const { method, url, headers, body } = request as IncomingMessage & Parsed;
        handler(Object.assign(made, { method, url, headers, body }), response);
      }),
    );
    expect((await post(server.url + path)).status).toBe(200);
    expect(all.handled).toHaveLength(1);
  },
);

test.each<BufferEncoding>(["utf8", "latin1", "hex"])(
  "a request that gives its body as texts in %s is read",
  async (encoding) => {
    const { all, server, path } = await served(
      (handler) => (request, response) => handler(request.setEncoding(encoding), response),
    );
    expect((await post(server.url + path)).status).toBe(200);
    expect(all.handled).toHaveLength(1);
  },
);

test("a router that takes the whole path away keeps it as `originalUrl`", async () => {
  const { all, server, path } = await served(
    (handler) => (request, response) =>
      handler(Object.assign(request, { originalUrl: `${request.url}?a=1`, url: "/?a=1" }), response),
  );
  expect((await post(server.url + path)).status).toBe(200);
  expect(all.handled).toHaveLength(1);
});

/** What a middleware, a proxy or a time-out may do to an exchange that the receiver has. What it returns ends it. */
type Meddle = (request: IncomingMessage, response: ServerResponse) => (() => void) | void;
const meddlers: [string, Meddle, string][] = [
  ["a whole answer", (_, response) => void response.writeHead(503).end("busy"), "busy"],
  [
    "the head of an answer",
    (_, response) => {
      response.writeHead(503, { "content-length": 4 }).flushHeaders();
      return () => response.end("busy");
    },
    "busy",
  ],
  ["the end of the connection", (request) => void request.socket.destroy(), ""],
  ["an answer that was destroyed", (_, response) => void response.destroy(), ""],
];

/** Sends a callback to a server whose exchanges are meddled with at a moment; what came back. */
async function meddled(meddle: Meddle, moment: "before" | "while the vendor is asked"): Promise<string> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  let interfere = () => {};
  let isMeddled = false;
  let finish: () => void = () => {};
  const answers = acmeAnswers(["t1"], { t1: DONE });
  const all = acmeReceiver(async (seen) => {
    if (seen.method === "GET") interfere();
    return answers(seen);
  });
  await all.pay();
  const handler = toNodeHandler(all.receiver);
  const server = await serve((request, response) => {
    interfere = () => {
      if (!isMeddled) finish = meddle(request, response) ?? finish;
      isMeddled = true;
    };
    if (moment === "before") interfere();
    handler(request, response);
  });
  onTestFinished(() => server.close());
  const body = '{"id":"t1"}';
  const closing = head(pathOf(all), body.length).replace("host: a", "host: a\r\nconnection: close");
  const got = raw(server.port, closing + body);
  await until(() => isMeddled);
  await turns();
  finish();
  const text = await got;
  await vi.advanceTimersByTimeAsync(10_000); // whatever the receiver waits for is over: it comes to its answer
  await turns();
  return text;
}

test.each(meddlers)("%s before the receiver: it answers nothing, and nothing breaks", async (_name, meddle, answer) => {
  const got = await meddled(meddle, "before");
  expect(got).not.toContain(" 200 ");
  expect(got).toContain(answer);
});

test.each(meddlers)("%s while it asks the vendor: likewise", async (_name, meddle, answer) => {
  const got = await meddled(meddle, "while the vendor is asked");
  expect(got).not.toContain(" 200 ");
  expect(got).toContain(answer);
});

test("a time-out of the server's own while a body stalls: that is the answer, and nothing breaks", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const { server, path } = await served((handler) => (request, response) => {
    setTimeout(() => response.headersSent || response.writeHead(503).end("late"), 1_000);
    handler(request, response);
  });
  const got = raw(server.port, `${head(path, 100)}{`);
  await until(() => vi.getTimerCount() === 3); // the answer's time-out, the body's, and the server's
  await vi.advanceTimersByTimeAsync(1_000);
  await turns();
  await vi.advanceTimersByTimeAsync(5_000); // the receiver has its own answer now
  await turns();
  await server.close();
  expect(await got).toMatch(/ 503 [^]*late/);
});

test("mounted below a path, as Express does it, it finds the token all the same", async () => {
  const { all, server, path } = await served((handler) => (request, response) => {
    request.url = (request.url ?? "").slice("/cb".length);
    handler(request, response);
  });
  expect((await post(server.url + path)).status).toBe(200);
  expect(all.handled).toHaveLength(1);
});

test("a receiver that throws is told with 500", async () => {
  const server = await serve(toNodeHandler({ fetch: async () => Promise.reject(new Error("the reason")) }));
  onTestFinished(() => server.close());
  const answer = await post(`${server.url}/x`);
  expect(answer.status).toBe(500);
  expect(await answer.text()).toBe("the reason");
});
