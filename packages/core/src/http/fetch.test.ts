// What a `fetch` of the user's own is given by every call, and what it may answer with.
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { openVideo } from "../client/functions.ts";
import { acmeClient } from "../test/acme.ts";
import type { HttpCall } from "../vendor-spec/call.ts";

type Given = [url: unknown, init: { [name: string]: unknown }];

const png = new Blob(["png"], { type: "image/png" });
const mp4 = Buffer.concat(
  ["ftyp", "moov", "mdat"].map((type) => Buffer.from([0, 0, 0, 8, ...Buffer.from(type, "latin1")])),
);
const form = (): HttpCall => {
  const body = new FormData();
  body.set("file", png, "a.png");
  return { method: "POST", path: "/form", form: body };
};
const upload = {
  call: (): HttpCall => ({ method: "POST", path: "/files", json: { name: "a.png" } }),
  read: (body: unknown) => body as { url: string; put?: string },
  form,
};
const answers: { [path: string]: (respond: typeof Response.json) => Response } = {
  "/v1/files": (json) => json({ url: "https://cdn.acme.test/a.png", put: "https://put.acme.test/in" }),
  "/in": () => new Response(null, { status: 403 }),
  "/v1/form": (json) => json({ url: "https://cdn.acme.test/a.png" }),
  "/v1/tasks": (json) => json({ id: "t1" }),
  "/v1/tasks/t1": (json) => json({ status: "done", url: "https://cdn.acme.test/v.mp4" }),
  "/v.mp4": () => new Response(mp4, { headers: { "content-length": String(mp4.length) } }),
};

/** Uploads, submits, reads and downloads through a fetch. @returns what each call was given, by path */
async function everyCall(change: (response: Response) => Response = (response) => response) {
  const given = new Map<string, Given>();
  const own = async (...args: Given) => {
    const { pathname } = new URL(String(args[0]));
    given.set(pathname, args);
    return change(answers[pathname]!((body) => Response.json(body)));
  };
  const { client } = acmeClient([], { fetch: own as never }, { upload });
  const task = await client.submit({ model: "acme-1", prompt: "x", image: png });
  const { stream } = await openVideo(client, await client.get(task));
  expect(Buffer.from(await new Response(stream).arrayBuffer())).toEqual(mp4);
  return given;
}

describe("every call gives a fetch of the user's own what all of them take", async () => {
  const given = await everyCall();

  test("and there is one of each kind", () => {
    expect([...given.keys()]).toEqual(["/v1/files", "/in", "/v1/form", "/v1/tasks", "/v1/tasks/t1", "/v.mp4"]);
  });

  test.each(Object.keys(answers))("%s", (path) => {
    const [url, init, ...more] = given.get(path)!;
    expect(url).toBeTypeOf("string");
    expect(more).toEqual([]);
    const { method, headers, body, redirect, signal, cache, ...rest } = init;
    expect(rest).toEqual({});
    expect(headers).toSatisfy((value: object) => Object.getPrototypeOf(value) === Object.prototype);
    expect(body === undefined || typeof body === "string" || body instanceof Uint8Array).toBe(true);
    expect(signal).toBeInstanceOf(AbortSignal);
    expect({ method, redirect, cache }).toMatchObject({ redirect: "manual" });
  });

  test("a form as its bytes, with the boundary in its type", async () => {
    const [, { headers, body }] = given.get("/v1/form")!;
    const read = await new Response(body as Uint8Array<ArrayBuffer>, { headers: headers as never }).formData();
    expect((read.get("file") as File).name).toBe("a.png");
  });

  test.each(["/v1/files", "/v1/form", "/v1/tasks", "/v1/tasks/t1"])("none from a cache: %s", (path) => {
    expect(given.get(path)![1]["cache"]).toBe("no-store");
  });

  test("JSON as text", () => {
    expect(given.get("/v1/files")![1]["body"]).toBe('{"name":"a.png"}');
  });

  test("a file as its bytes", () => {
    expect(given.get("/in")![1]["body"]).toEqual(new TextEncoder().encode("png"));
  });
});

test("an answer may have a stream of Node's as its body, as those of node-fetch", async () => {
  const likeNodeFetch = ({ status, headers, body, ok }: Response) =>
    ({
      status,
      ok,
      headers,
      body: body && Readable.fromWeb(body as never),
      [Symbol.toStringTag]: "Response",
    }) as unknown as Response;
  expect((await everyCall(likeNodeFetch)).size).toBe(6);
});

type Change = (response: Response) => object;
const plain = ({ headers }: Response) => Object.fromEntries(headers);
test.each<[string, Change]>([
  [
    "bytes, as a polyfill without streams",
    (given) => ({ status: given.status, headers: given.headers, arrayBuffer: () => given.arrayBuffer() }),
  ],
  [
    "a stream of texts",
    (given) => ({
      status: given.status,
      headers: given.headers,
      body: given.body && Readable.fromWeb(given.body as never).setEncoding("utf8"),
    }),
  ],
  [
    "plain headers",
    (given) => ({ status: given.status, headers: plain(given), arrayBuffer: () => given.arrayBuffer() }),
  ],
])("an answer may have %s", async (_what, change) => {
  expect((await everyCall(change as (response: Response) => Response)).size).toBe(6);
});

test.each<[string, object]>([
  ["text()", { status: 200, headers: new Headers(), text: async () => '{"id":"t1"}' }],
  ["json() alone, as a mock", { ok: true, status: 200, json: async () => ({ id: "t1" }) }],
  ["json() and a body that is null", { status: 200, headers: {}, body: null, json: async () => ({ id: "t1" }) }],
])("the task of an answer with %s is not lost", async (_what, response) => {
  const { client } = acmeClient([], { fetch: (async () => response) as never });
  expect((await client.submit({ model: "acme-1", prompt: "x" })).id).toBe("t1");
});
