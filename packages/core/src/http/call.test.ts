// Reads over real sockets: bounded in time and size, one attempt each, and no secret in anything they leave.
import { getEventListeners } from "node:events";
import type { RequestListener } from "node:http";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import type { ClientOptions } from "../context/options.ts";
import type { VidtaskError } from "../task/errors.ts";
import type { VidtaskEvent } from "../task/events.ts";
import { acme, createAcme, acmeClient, ref, running } from "../test/acme.ts";
import { serve, type Served } from "../test/serve.ts";
import { turns, until } from "../test/turns.ts";
import { answer, type Step } from "../testing/stub-fetch.ts";
import { errorOf } from "../testing/vendor-suite.ts";

const KEY = "http-test-key-123456";
const opened: Served[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});

async function against(listener: RequestListener, options: ClientOptions = {}) {
  const server = await serve(listener);
  opened.push(server);
  const events: VidtaskEvent[] = [];
  const onEvent = (event: VidtaskEvent) => void events.push(event);
  return { server, events, client: createAcme({ apiKey: KEY, baseUrl: `${server.url}/v1`, onEvent, ...options }) };
}
const failing = async (listener: RequestListener, options?: ClientOptions) => {
  const { client, events } = await against(listener, options);
  return { error: (await errorOf(client.get(ref))) as VidtaskError & { excerpt: string }, events };
};

test("a read sends the key in the authorization header and nowhere else, and asks past every cache", async () => {
  const seen: object[] = [];
  const { client, events } = await against((request, response) => {
    seen.push({ url: request.url, method: request.method, headers: request.headers });
    response.end('{"status":"running"}');
  });
  expect(await client.get(ref)).toMatchObject({ id: "t1", state: "processing" });
  expect(seen).toEqual([
    {
      url: "/v1/tasks/t1",
      method: "GET",
      headers: expect.objectContaining({ authorization: `Bearer ${KEY}`, "cache-control": "no-cache" }),
    },
  ]);
  expect(JSON.stringify(seen).split(KEY)).toHaveLength(2);
  expect(events).toEqual([
    { type: "request", phase: "poll", ref },
    { type: "response", phase: "poll", ref, status: 200 },
  ]);
});

const damages: [name: string, listener: RequestListener, error: object][] = [
  ["a reset", (request) => void request.socket.resetAndDestroy(), { code: "connection" }],
  ["HTML", (_, response) => void response.end("<html>hi</html>"), { code: "protocol", excerpt: "<html>hi</html>" }],
  ["nothing", (_, response) => void response.end(), { code: "protocol", excerpt: "" }],
  [
    "a wrong state",
    (_, response) => void response.end('{"status":"what"}'),
    { code: "protocol", path: "status", expected: expect.stringContaining("queued") },
  ],
  [
    "a cut body",
    (_, response) => {
      response.writeHead(200, { "content-length": "99" }).write('{"status":"done"');
      response.socket?.end();
    },
    { code: "protocol", expected: "JSON, in a whole body" },
  ],
  [
    "more than 1 MiB",
    (_, response) => void response.end(`{"status":"${"x".repeat(1_200_000)}"}`),
    { code: "protocol" },
  ],
  [
    "a redirect",
    (_, response) => void response.writeHead(302, { location: "/elsewhere" }).end(),
    { code: "unknown", status: 302 },
  ],
  ["a 503", (_, response) => void response.writeHead(503).end("down"), { code: "upstream", status: 503 }],
];
for (const [name, listener, expected] of damages)
  test(`${name} instead of an answer is one attempt and a typed error that may be repeated`, async () => {
    let asked = 0;
    const { error } = await failing((request, response) => (asked++, listener(request, response)));
    expect(error).toMatchObject({ vendor: "acme", phase: "poll", ref, retryable: true, ...expected });
    expect(asked).toBe(1);
    expect((error.excerpt ?? "").length).toBeLessThanOrEqual(500);
  });

test("a body that stalls, and an answer that never comes, end with requestTimeout", async () => {
  const progress: string[] = [];
  const told: typeof fetch = (...given) => fetch(...given).finally(() => progress.push("begun"));
  const ending = async (listener: RequestListener, moment: string) => {
    const { client } = await against(listener, { requestTimeout: 60, fetch: told });
    const asking = errorOf(client.get(ref));
    await until(() => progress.includes(moment));
    await turns(); // what came with the head is read
    await vi.advanceTimersByTimeAsync(60);
    return asking;
  };
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const stalling: RequestListener = (_, response) => void response.writeHead(200).write('{"status":');
  const late = { retryable: true, cause: { name: "TimeoutError" } };
  expect(await ending(stalling, "begun")).toMatchObject({ ...late, code: "protocol" });
  expect(await ending(() => void progress.push("asked"), "asked")).toMatchObject({ ...late, code: "connection" });
});

test("a read is given up after 30 s", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const never: Step = () => new Promise<never>(() => {});
  const { client, seen } = acmeClient([never]);
  let isOver = false;
  const asking = errorOf(client.get(ref)).finally(() => void (isOver = true));
  await until(() => seen.length === 1);
  await vi.advanceTimersByTimeAsync(29_000);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await asking).toMatchObject({ code: "connection", cause: { name: "TimeoutError" } });
});

test("a read does not follow a redirect", async () => {
  let heard = 0;
  const target = await serve((_, response) => (heard++, void response.end('{"status":"running"}')));
  opened.push(target);
  await failing((_, response) => void response.writeHead(307, { location: target.url }).end());
  expect(heard).toBe(0);
});

test("a refusal in words that are empty is told by its status", async () => {
  const empty = answer(402, { error: { code: "no_money", message: "" } });
  const { message } = (await errorOf(acmeClient([empty]).client.get(ref))) as Error;
  expect(message).toMatch(/^acme: HTTP 402/);
});

test("Retry-After is read in seconds, and as a date against the answer's own Date", async () => {
  const wait = async (headers: Record<string, string>) => {
    const error = await errorOf(acmeClient([answer(429, {}, headers)]).client.get(ref));
    return (error as { retryAfterMs?: number }).retryAfterMs;
  };
  const date = "Thu, 01 Jan 1998 00:00:00 GMT";
  expect(await wait({ "retry-after": "7" })).toBe(7_000);
  expect(await wait({ "retry-after": "Thu, 01 Jan 1998 00:02:00 GMT", date })).toBe(120_000);
  expect(await wait({ "retry-after": "Wed, 31 Dec 1997 00:00:00 GMT", date })).toBe(0);
  expect(await wait({ "retry-after": "1.5", date })).toBe(1_500);
  expect(await wait({ "retry-after": "5, 7", date })).toBe(5_000);
  for (const odd of [
    { "retry-after": "Thu, 01 Jan 1998 00:02:00 GMT" },
    { "retry-after": "soon", date },
    { "retry-after": "-5", date },
    { "retry-after": "+5", date },
    {},
  ])
    expect(await wait(odd as Record<string, string>)).toBeUndefined();
});

test.each(["9".repeat(20), "9".repeat(400), "Wed, 21 Oct 9999 07:28:00 GMT"])(
  "of a Retry-After of %s no more is taken than a timer can wait",
  async (wait) => {
    const headers = { "retry-after": wait, date: "Thu, 01 Jan 1998 00:00:00 GMT" };
    expect(await errorOf(acmeClient([answer(429, {}, headers)]).client.get(ref))).toMatchObject({
      retryAfterMs: 2 ** 30,
    });
  },
);

test("an abort settles at once even when the fetch ignores its signal, and leaves no listener", async () => {
  const never = (() => new Promise(() => {})) as typeof fetch;
  const controller = new AbortController();
  const { client } = acmeClient([], { fetch: never });
  const asking = errorOf(client.get(ref, { signal: controller.signal }));
  await new Promise(setImmediate);
  controller.abort();
  expect(await asking).toMatchObject({ name: "AbortError", code: "aborted", ref });
  await new Promise(setImmediate);
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
});

test("a signal that has aborted before sends nothing, also through a fetch that ignores it", async () => {
  let calls = 0;
  const counting = (async () => (calls++, new Response("{}"))) as typeof fetch;
  const { client, events } = acmeClient([], { fetch: counting });
  expect(await errorOf(client.get(ref, { signal: AbortSignal.abort() }))).toMatchObject({ code: "aborted" });
  await new Promise(setImmediate);
  expect(calls).toBe(0);
  expect(events).toEqual([]);
});

test("requestTimeout holds for a fetch of the user's own that ignores its signal, headers and body", async () => {
  const silent = (() => new Promise(() => {})) as typeof fetch;
  const stalled = (async () => new Response(new ReadableStream({}))) as typeof fetch;
  for (const [fetch, code] of [
    [silent, "connection"],
    [stalled, "protocol"],
  ] as const) {
    const error = await errorOf(acmeClient([], { fetch, requestTimeout: 20 }).client.get(ref));
    expect(error).toMatchObject({ code, retryable: true, cause: { name: "TimeoutError" } });
  }
});

test("no cache of the runtime answers a read", async () => {
  const caches: string[] = [];
  const noting = (async (input: Request | URL | string, init?: RequestInit) => {
    caches.push(new Request(input, init).cache);
    return Response.json({ status: "running" });
  }) as typeof fetch;
  await acmeClient([], { fetch: noting }).client.get(ref);
  expect(caches).toEqual(["no-store"]);
});

test("the key is in no error and no event, whatever the server echoes and whatever the runtime says", async () => {
  const echo: RequestListener = (request, response) =>
    void response
      .writeHead(Number(request.headers["x-status"] ?? 400))
      .end(JSON.stringify({ error: { code: KEY, message: `${request.headers.authorization}` } }));
  const failures = [
    await failing(echo),
    await failing((_, response) => void response.end(`{"status":"${KEY}"}`)),
    await failing((_, response) => void response.writeHead(302, { location: `https://x.test/?k=${KEY}` }).end()),
    await failing(() => {}, {
      fetch: () =>
        Promise.reject(new TypeError(`for url (https://a.test/?k=${KEY})`, { cause: new Error(`Bearer ${KEY}`) })),
    }),
  ];
  for (const { error, events } of failures) {
    const shown = [
      JSON.stringify(error),
      String(error.stack),
      String((error.cause as Error)?.stack),
      JSON.stringify(events),
    ].join();
    expect(shown).not.toContain(KEY);
  }
});

test("a hostile adapter's errors become a ProtocolError whose path and words are bounded", async () => {
  const thrown = [
    undefined,
    null,
    7,
    new TypeError("x"),
    { issues: "no" },
    { issues: [] },
    { issues: [null] },
    { issues: [{ path: "flat", message: KEY }] },
    { issues: [{ path: [KEY.repeat(1_000), Symbol("s")], values: [1n, KEY] }] },
    { issues: [{ values: "no", expected: { deep: 1 } }] },
  ];
  for (const error of thrown) {
    const task = () => {
      throw error;
    };
    const { client } = acmeClient([running], { apiKey: KEY }, { status: { ...acme.status, read: task as never } });
    const found = (await errorOf(client.get(ref))) as Error;
    expect(found).toMatchObject({ code: "protocol", ref });
    expect(found.message.length).toBeLessThan(2_000);
    expect(found.message).not.toContain(KEY);
  }
});
