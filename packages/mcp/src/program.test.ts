// The program over stdio, as an agent's host starts it: what outlives a killed server, two agents, an impatient host.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { createEmulator, type EmulatorOptions } from "@vidtask/emulator";
import { sqliteJournal } from "vidtask/node";
import { expect, onTestFinished, test } from "vitest";
import { emptyFolder, PROGRAM, startProgram } from "./test/agent.ts";

const video = { prompt: "a waterfall", image: "https://x.test/a.png" };
const own = { vendor: "aivideoapi", model: "kling-2.6" };

async function running(options: EmulatorOptions = {}) {
  const emulator = createEmulator({ taskMs: 300, ...options });
  const server = await emulator.listen();
  onTestFinished(() => server.close());
  return { emulator, url: server.url, home: emptyFolder() };
}
type Ask = Awaited<ReturnType<typeof startProgram>>["ask"];
const priceOf = async (ask: Ask): Promise<number> =>
  (await ask("video_quote", { ...own, ...video })).data.offers[0]?.priceUsd ?? 0;

test("an agent quotes, submits, loses the server, and saves the video with the next one: one charge", async () => {
  const { emulator, url, home } = await running();
  const first = await startProgram([`--emulate=${url}`], home);
  const confirmedPriceUsd = await priceOf(first.ask);
  const submit = { ...own, ...video, idempotencyKey: "clip-1", confirmedPriceUsd };
  expect((await first.ask("video_submit", submit)).isError).toBe(false);
  process.kill(first.pid, "SIGKILL");

  const second = await startProgram([`--emulate=${url}`], home);
  expect((await second.ask("video_submit", submit)).data["idempotencyKey"]).toBe("clip-1");
  expect((await second.ask("video_status", { task: "clip-1" })).data["state"]).toBe("succeeded");
  expect((await second.ask("video_save", { task: "clip-1" })).data).toMatchObject({ saved: true });
  expect(readdirSync(join(home, "vidtask-videos"))).toEqual([expect.stringMatching(/^clip-1-.*\.mp4$/)]);
  expect(emulator.ledger).toHaveLength(1);
});

test("a server killed while its paid POST is under way: the next one pays nothing under that key", async () => {
  const { emulator, url, home } = await running();
  const first = await startProgram([`--emulate=${url}`], home);
  const submit = { ...own, ...video, idempotencyKey: "clip-1", confirmedPriceUsd: await priceOf(first.ask) };
  emulator.injectFault({ on: "submit", kind: "no-answer", accepted: true });
  const lost = first.ask("video_submit", submit).catch((error: Error) => error);
  while (emulator.ledger.length === 0) await delay(5);
  process.kill(first.pid, "SIGKILL");
  expect(await lost).toBeInstanceOf(Error);

  const second = await startProgram([`--emulate=${url}`], home);
  // It waits for the process that may still be sending, longer than this agent does.
  await expect(second.ask("video_submit", submit, { timeout: 500 })).rejects.toThrow(/timed out/i);
  expect((await second.ask("video_status", { task: "clip-1", waitSeconds: 0 })).data["state"]).toMatch(
    /submitting|unknown/,
  );
  expect(emulator.ledger).toHaveLength(1);
});

test("a folder below /proc, where none can be made, is an answer, and no call that hangs", async () => {
  const { url, home } = await running();
  const { ask } = await startProgram([`--emulate=${url}`], home, { VIDTASK_MCP_FOLDER: "/proc/none/a" });
  const submit = { ...own, ...video, idempotencyKey: "clip-1", confirmedPriceUsd: await priceOf(ask) };
  await ask("video_submit", submit);
  expect((await ask("video_status", { task: "clip-1" })).data["state"]).toBe("succeeded");
  expect((await ask("video_save", { task: "clip-1" })).data.error?.code).toBe("download");
});

test("a host that gives up on a call: the submit goes on, and the same key finds its task", async () => {
  const { emulator, url, home } = await running();
  const { ask } = await startProgram([`--emulate=${url}`], home);
  const submit = { ...own, ...video, idempotencyKey: "clip-1", confirmedPriceUsd: await priceOf(ask) };
  await ask("video_submit", submit);
  await expect(ask("video_status", { task: "clip-1", waitSeconds: 20 }, { timeout: 1 })).rejects.toThrow(/timed out/i);
  expect((await ask("video_status", { task: "clip-1" })).data["state"]).toBe("succeeded");
  expect(emulator.ledger).toHaveLength(1);
});

test("two agents at once spend no more than one budget", async () => {
  const { emulator, url, home } = await running();
  const budget = { VIDTASK_MCP_USD_PER_DAY: "1.2" };
  const agents = await Promise.all([1, 2].map(() => startProgram([`--emulate=${url}`], home, budget)));
  const confirmedPriceUsd = await priceOf(agents[0]!.ask);
  const answers = await Promise.all(
    agents.flatMap(({ ask }, agent) =>
      [1, 2, 3, 4].map((n) =>
        ask("video_submit", { ...own, ...video, idempotencyKey: `agent-${agent}-${n}`, confirmedPriceUsd }),
      ),
    ),
  );
  const most = Math.floor(1.2 / confirmedPriceUsd);
  expect(answers.filter(({ isError }) => !isError)).toHaveLength(most);
  expect(emulator.ledger).toHaveLength(most);
});

test.skipIf(process.platform === "win32")(
  "a terminal that closes, and signals again: the paid request is answered and journaled before the server ends",
  async () => {
    const { url, home } = await running();
    let paid = () => {};
    let answer = () => {};
    const isPaid = new Promise<void>((resolve) => (paid = resolve));
    const mayAnswer = new Promise<void>((resolve) => (answer = resolve));
    // In front of the emulator: it holds the answer back.
    const vendor = createServer(async (request, response) => {
      const headers = { authorization: request.headers.authorization ?? "", "content-type": "application/json" };
      const body = Buffer.concat(await request.toArray());
      const answered = await fetch(`${url}${request.url}`, { method: "POST", body, headers });
      paid();
      await mayAnswer;
      response.writeHead(answered.status, headers).end(await answered.text());
    });
    await once(vendor.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => void vendor.close());
    const { port } = vendor.address() as AddressInfo;
    const { ask, pid } = await startProgram([], home, {
      APIMODELS_API_KEY: "sk_emulator_key_apimodels",
      APIMODELS_BASE_URL: `http://127.0.0.1:${port}/api/v1`,
    });
    const model = { vendor: "apimodels", model: "kling-v2-6", prompt: "a waterfall" };
    void ask("video_submit", { ...model, idempotencyKey: "clip-1", confirmedPriceUsd: 0.0159 }).catch(() => {});
    await isPaid;
    for (const signal of ["SIGHUP", "SIGHUP", "SIGTERM"] as const) process.kill(pid, signal);
    await delay(50);
    answer();
    for (let i = 0; i < 500 && isAlive(pid); i++) await delay(10);
    const journal = sqliteJournal(join(home, ".local/share/vidtask/journal.db"));
    expect(await journal.get("clip-1")).toMatchObject({ state: "accepted" });
    journal.close();
  },
);

test("--emulate alone brings an emulator, keeps its journal in memory, and ends when the agent leaves", async () => {
  const home = emptyFolder();
  const { client, ask, pid } = await startProgram(["--emulate"], home);
  expect((await ask("video_quote", { ...own, ...video })).data.offers).toHaveLength(1);
  await client.close();
  for (let i = 0; i < 200 && isAlive(pid); i++) await delay(10);
  expect(isAlive(pid)).toBe(false);
  expect(readdirSync(home)).toEqual([]);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const KEY = "sk-not-to-be-shown-123456";
test.each([
  ["no key", [], {}, /APIXO_API_KEY .* --emulate/],
  ["an unknown option", ["--emulat"], {}, /--emulat/],
  ["a setting", [], { VIDTASK_MCP_USD_PER_DAY: "ten" }, /VIDTASK_MCP_USD_PER_DAY must be US dollars/],
  ["a journal", [], { VIDTASK_JOURNAL: "/proc/none/journal.db" }, /proc\/none cannot be made.*VIDTASK_JOURNAL/],
  ["no emulator there", ["--emulate", "http://127.0.0.1:9"], {}, /no emulator answers at .* npx vidtask-emulator/],
])("%s: told on stderr, nothing on stdout", async (_, words, env: Record<string, string>, message) => {
  const home = emptyFolder();
  const key = _ === "no key" ? {} : { APIXO_API_KEY: KEY };
  const { PATH = "", NODE_COMPILE_CACHE = "" } = process.env;
  const failed = promisify(execFile)(process.execPath, [PROGRAM, ...words], {
    env: { PATH, NODE_COMPILE_CACHE, HOME: home, NODE_NO_WARNINGS: "1", ...key, ...env },
  });
  const { code, stdout, stderr } = (await failed.catch((error: unknown) => error)) as {
    code: number;
    stdout: string;
    stderr: string;
  };
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain(KEY);
});

test("-h to a reader that has left is no error", async () => {
  const child = spawn(process.execPath, [PROGRAM, "-h"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  const said = child.stderr.toArray();
  expect(await once(child, "close")).toEqual([0, null]);
  expect(await said).toEqual([]);
});

test("-h names every variable", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, "-h"]);
  for (const name of ["USD_PER_CALL", "USD_PER_DAY", "FOLDER", "PRICES"])
    expect(stdout).toContain(`VIDTASK_MCP_${name}`);
});
