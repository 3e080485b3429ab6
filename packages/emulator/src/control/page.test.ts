import { afterAll, beforeAll, expect, test } from "vitest";
import { createEmulator, type EmulatorServer } from "../emulator.ts";
import { call } from "../test/control-helpers.ts";

let server: EmulatorServer;
beforeAll(async () => {
  server = await createEmulator().listen();
});
afterAll(() => server.close());

test("the page is one document, one script and one style sheet, of this host only", async () => {
  const page = await call(server, "/");
  expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
  const files = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url);
  expect(files).toEqual(["data:,", "/_emulator/page.css", "/_emulator/page.js"]);
  expect(page.text).toContain(server.token);
});

test("its policy allows no inline script, no other host and no frame", async () => {
  const { headers } = await call(server, "/");
  const policy = String(headers["content-security-policy"]);
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
  expect(headers["x-content-type-options"]).toBe("nosniff");
});

test.each([
  ["js", "text/javascript; charset=utf-8", 30_000],
  ["css", "text/css; charset=utf-8", 3_000],
])("the %s is built on demand from the sources", async (kind, type, least) => {
  const file = await call(server, `/_emulator/page.${kind}`);
  expect(file.headers["content-type"]).toBe(type);
  expect(file.text.length).toBeGreaterThan(least);
});

test("the page of a scope stays in it", async () => {
  const page = await call(server, "/_scope/one/");
  expect(page.text).toContain('src="/_scope/one/_emulator/page.js"');
  expect((await call(server, "/_scope/one/_emulator/page.js")).status).toBe(200);
});
