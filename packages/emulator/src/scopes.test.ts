import { afterEach, beforeEach, expect, test } from "vitest";
import { createEmulator, type Emulator, type EmulatorServer } from "./emulator.ts";
import { call, control } from "./test/control-helpers.ts";
import { client, textToVideo, urlOf } from "./test/helpers.ts";

let emulator: Emulator;
let server: EmulatorServer;
beforeEach(async () => {
  emulator = createEmulator({ clock: "manual" });
  server = await emulator.listen();
});
afterEach(() => server.close());

const of = (scope?: string) => client(server.for("apixo", scope));

test("each has tasks, ledger, logs and credits of its own", async () => {
  const id = await of("one").created(textToVideo);
  expect(emulator.scope("one").ledger).toHaveLength(1);
  expect(emulator.scope("one").requests).toHaveLength(1);
  expect(emulator.scope("two").ledger).toEqual([]);
  expect(emulator.ledger).toEqual([]);
  expect(emulator.requests).toEqual([]);
  expect((await of("two").status(id)).status).toBe(404);
  expect((await of("one").balance()).body.data).toBe(99.9);
  expect((await of("two").balance()).body.data).toBe(100);
});

test("each has faults and a clock of its own, and is reset alone", async () => {
  emulator.scope("one").injectFault({ on: "submit", kind: "500" });
  expect((await of("two").submit(textToVideo)).status).toBe(200);
  expect((await of("one").submit(textToVideo)).status).toBe(500);
  await emulator.scope("one").clock.advance(5_000);
  expect(emulator.scope("one").clock.now() - emulator.clock.now()).toBe(5_000);
  emulator.reset();
  expect(emulator.scope("two").ledger).toHaveLength(1);
  emulator.scope("two").reset();
  expect(emulator.scope("two").ledger).toEqual([]);
});

test("the same seed draws the same in each", async () => {
  expect(await of("one").created(textToVideo)).toBe(await of("two").created(textToVideo));
});

test("a result's URL leads into its scope, however that was named", async () => {
  const { apiKey, baseUrl } = server.for("apixo");
  const named = client({
    apiKey,
    baseUrl,
    fetch: (url, init) => {
      const headers = new Headers(init?.headers);
      headers.set("x-emulator-scope", "by-header");
      return fetch(url, { ...init, headers });
    },
  });
  for (const [calls, scope] of [
    [named, "by-header"],
    [of("by-path"), "by-path"],
  ] as const) {
    const id = await calls.created(textToVideo);
    await emulator.scope(scope).clock.advance(100_000);
    const url = urlOf(await calls.status(id));
    expect(url).toBe(`${server.url}/_scope/${scope}/results/apixo/${id}.mp4`);
    expect((await fetch(url)).headers.get("content-type")).toBe("video/mp4");
  }
});

test("a file that was uploaded in one is found there", async () => {
  const { apiKey, baseUrl } = server.for("apimodels", "one");
  const form = new FormData();
  form.set("file", new Blob(["picture"], { type: "image/png" }), "a.png");
  const answer = await fetch(`${baseUrl}/files`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}` },
    body: form,
  });
  const { data } = (await answer.json()) as { data: { publicUrl: string } };
  expect(data.publicUrl).toContain("/_scope/one/files/");
  expect(await (await fetch(data.publicUrl)).text()).toBe("picture");
});

test("a redirect stays inside", async () => {
  emulator.scope("one").injectFault({ on: "poll", kind: "307" });
  const { apiKey, baseUrl } = server.for("apixo", "one");
  const answer = await fetch(`${baseUrl}/statusTask/kling-2-6?taskId=task_1`, {
    redirect: "manual",
    headers: { authorization: `Bearer ${apiKey}` },
  });
  expect(answer.headers.get("location")).toBe(`${baseUrl}/statusTask/kling-2-6?taskId=task_1`);
});

test("the control API drives the scope that it is called in, and lists and drops them", async () => {
  await of("one").created(textToVideo);
  const one = control(server, "/_scope/one");
  expect((await one.get("/tasks")).body).toMatchObject({ total: 1 });
  expect((await control(server).get("/tasks")).body).toMatchObject({ total: 0 });
  expect((await control(server).get("/scopes")).body).toEqual({ scopes: ["one"] });
  expect((await control(server).del("/scopes/one")).body).toEqual({ scopes: [] });
  expect((await one.get("/tasks")).body).toMatchObject({ total: 0 });
});

test.each(["/_scope//api/v1/balance", "/_scope/a%2Fb/api/v1/balance", "/_scope/..x!/api/v1/balance"])(
  "a name that is none is refused: %s",
  async (path) => {
    const { status, body } = await call(server, path);
    expect([status, body]).toMatchObject([400, { error: { code: "scope" } }]);
  },
);

test("a name in process keeps the same rule", () => {
  expect(() => emulator.scope("a b")).toThrow(/the name of a scope has 1 to 64 letters/);
  expect(emulator.scope("one")).toBe(emulator.scope("one"));
});

test("a thousand stay, and then the one that was used longest ago goes", () => {
  const first = emulator.scope("first");
  for (let count = 1; count < 1_000; count++) emulator.scope(`s${count}`);
  expect(emulator.scope("first")).toBe(first);
  emulator.scope("one-more");
  expect(emulator.scope("first")).toBe(first);
  const second = emulator.scope("s2");
  for (let count = 0; count < 1_000; count++) emulator.scope(`t${count}`);
  expect(emulator.scope("s2")).not.toBe(second);
});
