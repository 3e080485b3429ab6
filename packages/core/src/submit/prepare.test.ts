import { describe, expect, onTestFinished, test, vi } from "vitest";
import { defineVendor } from "../client/create-client.ts";
import type { ClientOptions } from "../context/options.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { accepted, acme, request } from "../test/acme.ts";
import { handClock } from "../test/hand-clock.ts";
import { until } from "../test/turns.ts";
import { answer, type Step } from "../testing/stub-fetch.ts";
import { assertNoSecret, errorOf, KEY, type Create } from "../testing/vendor-suite.ts";
import type { Adapter } from "../vendor-spec/spec.ts";

const place = { put: "https://bucket.acme.test/in?signature=s", url: "https://cdn.acme.test/in.png" };
const png = new Blob(["bytes"], { type: "image/png" });
const way: NonNullable<Adapter["upload"]> = {
  call: ({ name, type, size }) => ({ method: "POST", path: "/files", json: { name, type, size } }),
  read: (body) => body as { put?: string; url: string },
};
const formWith = (file: Blob, name: string): FormData => {
  const data = new FormData();
  data.set("file", file, name);
  return data;
};
const form: NonNullable<NonNullable<Adapter["upload"]>["form"]> = (file, name) => ({
  method: "POST",
  path: "/form",
  form: formWith(file, name),
});

type Seen = { method: string; path: string; headers: Headers; body: Blob };
/** A client of a vendor that takes files, with an answer by path. */
function uploading(
  answers: Record<string, Step>,
  options: ClientOptions = {},
  upload: Adapter["upload"] = { ...way, form },
) {
  const seen: Seen[] = [];
  const steps: Record<string, Step> = {
    "/v1/tasks": accepted,
    "/v1/files": answer(200, place),
    "/in": answer(200),
    ...answers,
  };
  const fetch = async (input: Request | URL | string, init?: RequestInit): Promise<Response> => {
    const given = new Request(input, init);
    given.signal.throwIfAborted();
    const { method, headers } = given;
    const { pathname: path } = new URL(given.url);
    seen.push({ method, path, headers, body: await given.blob() });
    const step = steps[path];
    if (!step) throw new TypeError(`nothing at ${path}`);
    const work = Promise.resolve(step({ method, url: given.url, headers, body: "" }));
    return await new Promise((resolve, reject) => {
      given.signal.addEventListener("abort", () => reject(given.signal.reason as Error));
      work.then(resolve, reject);
    });
  };
  const change = upload === undefined ? {} : { upload };
  const client = (defineVendor({ ...acme, ...change }) as Create)({
    apiKey: KEY,
    fetch: fetch as typeof globalThis.fetch,
    clock: handClock(),
    ...options,
  });
  const paths = () => seen.map(({ method, path }) => `${method} ${path}`);
  const submitted = async () =>
    JSON.parse((await seen.at(-1)?.body.text()) ?? "") as { input: { image?: string; end?: string } };
  return { client, seen, paths, submitted };
}

describe("the vendor's own way", () => {
  test("asks for a place, puts the bytes there without the API key, and submits the URL", async () => {
    const { client, seen, paths, submitted } = uploading({});
    await client.submit({ ...request, image: new File(["bytes"], "me.png", { type: "image/png" }) });
    expect(paths()).toEqual(["POST /v1/files", "PUT /in", "POST /v1/tasks"]);
    const [asked, put] = seen;
    expect(JSON.parse((await asked?.body.text()) ?? "")).toEqual({ name: "me.png", type: "image/png", size: 5 });
    expect(await put?.body.text()).toBe("bytes");
    expect(put?.headers.get("content-type")).toBe("image/png");
    expect(put?.headers.has("authorization")).toBe(false);
    assertNoSecret([...(put?.headers ?? [])]);
    expect((await submitted()).input.image).toBe(place.url);
  });

  test("needs no PUT where the bytes are there already", async () => {
    const { client, paths, submitted } = uploading({ "/v1/files": answer(200, { url: place.url }) });
    await client.submit({ ...request, image: png });
    expect(paths()).toEqual(["POST /v1/files", "POST /v1/tasks"]);
    expect((await submitted()).input.image).toBe(place.url);
  });

  test("sends the bytes with the question where there is no place to ask for", async () => {
    const call: typeof way.call = ({ name }, bytes) => ({ path: "/files", form: formWith(bytes, name) });
    const { client, seen, paths } = uploading({ "/v1/files": answer(200, { url: place.url }) }, {}, { ...way, call });
    await client.submit({ ...request, image: png });
    expect(paths()).toEqual(["POST /v1/files", "POST /v1/tasks"]);
    expect(await seen[0]?.body.text()).toMatch(/filename="image\.png"[^]*bytes/);
    expect(seen[0]?.headers.get("authorization")).toBe(`Bearer ${KEY}`);
  });

  test("posts the bytes as the last part of a form, without the API key, where the place is one", async () => {
    const post = { url: "https://bucket.acme.test/in", fields: { policy: "p", key: "k/${filename}" } };
    const { client, seen, paths, submitted } = uploading({
      "/v1/files": answer(200, { post, url: "acme://files/1" }),
      "/in": answer(204),
    });
    await client.submit({ ...request, image: png });
    expect(paths()).toEqual(["POST /v1/files", "POST /in", "POST /v1/tasks"]);
    const [, posted] = seen;
    expect(posted?.headers.get("content-type")).toMatch(/^multipart\/form-data; boundary=/);
    const text = (await posted?.body.text()) ?? "";
    const parts = [...text.matchAll(/ name="(\w+)"/g)].map(([, name]) => name);
    expect(parts).toEqual(["policy", "key", "file"]);
    expect(text).toContain("bytes");
    assertNoSecret([...(posted?.headers ?? [])], text);
    expect((await submitted()).input.image).toBe("acme://files/1");
  });

  test.each(["runway://f-1", "gs://bucket/in.png", "mm_file://17"])("a file may have a URI like %s", async (url) => {
    const { client, submitted } = uploading({ "/v1/files": answer(200, { url }) });
    await client.submit({ ...request, image: png });
    expect((await submitted()).input.image).toBe(url);
  });

  test.each(["", "in.png", "/files/1", "data:image/png;base64,AA==", "acme://a b", 7, null])(
    "nothing is submitted where the vendor names a file %j",
    async (url) => {
      const { client, paths } = uploading({ "/v1/files": answer(200, { url }) }, {}, way);
      const error = await errorOf(client.submit({ ...request, image: png }));
      expect(error).toMatchObject({ name: "ConnectionError", billed: "no" });
      expect(paths()).toEqual(["POST /v1/files"]);
    },
  );

  test("takes every file of a request, and only files", async () => {
    const { client, paths, submitted } = uploading({});
    await client.submit({
      ...request,
      image: "data:image/gif;base64,R0lG",
      endImage: new URL("https://a.test/end.png"),
    });
    expect(paths().filter((path) => path.startsWith("PUT"))).toHaveLength(1);
    expect((await submitted()).input).toEqual({ image: place.url, end: "https://a.test/end.png" });
    const both = uploading({});
    await both.client.submit({ ...request, image: png, endImage: "data:text/plain,x" });
    expect(both.paths().filter((path) => path.startsWith("PUT"))).toHaveLength(2);
  });

  test.each([
    ["image/jpeg", "image.jpeg"],
    ["image/svg+xml;charset=utf-8", "image.svg+xml"],
    ["", "image.bin"],
    ["odd", "image.bin"],
  ])("a Blob of type %s is called %s and is never without a type", async (type, name) => {
    const { client, seen } = uploading({});
    await client.submit({ ...request, image: new Blob(["x"], { type }) });
    const asked = JSON.parse((await seen[0]?.body.text()) ?? "") as { name: string; type: string };
    expect(asked).toMatchObject({ name, type: type || "application/octet-stream" });
    expect(seen[1]?.headers.get("content-type")).toBe(asked.type);
  });
});

describe("when that way fails", () => {
  const broken: Record<string, Record<string, Step>> = {
    "there is no place": { "/v1/files": answer(500, {}) },
    "the place is refused": { "/v1/files": answer(400, {}) },
    "the answer is no place": { "/v1/files": answer(200, "<p>") },
    "the storage refuses": { "/in": answer(403) },
    "the storage redirects": { "/in": answer(307, "", { location: "https://elsewhere.test/" }) },
    "the storage resets": {
      "/in": () => {
        throw new TypeError("fetch failed");
      },
    },
  };
  for (const [name, answers] of Object.entries(broken)) {
    test(`because ${name}, the form takes the bytes, and the fault is told`, async () => {
      const events: unknown[] = [];
      const all = { ...answers, "/v1/form": answer(200, { url: "https://cdn.acme.test/form.png" }) };
      const { client, paths, submitted } = uploading(all, { onEvent: (event) => void events.push(event) });
      await client.submit({ ...request, image: png });
      expect(paths().slice(-2)).toEqual(["POST /v1/form", "POST /v1/tasks"]);
      expect((await submitted()).input.image).toBe("https://cdn.acme.test/form.png");
      expect(events).toContainEqual(expect.objectContaining({ type: "fault", phase: "submit" }));
      assertNoSecret(events);
    });

    test(`because ${name}, and there is no form, nothing is submitted and nothing billed`, async () => {
      const journal = memoryJournal();
      const { client, paths } = uploading(answers, { journal }, way);
      const error = await errorOf(client.submit({ ...request, image: png }, { idempotencyKey: "k" }));
      expect(error).toMatchObject({ billed: "no", phase: "submit", idempotencyKey: "k" });
      expect(["ConnectionError", "VendorError"]).toContain((error as Error).name);
      expect(paths()).not.toContain("POST /v1/tasks");
      expect((await journal.get("k"))?.state).toBe("refused");
      assertNoSecret(error);
    });
  }

  test("because the key is refused, the form is not tried: it would be refused as well", async () => {
    const { client, paths } = uploading({ "/v1/files": answer(401, {}), "/v1/form": answer(200, place) });
    const error = await errorOf(client.submit({ ...request, image: png }));
    expect(error).toMatchObject({ name: "VendorError", code: "unauthorized", billed: "no" });
    expect(paths()).toEqual(["POST /v1/files"]);
  });

  test("and the form fails too, the error is the form's", async () => {
    const { client } = uploading({ "/in": answer(403), "/v1/form": answer(413, {}) });
    const error = await errorOf(client.submit({ ...request, image: png }));
    expect(error).toMatchObject({ name: "VendorError", status: 413, billed: "no" });
  });
});

test.each([
  "http://bucket.acme.test/in",
  "https://127.0.0.1/in",
  "https://169.254.169.254/latest",
  "https://user:pass@bucket.acme.test/in",
  "https://bucket.local/in",
  "ftp://bucket.acme.test/in",
  "no url",
])("bytes are put and posted to no such place as %s", async (target) => {
  for (const to of [{ put: target }, { post: { url: target, fields: {} } }]) {
    const { client, paths } = uploading({ "/v1/files": answer(200, { ...to, url: place.url }) }, {}, way);
    const error = await errorOf(client.submit({ ...request, image: png }));
    expect(error).toMatchObject({ name: "ConnectionError", billed: "no" });
    expect(paths()).toEqual(["POST /v1/files"]);
  }
});

test("bytes may be put to the very host that baseUrl names, an emulator's for one", async () => {
  const { client, paths } = uploading(
    { "/files": answer(200, { put: "http://127.0.0.1:8080/in", url: "http://127.0.0.1:8080/in" }), "/tasks": accepted },
    { baseUrl: "http://127.0.0.1:8080" },
    way,
  );
  await client.submit({ ...request, image: png });
  expect(paths()).toEqual(["POST /files", "PUT /in", "POST /tasks"]);
});

describe("the client's own upload", () => {
  test("goes before the vendor's, and gets the file with a signal", async () => {
    const given: unknown[] = [];
    const upload: ClientOptions["upload"] = async (file, { signal }) => {
      given.push(file.type, await file.text(), signal?.aborted);
      return new URL("https://mine.test/in.png");
    };
    const { client, paths, submitted } = uploading({}, { upload });
    await client.submit({ ...request, image: png, endImage: "data:text/plain;base64,eHl6" });
    expect(paths()).toEqual(["POST /v1/tasks"]);
    expect(given).toEqual(["image/png", "bytes", false, "text/plain", "xyz", false]);
    expect((await submitted()).input.image).toBe("https://mine.test/in.png");
  });

  const wrong: Record<string, ClientOptions["upload"]> = {
    rejects: () => Promise.reject(new Error(`no bucket ${KEY}`)),
    throws: () => {
      throw new Error("no bucket");
    },
  };
  for (const [name, upload] of Object.entries(wrong))
    test(`that ${name} is a ConnectionError that bills nothing and frees the key`, async () => {
      const journal = memoryJournal();
      const { client, paths } = uploading({}, { upload, journal });
      const error = await errorOf(client.submit({ ...request, image: png }, { idempotencyKey: "k" }));
      expect(error).toMatchObject({ name: "ConnectionError", billed: "no", retryable: true, idempotencyKey: "k" });
      expect(paths()).toEqual([]);
      expect((await journal.get("k"))?.state).toBe("refused");
      assertNoSecret(error);
    });

  const noUrl = { "no URL": "in.png", "a file URL": "file:///etc/passwd", nothing: undefined };
  test.each(Object.entries(noUrl))("that gives %s is refused as an option, and frees the key", async (_, given) => {
    const journal = memoryJournal();
    const { client, paths } = uploading({}, { upload: async () => given as string, journal });
    const error = await errorOf(client.submit({ ...request, image: png }, { idempotencyKey: "k" }));
    expect(error).toMatchObject({ name: "InvalidRequestError", billed: "no", retryable: false, idempotencyKey: "k" });
    expect(error).toMatchObject({ issues: [{ path: "upload" }] });
    expect(paths()).toEqual([]);
    expect((await journal.get("k"))?.state).toBe("refused");
  });

  test("that never ends is ended by the submit's time-out, by an abort and by drain", async () => {
    let begun = 0;
    const never = { upload: () => (begun++, new Promise<never>(() => {})) };
    const late = await errorOf(uploading({}, never).client.submit({ ...request, image: png }, { submitTimeout: 20 }));
    expect(late).toMatchObject({ name: "ConnectionError", billed: "no" });

    const controller = new AbortController();
    const { client } = uploading({}, never);
    const aborting = errorOf(
      client.submit({ ...request, image: png }, { signal: controller.signal, idempotencyKey: "a" }),
    );
    const draining = errorOf(client.submit({ ...request, image: png }, { idempotencyKey: "b" }));
    await until(() => begun === 3);
    controller.abort();
    expect(await aborting).toMatchObject({ code: "aborted", billed: "no" });
    await client.drain();
    expect(await draining).toMatchObject({ code: "aborted", billed: "no" });
  });
});

describe("time", () => {
  const withFakeTimers = () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
  };

  test.each(["/v1/files", "/in"])("50 s without an answer from %s leave time for the form", async (stuck) => {
    withFakeTimers();
    const silence: Step = () => new Promise(() => {});
    const { client, paths } = uploading({ [stuck]: silence, "/v1/form": answer(200, { url: place.url }) });
    const submitting = client.submit({ ...request, image: png });
    await until(() => paths().some((path) => path.endsWith(` ${stuck}`)));
    await vi.advanceTimersByTimeAsync(49_000);
    expect(paths()).not.toContain("POST /v1/form");
    await vi.advanceTimersByTimeAsync(2_000);
    await until(() => paths().includes("POST /v1/tasks"));
    expect((await submitting).state).toBe("pending");
    expect(paths()).toContain("POST /v1/form");
  });

  test("a storage that ignores the time-out holds nothing up", async () => {
    withFakeTimers();
    const paths: string[] = [];
    const deaf = (async (input: Request | URL | string, init?: RequestInit) => {
      const { pathname } = new URL(new Request(input, init).url);
      paths.push(pathname);
      if (pathname === "/in") return new Promise<never>(() => {});
      return pathname.endsWith("/tasks")
        ? Response.json({ id: "t1" })
        : Response.json(pathname.endsWith("/form") ? { url: place.url } : place);
    }) as typeof fetch;
    const { client } = uploading({}, { fetch: deaf });
    const submitting = client.submit({ ...request, image: png });
    await until(() => paths.includes("/in"));
    await vi.advanceTimersByTimeAsync(51_000);
    expect((await submitting).state).toBe("pending");
  });
});
