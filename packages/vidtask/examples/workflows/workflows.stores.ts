// The workflow as it is, run by Cloudflare's own engine in miniflare, with D1: restarted from its first step, and killed.
import { fork, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmulator, type Emulator } from "@vidtask/emulator";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { freePort } from "../../../stores/src/test/servers.ts";
import type { Call, HostOptions } from "./host.ts";

type Status = { status: string; output: string | null; error?: { message: string }; looks: { waitMs?: number }[] };
type Answer = { answer?: Status; error?: string };
type Cloudflare = { [what in Call["what"]]: (id: string) => Promise<Status> } & { kill(): Promise<unknown> };

const folder = mkdtempSync(join(tmpdir(), "vidtask-workflows-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

beforeAll(() => {
  // What `wrangler deploy` would send.
  const wrangler = join(import.meta.dirname, "node_modules/wrangler/bin/wrangler.js");
  const { status, stderr } = spawnSync(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", folder], {
    cwd: import.meta.dirname,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", XDG_CONFIG_HOME: folder },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`wrangler made no bundle: ${stderr}`);
});

async function vendor(taskMs: number): Promise<{ emulator: Emulator; vars: { [name: string]: string } }> {
  const emulator = createEmulator({ clock: "real", vendors: ["apixo"], taskMs, credits: 1_000 });
  const listening = await emulator.listen();
  onTestFinished(() => listening.close());
  const { apiKey, baseUrl } = listening.for("apixo");
  return { emulator, vars: { APIXO_API_KEY: apiKey, APIXO_BASE_URL: baseUrl } };
}

const charges = ({ ledger }: Emulator) => ledger.filter(({ kind }) => kind === "charge").length;
const newState = () => mkdtempSync(join(folder, "state-"));

const neverStarted = () => {
  throw new Error("miniflare did not start");
};
async function start(options: Omit<HostOptions, "bundle" | "port"> & { port?: number }): Promise<Cloudflare> {
  const port = options.port ?? (await freePort());
  const given: HostOptions = { bundle: join(folder, "video.js"), ...options, port };
  const host: ChildProcess = fork(join(import.meta.dirname, "host.ts"), [JSON.stringify(given)], {
    detached: true, // a process group, which is killed as a whole: workerd is in it
    execArgv: ["--no-warnings"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const gone = once(host, "exit");
  const kill = async () => {
    if (host.exitCode === null && host.signalCode === null) process.kill(-(host.pid ?? 0), "SIGKILL");
    await gone;
  };
  onTestFinished(async () => void (await kill()));
  await Promise.race([once(host, "message"), gone.then(neverStarted)]);
  const waiting = new Map<number, (answer: Answer) => void>();
  host.on("message", (answer: Answer & { n: number }) => waiting.get(answer.n)?.(answer));
  let n = 0;
  const call = (what: Call["what"]) => async (id: string) => {
    const answered = new Promise<Answer>((resolve) => waiting.set(n, resolve));
    host.send({ n: n++, id, what } satisfies Call);
    const { answer, error } = await Promise.race([answered, gone.then((): Answer => ({ error: "killed" }))]);
    if (!answer) throw new Error(error);
    const { __LOCAL_DEV_STEP_OUTPUTS: looks } = answer as unknown as { __LOCAL_DEV_STEP_OUTPUTS: Status["looks"] };
    return { ...answer, looks: looks.filter(Boolean) };
  };
  return { create: call("create"), restart: call("restart"), status: call("status"), kill };
}

async function untilEnded(cloudflare: Cloudflare, id: string): Promise<Status> {
  for (;;) {
    const found = await cloudflare.status(id);
    if (found.status === "complete" || found.status === "errored") return found;
    await pause(100);
  }
}

test("a video by Cloudflare Workflows: a look, a sleep of half a minute at least, a look", async () => {
  const { emulator, vars } = await vendor(1);
  const cloudflare = await start({ state: newState(), vars });
  await cloudflare.create("row-1");
  const { status, output, looks } = await untilEnded(cloudflare, "row-1");
  expect(status).toBe("complete");
  expect(output).toMatch(/^http/);
  expect(looks[0]?.waitMs).toBeGreaterThanOrEqual(30_000);
  expect(charges(emulator)).toBe(1);
});

test("an instance that is restarted from its first step asks for its video again, and pays nothing", async () => {
  const { emulator, vars } = await vendor(2_000);
  const cloudflare = await start({ state: newState(), vars });
  await cloudflare.create("row-1");
  while (charges(emulator) === 0) await pause(10);
  await cloudflare.restart("row-1");
  const { output } = await untilEnded(cloudflare, "row-1");
  expect(output).toMatch(/^http/);
  await cloudflare.restart("row-1");
  expect(await untilEnded(cloudflare, "row-1")).toMatchObject({ status: "complete", output });
  expect(charges(emulator)).toBe(1);
});

test("what the vendor refuses ends its instance, and is not tried again", async () => {
  const { emulator, vars } = await vendor(1);
  const cloudflare = await start({ state: newState(), vars: { ...vars, APIXO_API_KEY: "sk-wrong" } });
  await cloudflare.create("row-1");
  expect(await untilEnded(cloudflare, "row-1")).toMatchObject({ status: "errored", looks: [] });
  expect(emulator.requests).toHaveLength(1);
});

const KILLS = 12;
test(`eight videos over ${KILLS} kills of all that runs: no video is charged twice`, { timeout: 400_000 }, async () => {
  const { emulator, vars } = await vendor(3_000);
  const state = newState();
  const ids = Array.from({ length: 8 }, (_, n) => `row-${n}`);
  let cloudflare = await start({ state, vars });
  // Miniflare does not go on by itself with what a killed one ran, as Cloudflare does: creating it again makes it go on.
  const wake = () => Promise.all(ids.map((id) => cloudflare.create(id)));
  for (let kills = 0; kills < KILLS; kills++) {
    const woken = wake().catch(() => {}); // the kill may come first
    await pause(30 + 400 * Math.random());
    await cloudflare.kill();
    await woken;
    cloudflare = await start({ state, vars });
  }
  await wake();
  const ends = await Promise.all(ids.map((id) => untilEnded(cloudflare, id)));
  const unknown = ends.filter(({ status }) => status === "errored");
  process.stdout.write(`kills ${KILLS}; charges ${charges(emulator)}, unknown ${unknown.length}\n`);
  const prompts = emulator.requests.map(({ body }) => /number row-\d/.exec(JSON.stringify(body))?.[0]).filter(Boolean);
  expect(new Set(prompts).size).toBe(prompts.length);
  expect(charges(emulator)).toBeGreaterThanOrEqual(ids.length - unknown.length);
  expect(charges(emulator)).toBeLessThanOrEqual(ids.length);
});

test("with callbacks an instance sleeps until its task has ended; without room it sleeps, too", async () => {
  const { emulator, vars } = await vendor(3_000);
  const port = await freePort();
  const CALLBACK_URL = `http://127.0.0.1:${port}/hooks`;
  const CALLBACK_SECRET = "0123456789abcdef0123456789abcdef";
  const cloudflare = await start({ state: newState(), port, vars: { ...vars, CALLBACK_URL, CALLBACK_SECRET } });
  const ids = Array.from({ length: 22 }, (_, n) => `row-${n}`);
  await Promise.all(ids.map((id) => cloudflare.create(id)));
  const started = performance.now();
  const seen = async () => Promise.all(ids.map((id) => cloudflare.status(id)));
  let ends = await seen();
  while (ends.filter(({ status }) => status === "complete").length < 20) {
    await pause(200);
    ends = await seen();
  }
  expect(performance.now() - started).toBeLessThan(28_000); // woken: their sleep is of half a minute
  expect(charges(emulator)).toBe(20);
  const asleep = ends.filter(({ status }) => status !== "complete");
  for (const { looks } of asleep) expect(looks).toEqual([{ waitMs: 30_000 }]);
  ends = await Promise.all(ids.map((id) => untilEnded(cloudflare, id)));
  expect(ends.map(({ status }) => status)).toEqual(ids.map(() => "complete"));
  expect(charges(emulator)).toBe(22);
});
