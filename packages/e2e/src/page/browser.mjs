// What the tests of the page share: a browser, an emulator, and the real client.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createEmulator } from "@vidtask/emulator";
import { createApixo, memoryJournal } from "vidtask";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";

// Plain JavaScript, as the types of playwright-core are installed apart.
const apart = createRequire(join(process.env.VIDTASK_APART ?? "", "package.json"));
const { chromium } = apart("playwright-core");

/** The source of axe-core. */
export const axe = () => readFileSync(apart.resolve("axe-core/axe.min.js"), "utf8");

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
  // A name of a stranger's that points to this machine.
  "--host-resolver-rules=MAP evil.example 127.0.0.1",
];

export const request = { model: "kling-2-6", prompt: "a waterfall", duration: 5, sound: true, aspectRatio: "9:16" };

/** The row of the list that has these words. */
export const rowOf = (page, words) => page.locator("a.row", { hasText: words });

/** One browser for all tests of a file; for each an emulator that listens, and a client of it. */
export function setUp() {
  const contexts = [];
  const now = {
    browser: undefined,
    emulator: undefined,
    server: undefined,
    apixo: undefined,
    /** The origins that the pages asked, and what their consoles said. */
    seen: { hosts: new Set(), errors: [] },

    /** Another emulator, in place of the one that there is. */
    async start(options, port) {
      await now.server?.close();
      now.emulator = createEmulator(options);
      now.server = await now.emulator.listen(port);
      now.apixo = createApixo({ ...now.server.for("apixo"), journal: memoryJournal() });
    },
    api: (path, init = {}) =>
      fetch(`${now.server.url}/_emulator${path}`, {
        headers: { authorization: `Bearer ${now.server.token}` },
        ...init,
      }),
    /** An empty page. */
    async blank(options = {}) {
      const context = await now.browser.newContext({ viewport: { width: 1280, height: 850 }, ...options });
      contexts.push(context);
      const page = await context.newPage();
      page.setDefaultTimeout(15_000);
      return page;
    },
    /** The emulator's page, connected. */
    async open(path = "/", options = {}) {
      const page = await now.blank(options);
      page.on("request", (asked) => {
        if (/^https?:/.test(asked.url())) now.seen.hosts.add(new URL(asked.url()).origin);
      });
      page.on("pageerror", (error) => now.seen.errors.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error") now.seen.errors.push(message.text());
      });
      await page.goto(now.server.url + path);
      await page.getByText("live", { exact: true }).waitFor();
      return page;
    },
  };

  beforeAll(async () => {
    now.browser = await chromium.launch({ executablePath: process.env.VIDTASK_CHROMIUM, args: ARGS });
  });
  afterAll(() => now.browser?.close());
  beforeEach(async () => {
    now.seen = { hosts: new Set(), errors: [] };
    await now.start();
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    await now.server.close();
  });
  return now;
}
