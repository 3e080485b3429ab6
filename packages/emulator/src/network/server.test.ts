import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEmulator, type Emulator, type EmulatorServer } from "../emulator.ts";
import { apixoOf, client, error, textToVideo, urlOf } from "../test/helpers.ts";

let emulator: Emulator;
let server: EmulatorServer;
beforeAll(async () => {
  emulator = createEmulator({ clock: "manual" });
  server = await emulator.listen();
});
afterAll(() => server.close());

/** Sends raw bytes, and gives what came back until the other side, or time, ended it. */
const raw = (bytes: string, ms = 120) =>
  new Promise<string>((resolve) => {
    let seen = "";
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (data) => (seen += data.toString("latin1")));
    socket.on("close", () => resolve(seen));
    socket.on("error", () => resolve(seen));
    setTimeout(() => socket.destroy(), ms);
  });

test("listens on loopback and gives options for each vendor's factory", () => {
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(server.for("apixo")).toEqual({
    apiKey: "emulator-key-apixo",
    baseUrl: `${server.url}/api/v1`,
    clock: emulator.clock,
  });
  expect(() => server.for("acme")).toThrow(/no emulated vendor "acme"/);
});

test("one server has every vendor at its documented path, for its own key only", async () => {
  const read = { apixo: "/apikeys/current-balance", aivideoapi: "/credits", apimodels: "/balance" };
  const paths = { apixo: "/api/v1", aivideoapi: "/v1", apimodels: "/api/v1" };
  for (const [name, path] of Object.entries(read) as [keyof typeof read, string][]) {
    const { apiKey, baseUrl } = server.for(name);
    expect(baseUrl).toBe(server.url + paths[name]);
    for (const other of Object.keys(read)) {
      const headers = { authorization: `Bearer ${server.for(other).apiKey}` };
      const answer = await fetch(baseUrl + path, { headers });
      await answer.text();
      expect(answer.status).toBe(other === name ? 200 : 401);
      expect(emulator.requests.at(-1)?.vendor).toBe(name);
    }
    expect(emulator.for(name)).toMatchObject({ apiKey, baseUrl: `https://emulator.test${paths[name]}` });
  }
});

test("answers HTTP/1.0, which names no host, with addresses that lead back to it", async () => {
  const calls = client(server.for("apixo"));
  const id = await calls.created(textToVideo);
  await emulator.clock.advance(70_000);
  const path = `/api/v1/statusTask/kling-2-6?taskId=${id}`;
  const answer = await raw(`GET ${path} HTTP/1.0\r\nauthorization: Bearer ${server.for("apixo").apiKey}\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1.1 200 OK/);
  expect(answer).toContain(`${server.url}/results/apixo/${id}.mp4`);
});

test("answers over a socket as in process", async () => {
  const script = async (calls: ReturnType<typeof client>, own: Emulator) => {
    const seen: unknown[] = [await calls.balance(), await calls.submit({}), await calls.status("task_1")];
    const id = await calls.created(textToVideo);
    seen.push(await calls.status(id));
    await own.clock.advance(70_000);
    const done = await calls.status(id);
    seen.push(done, await calls.call("/nothing", {}).catch((cause: unknown) => (cause as Error).name));
    const file = await (calls === inProcess ? own.fetch : fetch)(urlOf(done), { headers: { range: "bytes=0-99" } });
    const names = ["content-type", "content-length", "content-range", "etag", "last-modified", "accept-ranges"];
    const headers = names.map((name) => file.headers.get(name));
    seen.push(file.status, headers, Buffer.from(await file.arrayBuffer()).toString("hex"), own.requests, own.ledger);
    return JSON.stringify(seen).replaceAll(/(https:\/\/emulator\.test|http:\/\/127\.0\.0\.1:\d+)/g, "ORIGIN");
  };
  const [a, b] = [createEmulator({ clock: "manual" }), createEmulator({ clock: "manual" })];
  const inProcess = apixoOf(a);
  const listening = await b.listen();
  try {
    expect(await script(client(listening.for("apixo")), b)).toBe(await script(inProcess, a));
  } finally {
    await listening.close();
  }
});

test("time waits for a request whose body is still on its way over a socket", async () => {
  const own = createEmulator({ clock: "manual" });
  const listening = await own.listen();
  try {
    const { apiKey, baseUrl } = listening.for("apixo");
    const body = new ReadableStream({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode(JSON.stringify(textToVideo).slice(0, 9)));
        await new Promise((resolve) => setTimeout(resolve, 100)); // the network's time, which no clock moves
        controller.enqueue(new TextEncoder().encode(JSON.stringify(textToVideo).slice(9)));
        controller.close();
      },
    });
    const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
    const init = { method: "POST", headers, body, duplex: "half" } as RequestInit;
    const answer = fetch(`${baseUrl}/generateTask/kling-2-6`, init).then((response) => response.json());
    const deadline = own.clock.sleep(1).then(() => "too late");
    expect(await own.clock.until(Promise.race([answer, deadline]))).toMatchObject({ code: 200 });
    expect(own.clock.elapsed()).toBe(0);
  } finally {
    await listening.close();
  }
});

test("HEAD over a socket has the length and no body", async () => {
  const calls = client(server.for("apixo"));
  const id = await calls.created(textToVideo);
  await emulator.clock.advance(70_000);
  const response = await fetch(urlOf(await calls.status(id)), { method: "HEAD" });
  expect(response.status).toBe(200);
  expect(Number(response.headers.get("content-length"))).toBeGreaterThan(10_000);
  expect(await response.text()).toBe("");
});

test("a loopback callback over plain http is accepted where the emulator is on loopback itself", async () => {
  const calls = client(server.for("apixo"));
  const callback = (callback_url: string) => calls.submit({ ...textToVideo, request_type: "callback", callback_url });
  for (const url of ["http://127.0.0.1:9999/cb", "http://localhost:9999/cb", "https://app.test/cb"]) {
    expect((await callback(url)).status).toBe(200);
  }
  for (const url of ["http://app.test/cb", "http://10.0.0.1/cb"]) {
    expect(error(await callback(url))).toMatch(/callback_url/);
  }
});

describe("whatever is sent, the server lives", () => {
  test.each<[string, string]>([
    ["no HTTP", "\x16\x03\x01 hello\r\n\r\n"],
    ["a bad request line", "GET\r\n\r\n"],
    ["no host", "GET /api/v1/apikeys/current-balance HTTP/1.1\r\n\r\n"],
    ["a bad host", "GET / HTTP/1.1\r\nHost: a b/c?d\r\n\r\n"],
    ["a bad path", "GET //%zz/../\\ HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["an absolute target", "GET http://[/x HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a bad length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n"],
    [
      "a bad chunk",
      "POST /api/v1/generateTask/kling-2-6 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ["a body that is cut", "POST /api/v1/generateTask/kling-2-6 HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{"],
    ["an unknown method", "BREW /coffee HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["an upgrade", "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"],
    ["CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"],
  ])("%s", async (_, bytes) => {
    const answer = await raw(bytes);
    expect(answer).not.toMatch(/^HTTP\/1\.1 [235]/);
    expect((await client(server.for("apixo")).balance()).status).toBe(200);
    await emulator.clock.advance(1); // and no exchange stays open
  });

  test("an unknown path is 404 and logged under no vendor", async () => {
    const response = await fetch(`${server.url}/nothing?x=1`, { method: "PUT", body: "{}" });
    expect(response.status).toBe(404);
    await response.text();
    expect(emulator.requests.at(-1)).toEqual({
      vendor: "",
      method: "PUT",
      path: "/nothing?x=1",
      status: 404,
      body: {},
    });
  });

  test("a huge body, declared or streamed, is refused and not kept", async () => {
    const { apiKey, baseUrl } = server.for("apixo");
    const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
    const streamed = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
    });
    for (const body of ["x".repeat(2 ** 21), streamed]) {
      const init = { method: "POST", headers, body, duplex: "half" } as RequestInit;
      // The server stops reading, so the caller may see the refusal or a closed connection.
      const answer = await fetch(`${baseUrl}/generateTask/kling-2-6`, init).then(
        async (response) => [response.status, await response.text().catch(() => "")][0],
        () => "closed",
      );
      expect([413, "closed"]).toContain(answer);
    }
    expect((await client(server.for("apixo")).balance()).status).toBe(200);
    await emulator.clock.advance(1);
  });
});

test("close ends kept-alive connections, and may be called twice", async () => {
  const own = createEmulator();
  const listening = await own.listen();
  await client(listening.for("apixo")).balance();
  await Promise.all([listening.close(), listening.close()]);
  await expect(client(listening.for("apixo")).balance()).rejects.toThrow("fetch failed");
});

test("a port that is none, or taken, is an error", async () => {
  for (const port of [-1, 1.5, 70_000, NaN]) {
    await expect(emulator.listen(port)).rejects.toThrow(/listen: port must be an integer from 0 to 65535/);
  }
  await expect(createEmulator().listen(Number(new URL(server.url).port))).rejects.toThrow(/EADDRINUSE/);
});

test("a thousand connections that come at once all have a place", async () => {
  const server = await createEmulator({ vendors: ["apixo"] }).listen();
  const port = Number(new URL(server.url).port);
  const sockets = Array.from({ length: 1_000 }, () => connect({ port, host: "127.0.0.1" }));
  await new Promise<void>(process.nextTick); // all have knocked, and none was let in yet
  // A connection that finds no place is not there on the server's side.
  const atServer = `0100007F:${port.toString(16).padStart(4, "0").toUpperCase()} 0100007F`;
  const isThere = (line: string) => line.includes(atServer) && line.includes(" 01 ");
  const found =
    process.platform === "linux" ? readFileSync("/proc/net/tcp", "utf8").split("\n").filter(isThere) : sockets;
  expect(found.length).toBeGreaterThan(900); // the list is not exact while others connect
  for (const socket of sockets) socket.destroy();
  await server.close();
});
