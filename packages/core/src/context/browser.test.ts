// A browser, and what looks like one and is none, in the globals of Node.
import { afterEach, expect, test, vi } from "vitest";
import { accepted, acmeClient, createAcme, request } from "../test/acme.ts";
import { thrownBy } from "../test/thrown-by.ts";
import { issuesOf } from "../test/wrong-values.ts";

afterEach(() => void vi.unstubAllGlobals());

const stub = (globals: Record<string, unknown>) => {
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
};
const page = { window: { document: {} }, document: {} };

test.each([
  { what: "a page", globals: page },
  { what: "a page whose document is its window's alone", globals: { window: { document: {} } } },
  { what: "a web worker", globals: { importScripts: () => {} } },
])("in $what a client is refused, and the option named that starts it", ({ globals }) => {
  stub(globals);
  const [found, ...others] = issuesOf(thrownBy(() => createAcme({ apiKey: "k" })));
  expect(found?.path).toBe("dangerouslyAllowBrowser");
  expect(found?.message).toMatch(/^must be true in a browser, where the API key is public/);
  expect(others).toEqual([]);
});

test.each([false, null, undefined])("dangerouslyAllowBrowser: %s does not start it", (dangerouslyAllowBrowser) => {
  stub(page);
  const error = thrownBy(() => createAcme({ dangerouslyAllowBrowser } as never));
  expect(issuesOf(error)[0]?.path).toBe("dangerouslyAllowBrowser");
});

test("dangerouslyAllowBrowser: true starts it", async () => {
  stub(page);
  const { client } = acmeClient([accepted], { dangerouslyAllowBrowser: true });
  expect((await client.submit(request)).id).toBe("t1");
});

test.each([
  { what: "Node", globals: {} },
  { what: "a runtime whose global is called window, as React Native's", globals: { window: {} } },
  { what: "a worker of Deno", globals: { Deno: {}, importScripts: () => {} } },
  { what: "a worker of Bun", globals: { Bun: {}, importScripts: () => {} } },
  { what: "a Worker of Cloudflare", globals: { WorkerGlobalScope: () => {}, self: {}, caches: {} } },
])("in $what it starts", ({ globals }) => {
  stub(globals);
  expect(createAcme({ apiKey: "k" }).vendor).toBe("acme");
});
