// The receiver behind `node:http`, over real sockets.
import { connect } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { acmeAnswers, acmeReceiver, callbackTo, DONE, type AcmeReceiver } from "../test/acme-callbacks.ts";
import { serve } from "../test/serve.ts";
import { until } from "../test/turns.ts";
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
  expect((await post(server.url + path, { headers: { "content-type": "text/plain" } })).status).toBe(400);
  expect((await post(server.url + path, { body: "{" })).status).toBe(400);
  expect((await post(server.url + path, { body: " ".repeat(300_000) })).status).toBe(413);
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
  expect(await got).toMatch(/^HTTP\/1\.1 413 [^]* after some$/);
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

test("behind a parser that has read the body it is an error that says what to do", async () => {
  let message = "";
  const { all, server, path } = await served((handler) => (request, response) => {
    request.resume().on("end", () => {
      try {
        handler(request, response);
      } catch (error) {
        message = String(error);
        response.writeHead(500).end();
      }
    });
  });
  expect((await post(server.url + path)).status).toBe(500);
  expect(message).toMatch(/mount the receiver before express\.json\(\)/);
  expect(all.handled).toEqual([]);
});

test("mounted below a path, as Express does it, it finds the token all the same", async () => {
  const { all, server, path } = await served((handler) => (request, response) => {
    request.url = (request.url ?? "").slice("/cb".length);
    handler(request, response);
  });
  expect((await post(server.url + path)).status).toBe(200);
  expect(all.handled).toHaveLength(1);
});

test("options that are wrong are told with 500, without a secret", async () => {
  const all = acmeReceiver(acmeAnswers([], {}), {
    callback: { url: "https://app.test", secret: "too short to be one" },
  });
  const server = await serve(toNodeHandler(all.receiver));
  onTestFinished(() => server.close());
  const answer = await post(`${server.url}/x`);
  expect(answer.status).toBe(500);
  expect(await answer.text()).toMatch(/callback\.secret: must be at least 32 bytes/);
});
