// What is done about tasks beside making them: after a crash, by callback, in doubt.
import { once } from "node:events";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { CheckLine } from "../output/lines.ts";
import { folder, said, start, until, vidtask, world } from "../test/program.ts";

test("after a crash resume gets what was paid for, names what is in doubt, and pays for nothing", async () => {
  const { cwd, emulator, emulate, quick } = await world({ taskMs: 600 });
  const killed = start(["generate", "x", "-k", "row-1", ...quick], { cwd });
  await until(() => killed.err().includes("accepted"), killed.err);
  killed.child.kill("SIGKILL");
  await killed.ended;
  await said(["submit", "[fault:reset-after-accept] x", "-k", "row-2", emulate], { cwd });
  const paid = emulator.ledger.length;

  const { code, lines } = await vidtask(["resume", "-o", "videos", ...quick, "--json"], { cwd });
  expect(code).toBe(4);
  expect(lines).toContainEqual(expect.objectContaining({ type: "task", key: "row-1", state: "succeeded" }));
  expect(lines).toContainEqual(expect.objectContaining({ type: "saved", file: "videos/row-1.mp4" }));
  expect(lines).toContainEqual(expect.objectContaining({ type: "task", key: "row-2", state: "unknown" }));
  expect(existsSync(join(cwd, "videos/row-1.mp4"))).toBe(true);
  expect(emulator.ledger).toHaveLength(paid);
});

test("settle takes the task that the dashboard shows; a young one is not lost without --force", async () => {
  const { cwd, emulator, emulate } = await world();
  await said(["submit", "[fault:reset-after-accept] x", "-k", "row-1", emulate], { cwd });
  const young = await said(["settle", "row-1", "lost", emulate], { cwd });
  expect(young.code).toBe(2);
  expect(young.err).toContain("until then it may turn up, and only --force declares it lost");
  const wrong = await said(["settle", "row-1", "apimodels:kling-v2-6:nothing", emulate], { cwd });
  expect(wrong.code).toBe(2);

  const ref = `apimodels:kling-v2-6:${emulator.ledger[0]?.taskId ?? ""}`;
  const settled = await vidtask(["settle", "row-1", ref, emulate, "--json"], { cwd });
  expect(settled.lines).toMatchObject([{ type: "task", key: "row-1", ref, state: "running" }]);
  expect(settled.code).toBe(0);
});

/** One that was free a moment ago: the address is needed before the program listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

test("listen prints the end of a task that its callback tells of", async () => {
  const { cwd, emulate } = await world({ taskMs: 500 });
  const port = await freePort();
  const env = {
    VIDTASK_CALLBACK_URL: `http://127.0.0.1:${port}/`,
    VIDTASK_CALLBACK_SECRET: "0123456789abcdef".repeat(4),
  };
  const without = await said(["listen", emulate], { cwd });
  expect(without.code).toBe(2);
  expect(without.err).toContain("VIDTASK_CALLBACK_SECRET");
  const everywhere = await said(["listen", "--host", "", emulate], { cwd, env });
  expect([everywhere.code, everywhere.err]).toEqual([2, expect.stringContaining("--host must be an address")]);

  const listening = start(["listen", "--port", String(port), emulate], { cwd, env });
  await until(() => listening.err().includes("listening on"), listening.err);
  await vidtask(["submit", "x", "-k", "row-1", emulate], { cwd, env });
  await until(() => listening.out().includes("row-1"), listening.err);
  expect(listening.out()).toMatch(/^row-1\tsucceeded\tapimodels kling-v2-6\t/);
  listening.child.kill("SIGINT");
  expect((await listening.ended).code).toBe(0);
});

test("balance, and a vendor that cannot cancel", async () => {
  const { cwd, emulate } = await world({ credits: 7 });
  const { lines } = await vidtask(["balance", emulate, "--json"], { cwd });
  expect(lines.map((line) => line.type === "balance" && [line.vendor, line.usd])).toEqual([
    ["apixo", 7],
    ["aivideoapi", 7],
    ["apimodels", 7],
  ]);
  await said(["submit", "x", "-k", "row-1", emulate], { cwd });
  const { code, err } = await vidtask(["cancel", "row-1", emulate], { cwd });
  expect(err).toContain("apimodels documents no way to cancel a task");
  expect(code).toBe(2);
});

test("emulate calls itself by its own name", async () => {
  const { code, err } = await vidtask(["emulate", "--port", "x"], { cwd: folder() });
  expect(err).toBe('vidtask emulate: --port must be a number, not "x"\nvidtask emulate --help lists the options\n');
  expect(code).toBe(2);
});

test.each([
  ["nonsense", "APIXO_BASE_URL is no http(s) URL"],
  ["ftp://127.0.0.1/", "APIXO_BASE_URL is no http(s) URL"],
])("doctor names a base URL that is none: %s", async (url, words) => {
  const cwd = folder();
  const env = { APIXO_API_KEY: "sk-0123456789", APIXO_BASE_URL: url };
  const { code, lines } = await said(["doctor", "--json"], { cwd, env });
  expect(lines).toContainEqual({ type: "check", name: "apixo reachability", ok: false, message: words });
  expect(code).toBe(2);
});

test("emulate is the emulator's program", async () => {
  const cwd = folder();
  const emulator = start(["emulate", "--port", "0", "--fast", "--vendors", "apixo"], { cwd });
  await until(() => emulator.out().includes("APIXO_API_KEY="), emulator.err);
  const [, base = ""] = /^APIXO_BASE_URL=(\S+)$/m.exec(emulator.out()) ?? [];
  const { code, lines } = await vidtask(["doctor", `--emulate=${new URL(base).origin}`, "--json"], { cwd });
  expect(code).toBe(0);
  const checks = lines as CheckLine[];
  expect(checks.filter(({ name, ok }) => name.startsWith("apixo") && ok === true).map(({ name }) => name)).toEqual(
    ["key", "reachability", "clock", "balance", "unknown task", "unknown key"].map((name) => `apixo ${name}`),
  );
  expect(checks.find(({ name }) => name === "aivideoapi key")?.ok).toBe("unknown");
  emulator.child.kill("SIGINT");
  expect((await emulator.ended).code).toBe(0);
});

describe("the configuration", () => {
  const KEY = "sk-a-secret-that-nobody-may-see";
  const write = (cwd: string, content: unknown, mode: number) => {
    const path = join(cwd, "config.json");
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    chmodSync(path, mode);
  };
  const words = ["balance", "--config", "config.json"];

  test("gives keys when it is for its owner alone, and a variable of the environment wins", async () => {
    const { cwd, server } = await world();
    const { apiKey, baseUrl } = server.for("apixo");
    write(cwd, { keys: { apixo: apiKey } }, 0o600);
    expect((await said(words, { cwd, env: { APIXO_BASE_URL: baseUrl } })).out).toBe("apixo · $100\n");
    const wrong = await said(words, { cwd, env: { APIXO_BASE_URL: baseUrl, APIXO_API_KEY: KEY } });
    expect(wrong.code).not.toBe(0);
    expect(wrong.out + wrong.err).not.toContain(KEY);
  });

  test.skipIf(process.platform === "win32").each([0o644, 0o640, 0o604])(
    "is refused when others can read it (%o)",
    async (mode) => {
      const cwd = folder();
      write(cwd, { keys: { apixo: KEY } }, mode);
      const { code, out, err } = await said(words, { cwd });
      expect(code).toBe(2);
      expect(err).toContain("chmod 600 config.json");
      expect(out + err).not.toContain(KEY);
    },
  );

  test.each<[string, unknown, string]>([
    ["no JSON", `{"keys":{"apixo":"${KEY}"`, "it is not JSON"],
    ["an unknown setting", { kyes: { apixo: KEY } }, '"kyes" is no setting'],
    ["an unknown vendor", { keys: { apixio: KEY } }, 'names "apixio", which is no vendor'],
    ["a key that is none", { keys: { apixo: 7 } }, '"keys.apixo" must be a text'],
    ["a price that is none", { prices: { "apixo:kling-2-6": 3 } }, '"prices.apixo:kling-2-6" must be'],
  ])("%s is said without what is in it", async (_, content, message) => {
    const cwd = folder();
    write(cwd, content, 0o600);
    const { code, out, err } = await said(words, { cwd });
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(out + err).not.toContain(KEY);
  });
});
