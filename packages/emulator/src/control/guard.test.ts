import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEmulator, type Emulator, type EmulatorServer } from "../emulator.ts";
import { call } from "../test/control-helpers.ts";
import { client, textToVideo } from "../test/helpers.ts";

let emulator: Emulator;
let server: EmulatorServer;
let port: string;
let taskId: string;
beforeAll(async () => {
  emulator = createEmulator({ clock: "manual" });
  server = await emulator.listen();
  ({ port } = new URL(server.url));
  taskId = await client(server.for("apixo")).created(textToVideo);
});
afterAll(() => server.close());

const token = () => ({ authorization: `Bearer ${server.token}` });
const reads = ["/_emulator", "/_emulator/tasks", "/_emulator/requests", "/_emulator/events", "/_emulator/page.js", "/"];
const changes: [string, string, object?][] = [
  ["POST", "/_emulator/faults", { on: "poll", kind: "503" }],
  ["DELETE", "/_emulator/faults"],
  ["POST", "/_emulator/reset"],
  ["POST", "/_emulator/clock/advance", { ms: 1 }],
  ["DELETE", "/_emulator/scopes/one"],
];

describe("a page of another site", () => {
  test.each(reads)("cannot read %s under a name of its own that points here", async (path) => {
    const answer = await call(server, path, { headers: { host: `evil.example:${port}` } });
    expect(answer.status).toBe(403);
    expect(answer.text).not.toContain(server.token);
  });
  test.each([
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "0.0.0.0",
    "10.0.0.1",
    "emulator.test",
  ])("cannot reach a vendor as %s either", async (name) => {
    const answer = await call(server, "/api/v1/balance", { headers: { host: `${name}:${port}` } });
    expect(answer.status).toBe(403);
  });
  test.each(reads)("cannot read %s with an Origin of its own", async (path) => {
    expect((await call(server, path, { headers: { origin: "https://evil.example" } })).status).toBe(403);
  });
  test.each(["null", "http://localhost", "http://127.0.0.1:1", "https://evil.example"])(
    "cannot drive it from the origin %s, even with the token",
    async (origin) => {
      const answer = await call(server, "/_emulator/reset", { method: "POST", headers: { origin, ...token() } });
      expect([answer.status, answer.body]).toMatchObject([403, { error: { code: "origin" } }]);
    },
  );
  test.each(["cross-site", "same-site"])("cannot load the script, a list or events (%s)", async (site) => {
    for (const path of ["/_emulator/page.js", "/_emulator/tasks", "/_emulator/events"]) {
      const answer = await call(server, path, { headers: { "sec-fetch-site": site, "sec-fetch-mode": "no-cors" } });
      expect(answer.status).toBe(403);
    }
  });
  test.each(["cross-site", "same-site"])("meets no vendor, no fault and no scope (%s)", async (site) => {
    const before = emulator.requests.length;
    emulator.injectFault({ on: "poll", kind: "503" });
    for (const path of [
      "/api/v1/statusTask/kling-2-6?taskId=1",
      "/v1/credits",
      "/_scope/new/",
      "/_scope/new/api/v1/balance",
    ]) {
      const headers = { "sec-fetch-site": site, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" };
      expect((await call(server, path, { headers })).status).toBe(403);
    }
    expect(emulator.requests).toHaveLength(before);
    expect((await call(server, "/_emulator/faults")).body["faults"]).toHaveLength(1);
    expect((await call(server, "/_emulator/scopes")).body).toEqual({ scopes: [] });
    emulator.reset();
    taskId = await client(server.for("apixo")).created(textToVideo);
  });
  test("may show a result, if it knows where", async () => {
    const headers = { "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "video" };
    await emulator.clock.advance(100_000);
    expect((await call(server, `/results/apixo/${taskId}.mp4`, { headers })).status).toBe(200);
  });
  test("cannot frame the page", async () => {
    const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" };
    expect((await call(server, "/", { headers })).status).toBe(403);
  });
  test("may link to the page, which no site may frame or read", async () => {
    const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    const answer = await call(server, "/", { headers });
    expect(answer.status).toBe(200);
    expect(answer.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  });
  test("gets no permission from a preflight", async () => {
    const headers = { origin: "https://evil.example", "access-control-request-method": "POST" };
    const answer = await call(server, "/_emulator/reset", { method: "OPTIONS", headers });
    expect(answer.status).toBe(403);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  });
  test.each(["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"])(
    "cannot post a form as %s",
    async (type) => {
      const headers = { "content-type": type, ...token() };
      const answer = await call(server, "/_emulator/reset", { method: "POST", headers, body: "a=b" });
      expect(answer.status).toBe(415);
    },
  );
});

describe("without the token", () => {
  test.each(changes)("%s %s changes nothing", async (method, path, body) => {
    for (const headers of [{}, { authorization: "Bearer wrong" }, { authorization: `Basic ${server.token}` }]) {
      const answer = await call(server, path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
      expect([answer.status, answer.body]).toMatchObject([401, { error: { code: "token" } }]);
    }
    expect(emulator.ledger).toHaveLength(1);
  });
  test.each(["fail", "finish", "stick", "redeliver", "forge"])("%s does nothing to a task", async (action) => {
    expect((await call(server, `/_emulator/tasks/${taskId}/${action}`, { method: "POST" })).status).toBe(401);
  });
  test("a GET never changes anything", async () => {
    expect((await call(server, "/_emulator/reset", { headers: token() })).status).toBe(404);
    expect((await call(server, `/_emulator/tasks/${taskId}/finish`, { headers: token() })).status).toBe(404);
  });
  test("everything can be read", async () => {
    expect((await call(server, "/_emulator/tasks")).status).toBe(200);
  });
});

test("localhost, a container's name for this machine, and the page's own origin may pass", async () => {
  const own = { origin: server.url, "sec-fetch-site": "same-origin", ...token() };
  expect(
    (await call(server, "/_emulator/clock/advance", { method: "POST", headers: own, body: '{"ms":0}' })).status,
  ).toBe(200);
  expect((await call(server, "/_emulator/tasks", { headers: { host: `localhost:${port}` } })).status).toBe(200);
  expect((await call(server, "/api/v1/balance", { headers: { host: `host.docker.internal:${port}` } })).status).toBe(
    401,
  );
  expect((await call(server, "/_emulator", { headers: { host: `host.docker.internal:${port}` } })).status).toBe(403);
});

test("a token of one's own has to be one", async () => {
  await expect(emulator.listen(0, { token: "short" })).rejects.toThrow(/token must have 16 characters/);
  const own = await emulator.listen(0, { token: "0123456789abcdef" });
  expect(own.token).toBe("0123456789abcdef");
  await own.close();
});
