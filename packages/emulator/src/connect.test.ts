import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { emulatedJournal, findEmulator, NoEmulatorError } from "./connect.ts";
import { createEmulator } from "./index.ts";

async function running() {
  const server = await createEmulator().listen();
  onTestFinished(() => server.close());
  return server;
}

test("one that runs is found by its address, or by VIDTASK_EMULATOR_URL, and goes on when the program leaves", async () => {
  const server = await running();
  const found = await findEmulator(`${server.url}/`);
  expect(found).toMatchObject({ isEmbedded: false, instance: expect.stringMatching(/./) });
  expect(found.for("apixo")).toEqual({ apiKey: server.for("apixo").apiKey, baseUrl: server.for("apixo").baseUrl });
  expect(found.for("sora")).toBeUndefined();
  await found.close();
  vi.stubEnv("VIDTASK_EMULATOR_URL", server.url);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect((await findEmulator()).instance).toBe(found.instance);
});

test("where none runs one starts inside of the process, with time of its own, and ends with it", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed"))); // nothing at the usual port
  const found = await findEmulator();
  vi.unstubAllGlobals();
  expect(found).toMatchObject({ isEmbedded: true, instance: "" });
  expect(found.for("apixo")?.clock).toBeDefined();
  await found.close();
  await expect(fetch(found.url)).rejects.toThrow();
});

test.each(["not a url", "127.0.0.1:9", "http://127.0.0.1:9", "http://user:hunter2@127.0.0.1:9"])(
  "an address that was named and does not answer is said, without a password: %s",
  async (url) => {
    const error = await findEmulator(url).catch((thrown: unknown) => thrown as Error);
    expect(error).toBeInstanceOf(NoEmulatorError);
    expect(String(error)).toMatch(/^NoEmulatorError: no emulator answers at /);
    expect(String(error)).not.toContain("hunter2");
  },
);

test("one that was named has half a minute for its answer, whatever is at the usual port two seconds", async () => {
  const given: number[] = [];
  const timeout = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => (given.push(ms), AbortSignal.abort()));
  onTestFinished(() => timeout.mockRestore());
  const { url } = await running();
  await expect(findEmulator(url)).rejects.toThrow(NoEmulatorError);
  await (await findEmulator()).close();
  expect(given).toEqual([30_000, 2_000]);
});

test.each(["null", "[]", "{}", '{"vendors": 3}', "<html>"])("another server, which says %s, is none", async (body) => {
  const server = createServer((_, response) => response.end(body)).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  await expect(findEmulator(`http://127.0.0.1:${port}`)).rejects.toThrow(NoEmulatorError);
});

test("each start has a journal beside the real one; those of earlier starts at the address are removed", () => {
  const folder = mkdtempSync(join(tmpdir(), "vidtask-emulator-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const real = join(folder, "journal.db");
  const at = (instance: string, url = "http://127.0.0.1:4310") =>
    emulatedJournal({ url, instance, isEmbedded: false, for: () => undefined, close: async () => {} }, real);
  const first = at("a-1");
  expect(existsSync(dirname(first))).toBe(false);
  mkdirSync(dirname(first));
  for (const ending of ["", "-wal"]) writeFileSync(`${first}${ending}`, "");
  writeFileSync(at("b", "http://127.0.0.1:9"), "");
  expect(at("a-1")).toBe(first);
  expect(existsSync(`${first}-wal`)).toBe(true);
  expect(at("a-2")).not.toBe(first);
  expect([first, `${first}-wal`, at("b", "http://127.0.0.1:9"), real].map((file) => existsSync(file))).toEqual([
    false,
    false,
    true,
    false,
  ]);
});
