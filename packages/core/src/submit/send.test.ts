// The paid POST over real sockets, on the runtime that runs the tests.
import { once } from "node:events";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { rawServer } from "../test/raw-server.ts";
import { serve, type Served } from "../test/serve.ts";
import { turns, until } from "../test/turns.ts";
import type { PaidPost, Sent } from "./paid-post.ts";
import { sendOnce } from "./send.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  vi.unstubAllGlobals();
  for (const server of opened.splice(0)) await server.close();
});
async function served(listener: RequestListener): Promise<Served> {
  const server = await serve(listener);
  opened.push(server);
  return server;
}

const post = (url: string, more: Partial<PaidPost> = {}): PaidPost => ({
  url,
  headers: { authorization: "Bearer k" },
  body: "{}",
  timeoutMs: 120_000,
  ...more,
});
const send = (url: string, more?: Partial<PaidPost>, custom?: typeof fetch): Promise<Sent> =>
  sendOnce(post(url, more), () => false, custom);

async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}
const reply = (response: ServerResponse, status: number, body = "", headers = {}) =>
  void response.writeHead(status, headers).end(body);

test("what arrives is one POST with the key in one header and the body as it was", async () => {
  const seen: [string | undefined, unknown, string][] = [];
  const { url } = await served(async (request, response) => {
    seen.push([request.method, request.headers, await readBody(request)]);
    reply(response, 200, '{"id":"t1"}', { "content-type": "application/json" });
  });
  expect(await send(`${url}/tasks`, { body: '{"prompt":"é😀"}' })).toEqual({
    answer: {
      status: 200,
      text: '{"id":"t1"}',
      body: { id: "t1" },
      cut: undefined,
      header: expect.any(Function),
    },
  });
  expect(seen).toEqual([
    [
      "POST",
      expect.objectContaining({ authorization: "Bearer k", "content-type": "application/json" }),
      '{"prompt":"é😀"}',
    ],
  ]);
});

test("after a GET on a kept-alive connection that the server will reset, exactly one POST is read and answered", async () => {
  let used = new WeakSet<object>();
  let [posts, onUsed] = [0, 0];
  const { url, sockets } = await served(async (request, response) => {
    await readBody(request);
    if (request.method === "POST") posts++;
    if (used.has(request.socket)) {
      onUsed++;
      return void request.socket.resetAndDestroy();
    }
    used.add(request.socket);
    reply(response, 200, '{"id":"t1"}');
  });
  for (let round = 1; round <= 5; round++) {
    await (await fetch(url)).text();
    expect(sockets.size).toBeGreaterThan(0);
    expect(await send(url)).toMatchObject({ answer: { status: 200, body: { id: "t1" } } });
    expect([posts, onUsed]).toEqual([round, 0]);
    used = new WeakSet();
  }
});

test("no redirect is followed: the target never hears of it", async () => {
  let heard = 0;
  const target = await served((_, response) => (heard++, reply(response, 200, '{"id":"t1"}')));
  for (const status of [301, 302, 303, 307, 308]) {
    const { url } = await served((_, response) => reply(response, status, "", { location: `${target.url}/v2` }));
    const sent = await send(url);
    expect(sent).toMatchObject({ answer: { status } });
    expect("answer" in sent && sent.answer.header("location")).toBe(`${target.url}/v2`);
  }
  expect(heard).toBe(0);
});

test("a redirect whose target is hidden by the runtime is a 302", async () => {
  const hidden = { type: "opaqueredirect", status: 0, body: null, headers: new Headers() } as Response;
  expect(await send("http://a.test", {}, async () => hidden)).toMatchObject({ answer: { status: 302 } });
});

test("a closed port proves that nothing left", async () => {
  const server = await serve(() => {});
  await server.close();
  expect(await send(server.url)).toEqual({ notSent: expect.objectContaining({ code: "ECONNREFUSED" }) });
});

test("a reset after the request was read proves nothing", async () => {
  const { url } = await served(async (request) => {
    await readBody(request);
    request.socket.resetAndDestroy();
  });
  expect(await send(url)).toEqual({ lost: expect.objectContaining({ code: "ECONNRESET" }) });
});

test("an end, or garbage, instead of an answer proves nothing", async () => {
  for (const said of ["", "garbage\r\n\r\n"]) {
    const server = createServer((socket) => socket.on("error", () => {}).once("data", () => socket.end(said)));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    expect(await send(`http://127.0.0.1:${port}`)).toEqual({ lost: expect.any(Error) });
    server.close();
  }
});

/** Time-outs run out when the test says so: how long a busy machine takes until then is not the matter. */
const holdTimers = () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
};

test("a server that never answers is given up after the time-out, and proves nothing", async () => {
  let isRead = false;
  const { url } = await served((request) => void readBody(request).then(() => (isRead = true)));
  holdTimers();
  const sending = send(url);
  await until(() => isRead);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(await sending).toEqual({ lost: expect.objectContaining({ name: "TimeoutError" }) });
});

test("a body that stalls ends with the time-out, and what had come is kept", async () => {
  let isBegun = false;
  const { url } = await served(
    (_, response) => void response.writeHead(200).write('{"id":"t1","mod', () => (isBegun = true)),
  );
  holdTimers();
  const sending = send(url);
  await until(() => isBegun);
  await turns(50); // on loopback that is read
  await vi.advanceTimersByTimeAsync(120_000);
  expect(await sending).toMatchObject({
    answer: { status: 200, text: '{"id":"t1","mod', body: undefined, cut: { name: "TimeoutError" } },
  });
});

test("a body that breaks off is kept as far as it came", async () => {
  const { url } = await served((_, response) => {
    response.writeHead(200, { "content-length": "100" }).write('{"id":"t1"');
    response.socket?.end();
  });
  expect(await send(url)).toMatchObject({ answer: { text: '{"id":"t1"', cut: expect.any(Error) } });
});

test("of a body larger than 1 MiB no more is read", async () => {
  const { url } = await served((_, response) => {
    response.writeHead(200);
    response.on("error", () => {});
    const pump = () =>
      void (
        response.writableEnded ||
        response.destroyed ||
        (response.write("x".repeat(65_536)) ? setImmediate(pump) : response.once("drain", pump))
      );
    pump();
  });
  const sent = await send(url);
  expect("answer" in sent && [sent.answer.text.length < 1_300_000, String(sent.answer.cut)]).toEqual([
    true,
    expect.stringContaining("longer than"),
  ]);
});

test("many submits leave no connection open", async () => {
  const { url, sockets } = await served((_, response) => reply(response, 200, "{}"));
  await Promise.all(Array.from({ length: 20 }, () => send(url)));
  await until(() => sockets.size === 0);
});

test("a fetch of the user's own that ignores its signal, throws at once or returns nonsense does not break the count", async () => {
  const never = (() => new Promise(() => {})) as typeof fetch;
  expect(await send("http://a.test", { timeoutMs: 20 }, never)).toEqual({
    lost: expect.objectContaining({ name: "TimeoutError" }),
  });
  const throwing = (() => {
    throw new Error("now");
  }) as typeof fetch;
  expect(await send("http://a.test", {}, throwing)).toEqual({ lost: expect.objectContaining({ message: "now" }) });
  for (const nonsense of [undefined, null, {}, "x"])
    expect(await send("http://a.test", {}, (async () => nonsense) as never)).toHaveProperty("lost");
});

test("a body of a user's own fetch that stalls and ignores its signal ends with the time-out", async () => {
  const stalled = (async () => new Response(new ReadableStream({}))) as typeof fetch;
  const sent = await send("http://a.test", { timeoutMs: 20 }, stalled);
  expect(sent).toMatchObject({ answer: { status: 200, cut: { name: "TimeoutError" } } });
});

test("the signal that fetch gets is the time-out's alone and never aborts in time", async () => {
  const signals: (AbortSignal | null | undefined)[] = [];
  const custom = (async (_: unknown, init?: RequestInit) => (
    signals.push(init?.signal),
    new Response("{}")
  )) as typeof fetch;
  await send("http://a.test", {}, custom);
  expect(signals.map((signal) => signal?.aborted)).toEqual([false]);
});

test("a fetch put in place of Node's sees the paid POST, and no connection is made", async () => {
  let connections = 0;
  const server = await rawServer(() => connections++);
  const mock = vi.fn<typeof fetch>(async () => Response.json({ id: "mock" }));
  vi.stubGlobal("fetch", mock);
  expect(await send(server.url)).toMatchObject({ answer: { body: { id: "mock" } } });
  expect(mock).toHaveBeenCalledExactlyOnceWith(
    server.url,
    expect.objectContaining({ method: "POST", body: "{}", redirect: "manual" }),
  );
  await turns(50);
  expect(connections).toBe(0);
});

describe("what happens to another request proves nothing", () => {
  const own = fetch;
  const closed = async () => {
    const server = await serve(() => {});
    await server.close();
    return server.url;
  };
  /** Reads the POST and resets the connection. */
  const losing = () =>
    served(async (request) => {
      await readBody(request);
      request.socket.resetAndDestroy();
    });

  test("a log that is sent by a replaced fetch after the POST was answered, and refused", async () => {
    const [{ url }, log] = [await served((_, response) => reply(response, 402)), await closed()];
    vi.stubGlobal("fetch", async (...given: Parameters<typeof fetch>) => {
      const response = await own(...given);
      await own(log);
      return response;
    });
    expect(await send(url)).toHaveProperty("lost");
  });

  test("nor by a custom one", async () => {
    const [{ url }, log] = [await served((_, response) => reply(response, 402)), await closed()];
    const logging: typeof fetch = async (...given) => {
      const response = await own(...given);
      await own(log);
      return response;
    };
    expect(await send(url, {}, logging)).toHaveProperty("lost");
  });

  test("a lost metric beside a custom fetch", async () => {
    const [{ url }, metrics] = [await losing(), await closed()];
    const measuring: typeof fetch = (...given) => {
      void own(metrics).catch(() => {});
      return own(...given);
    };
    expect(await send(url, {}, measuring)).toHaveProperty("lost");
  });

  test("a replaced fetch that sends again: its last error is not of the POST that was read", async () => {
    const { url } = await losing();
    const server = opened.at(-1)!;
    vi.stubGlobal("fetch", async (...given: Parameters<typeof fetch>) => {
      await own(...given).catch(() => {});
      await server.close();
      return own(...given);
    });
    expect(await send(url)).toHaveProperty("lost");
  });
});

test("a custom fetch that cannot connect to the vendor proves that nothing left", async () => {
  const server = await serve(() => {});
  await server.close();
  const plain: typeof fetch = (...given) => fetch(...given);
  expect(await send(server.url, {}, plain)).toHaveProperty("notSent");
});

describe("a dispatcher of another undici that refuses the request", () => {
  const refusal = () =>
    new TypeError("fetch failed", {
      cause: Object.assign(new Error("invalid onRequestStart method"), { code: "UND_ERR_INVALID_ARG" }),
    });

  test("does so at once, and nothing has left", async () => {
    expect(await send("http://a.test", {}, () => Promise.reject(refusal()))).toHaveProperty("notSent");
  });

  test("does not prove it later, when something may have been sent before", async () => {
    const late = async () => {
      await turns(1);
      throw refusal();
    };
    expect(await send("http://a.test", {}, late)).toHaveProperty("lost");
  });
});

test("a header that cannot be made is found before anything is called", async () => {
  const custom = vi.fn<typeof fetch>();
  for (const given of [undefined, custom])
    expect(await send("http://127.0.0.1:1", { headers: { authorization: "a\nb" } }, given)).toHaveProperty("notSent");
  expect(custom).not.toHaveBeenCalled();
});

/** What `fetch` is given, and what becomes of a connect error, on a runtime that only its global names. */
async function elsewhere(globals: Record<string, unknown>, error: Error) {
  const inits: Record<string, unknown>[] = [];
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
  const fail = (_: unknown, init: Record<string, unknown>) => (inits.push(init), Promise.reject(error));
  vi.stubGlobal("fetch", fail);
  const sent = await send("http://a.test");
  const own = await send("http://a.test", {}, fail as never);
  vi.unstubAllGlobals();
  return { init: inits[0], sent, own };
}
const onDeno = new TypeError(
  "error sending request for url (http://a.test/): client error (Connect): tcp connect error",
);

test("on Deno without a client that has no pool, and through a fetch of the user's own, nothing is proved", async () => {
  const { init, sent, own } = await elsewhere({ Deno: {} }, onDeno);
  expect(init).not.toHaveProperty("client");
  expect([sent, own]).toEqual([{ lost: onDeno }, { lost: onDeno }]);
});

test("on Deno the POST goes through one client without a pool, whose errors prove what they say", async () => {
  const made: unknown[] = [];
  const Deno = { createHttpClient: (options: unknown) => (made.push(options), { options }) };
  const first = await elsewhere({ Deno }, onDeno);
  const second = await elsewhere({ Deno }, new TypeError("Connection reset by peer (os error 104)"));
  expect(made).toEqual([{ poolMaxIdlePerHost: 0 }]);
  expect([first.init, second.init]).toMatchObject([{ client: { options: made[0] } }, { client: { options: made[0] } }]);
  expect([first.sent, first.own, second.sent]).toEqual([
    { notSent: onDeno },
    { lost: onDeno },
    { lost: expect.any(TypeError) },
  ]);
});

test("on Bun the POST asks for a connection of its own", async () => {
  const refused = Object.assign(new TypeError("Unable to connect"), { code: "ECONNREFUSED" });
  const { init, sent } = await elsewhere({ Bun: {} }, refused);
  expect([init, sent]).toEqual([
    expect.objectContaining({ keepalive: false, redirect: "manual" }),
    { notSent: refused },
  ]);
});

test("on a runtime that was not measured nothing is proved", async () => {
  const refused = Object.assign(new TypeError("x"), { code: "ECONNREFUSED", syscall: "connect" });
  expect((await elsewhere({ process: undefined }, refused)).sent).toEqual({ lost: refused });
});

test("an answer that came while the process had no time to look is read before its time-out counts", async () => {
  const busy = (ms: number) => {
    for (const since = performance.now(); performance.now() - since < ms;);
  };
  const frozen: typeof fetch = async () => {
    busy(60); // past the time-out; the answer is in the socket meanwhile
    await new Promise(setImmediate);
    return Response.json({ id: "t1" });
  };
  expect(await send("http://localhost", { timeoutMs: 50 }, frozen)).toMatchObject({ answer: { body: { id: "t1" } } });
});

test.each<[string, () => unknown]>([
  ["an error whose message throws", () => Object.defineProperty(new Error(), "cause", { get: unreadable })],
  ["a proxy that cannot be read", () => new Proxy({}, { get: unreadable, has: unreadable, ownKeys: unreadable })],
])("%s proves nothing, and is the end of the exchange all the same", async (_what, thrown) => {
  const error = thrown();
  const sent = await send("http://127.0.0.1:9/", {}, () => {
    throw error;
  });
  expect("lost" in sent && sent.lost === error).toBe(true);
});
const unreadable = () => {
  throw new Error("not for you");
};
