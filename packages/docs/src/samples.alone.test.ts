// The documentation keeps its word: every `ts` sample runs against the emulator; the check `types` compiles them.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import type * as AIVideoAPI from "@vidtask/aivideoapi";
import type * as APIModels from "@vidtask/apimodels";
import type * as Apixo from "@vidtask/apixo";
import type { ClientOptions } from "@vidtask/apixo";
import { createEmulator, type EmulatorServer } from "@vidtask/emulator";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { pages, root, samples } from "./pages.ts";
import { writeSamples } from "./write-samples.ts";

// A client made without a clock gets the emulator's, which moves only while no exchange is open.
const emulator = createEmulator({ clock: "manual" });
let server: EmulatorServer;
type Factory = (options?: ClientOptions) => unknown;
const withClock =
  (create: Factory): Factory =>
  (options) =>
    create({ clock: emulator.clock, ...options });
vi.mock("@vidtask/apixo", async (original) => {
  const real = await original<typeof Apixo>();
  return { ...real, createApixo: withClock(real.createApixo) };
});
vi.mock("@vidtask/aivideoapi", async (original) => {
  const real = await original<typeof AIVideoAPI>();
  return { ...real, createAIVideoAPI: withClock(real.createAIVideoAPI) };
});
vi.mock("@vidtask/apimodels", async (original) => {
  const real = await original<typeof APIModels>();
  return { ...real, createAPIModels: withClock(real.createAPIModels) };
});
vi.mock("next/server", () => ({ after: (work: Promise<unknown>) => void work }));

beforeAll(async () => {
  server = await emulator.listen();
  for (const vendor of ["apixo", "aivideoapi", "apimodels"]) {
    const { apiKey, baseUrl } = server.for(vendor);
    vi.stubEnv(`${vendor.toUpperCase()}_API_KEY`, apiKey);
    vi.stubEnv(`${vendor.toUpperCase()}_BASE_URL`, baseUrl);
  }
  writeSamples();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

// The command line's samples are commands: commands.test.ts and command-line.test.ts run them.
test.each(["README.md", ...pages.filter((page) => /^packages\/(?!docs|bench|e2e|cli)[^/]+\/README\.md$/.test(page))])(
  "%s has a sample",
  (page) => expect(samples.filter((sample) => sample.page === page)).not.toEqual([]),
);

test("no two samples of a page have one name", () => {
  const files = samples.map(({ file }) => file);
  expect(files.filter((file, index) => files.indexOf(file) !== index)).toEqual([]);
});

/** A folder of its own for what a sample writes. */
function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "vidtask-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const isTestFile = ({ code }: { code: string }) => code.includes('from "node:test"');
const isOfVitest = ({ code }: { code: string }) => code.includes('from "@vidtask/emulator/vitest"');

describe("every sample runs", () => {
  test.each(samples.filter((sample) => !isTestFile(sample) && !isOfVitest(sample)))("$name", async ({ file }) => {
    const cwd = process.cwd();
    process.chdir(emptyFolder());
    onTestFinished(() => process.chdir(cwd));
    for (const method of ["log", "error", "warn"] as const) vi.spyOn(console, method).mockReturnValue();
    let isOver = false;
    const over = () => (isOver = true);
    const running = import(file);
    running.then(over, over);
    while (!isOver) await emulator.clock.advance(5_000);
    await running;
  });
});

describe("every sample that is a test passes", () => {
  test.each(samples.filter(isTestFile))("$name", { timeout: 120_000 }, async ({ file }) => {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const options = { cwd: emptyFolder(), env };
    const argv = ["--test", "--test-isolation=none", "--test-reporter=tap", file];
    const { stdout } = await promisify(execFile)(process.execPath, argv, options);
    expect(stdout).toMatch(/^# pass [1-9]/m);
  });

  test.each(samples.filter(isOfVitest))("$name, in Vitest", { timeout: 120_000 }, async ({ file }) => {
    const { VITEST: _, ...env } = process.env;
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const argv = [vitest, "run", "--root", dirname(file), basename(file)];
    const { stdout } = await promisify(execFile)(process.execPath, argv, { env: { ...env, NO_COLOR: "1" } });
    expect(stdout).toMatch(/Tests {2}[1-9]\d* passed/);
  });
});
