// The program in next/, as a user has it, in the real Next.js: what a page shows, over reloads and restarts of the server.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createEmulator, type Emulator, type EmulatorServer } from "@vidtask/emulator";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { root } from "../../../.ci/pack.ts";
import { openBrowser, PLAYWRIGHT } from "./browser.ts";
import { prepareNext } from "./prepare-next.ts";

const folder = join(root, "out/next");
const data = join(folder, "data");
let emulator: Emulator;
let vendor: EmulatorServer;

beforeAll(async () => {
  await prepareNext(folder, [PLAYWRIGHT]);
  expect(existsSync(data)).toBe(false); // a build makes no journal and no database
  emulator = createEmulator({ taskMs: 6_000 });
  vendor = await emulator.listen();
}, 600_000);

afterAll(async () => {
  await vendor?.close();
  rmSync(data, { recursive: true, force: true });
});

type Server = { url: string; kill: () => Promise<void> };

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
});

async function serve(port = "0"): Promise<Server> {
  const { apiKey, baseUrl } = vendor.for("apixo");
  const next = join(folder, "node_modules/next/dist/bin/next");
  const child: ChildProcess = spawn(process.execPath, [next, "start", "-p", port, "-H", "127.0.0.1"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: process.env["PATH"],
      NODE_ENV: "production",
      APIXO_API_KEY: apiKey,
      APIXO_BASE_URL: baseUrl,
      NEXT_TELEMETRY_DISABLED: "1",
    },
  });
  running.add(child);
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      said += String(chunk);
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
      if (found && /Ready/.test(said)) resolve(found);
    });
    child.once("close", () => reject(new Error(`next start ended: ${said}`)));
  });
  return { url, kill: () => (child.kill("SIGKILL"), closed) };
}

const charges = () => emulator.ledger.filter(({ kind }) => kind === "charge").length;

const post = async ({ url }: Server, id: string, prompt: string) =>
  fetch(`${url}/videos`, { method: "POST", body: new URLSearchParams({ id, prompt }), redirect: "manual" });

const page = async ({ url }: Server, path: string) => (await fetch(`${url}${path}`)).text();

async function until(server: Server, path: string, holds: RegExp): Promise<string> {
  for (;;) {
    const html = await page(server, path);
    if (holds.test(html)) return html;
    await new Promise((resolve) => setTimeout(resolve, 250)); // a server in real time, as its users have it
  }
}

test(
  "a video is shown as it comes, survives reloads and a killed server, and is paid for once",
  { timeout: 120_000 },
  async () => {
    const first = await serve();
    const [, id = ""] = /name="id" value="([\w-]+)"/.exec(await page(first, "/")) ?? [];
    const [, other = ""] = /name="id" value="([\w-]+)"/.exec(await page(first, "/")) ?? [];
    expect(id).not.toBe(other);

    const sent = await Promise.all([post(first, id, "a waterfall"), post(first, id, "a waterfall")]);
    expect(sent.map(({ status }) => status)).toEqual([303, 303]);
    const path = sent[0]?.headers.get("location") ?? "";
    expect(path).toBe(`/videos/${id}`);
    for (let reload = 0; reload < 2; reload++)
      expect(await page(first, path)).toMatch(/<p role="status">(pending|processing)/);
    await first.kill();

    const second = await serve();
    const html = await until(second, path, /<video /);
    expect(html).toContain(`src="/videos/${id}/file"`);
    const file = await fetch(`${second.url}/videos/${id}/file`);
    expect(file.headers.get("content-type")).toBe("video/mp4");
    const { path: source } = emulator.requests.find(({ path }) => path.endsWith(".mp4"))!;
    const whole = await fetch(`${vendor.url}${source}`);
    expect((await file.arrayBuffer()).byteLength).toBe((await whole.arrayBuffer()).byteLength);
    expect(charges()).toBe(1);
  },
);

test("a server that is killed while it submits goes on with the same task", { timeout: 120_000 }, async () => {
  const before = charges();
  emulator.injectFault({ on: "submit", kind: "no-answer" });
  const first = await serve();
  void post(first, "lost-answer", "a desert").catch(() => {});
  while (charges() === before) await new Promise((resolve) => setTimeout(resolve, 50));
  await first.kill();
  const second = await serve();
  // No vendor of the three can be asked for a lost submit: the page goes on to say so, and it is never paid for again.
  expect(await page(second, "/videos/lost-answer")).toMatch(/<p role="status">started/);
  expect(charges()).toBe(before + 1);
});

test("a failed task is told with its reason, and what is no video is not found", { timeout: 120_000 }, async () => {
  const server = await serve();
  await post(server, "refused", "[fail:CONTENT_VIOLATION] a desert");
  expect(await until(server, "/videos/refused", /role="alert"/)).toContain("content_rejected");
  expect((await fetch(`${server.url}/videos/nothing`)).status).toBe(404);
  expect((await post(server, "../x", "a desert")).status).toBe(400);
});

test(
  "in a browser the page shows how far it is, survives a reload and a restart of the server, and plays the video",
  { timeout: 120_000 },
  async () => {
    const before = charges();
    const first = await serve();
    const browser = await openBrowser(folder);
    try {
      const page = await browser.newPage();
      await page.goto(first.url);
      await page.getByLabel("Prompt").fill("a waterfall in a browser");
      await page.getByRole("button", { name: "Make" }).click();
      await page.waitForURL(/\/videos\/[\w-]+$/);
      const status = page.getByRole("status");
      const seconds = async () => Number(/, (\d+) s$/.exec((await status.textContent()) ?? "")?.[1]);
      const atFirst = await seconds();
      await expect.poll(seconds, { timeout: 20_000 }).toBeGreaterThan(atFirst); // without a reload
      await page.reload();
      expect(await status.textContent()).toMatch(/^(pending|processing), \d+ s$/);

      await first.kill();
      await page.waitForTimeout(2_500); // the page asks a server that is gone
      await serve(new URL(first.url).port);
      const video = page.locator("video");
      await video.waitFor({ timeout: 30_000 });
      const duration = () => video.evaluate((element) => (element as { duration: number }).duration);
      await expect.poll(duration, { timeout: 20_000 }).toBeGreaterThan(1);
      await page.reload();
      await video.waitFor();
      expect(charges()).toBe(before + 1);
    } finally {
      await browser.close();
    }
  },
);
