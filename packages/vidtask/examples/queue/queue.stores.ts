// The programs of this folder, as they are, with a real Redis and BullMQ: workers are killed at random all the time.
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createEmulator } from "@vidtask/emulator";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { freePort, startRedis, type Running } from "../../../stores/src/test/servers.ts";

const secret = "0123456789abcdef0123456789abcdef";
let server: Running;
beforeAll(async () => {
  server = await startRedis("--appendonly", "yes", "--appendfsync", "always");
}, 60_000);
afterAll(() => server.stop());

/** Above the life of any request, after which a row that says "is being sent" is unknown. */
const PATIENCE = 240_000;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The queue on an emptied Redis, over an emulator that is twenty times as fast as the vendor. */
async function setUp({ callbacks = false } = {}) {
  const connection = new Redis({ port: server.port, host: "127.0.0.1", maxRetriesPerRequest: null });
  await connection.flushall();
  const queue = new Queue("videos", { connection });
  const emulator = createEmulator({ clock: { speed: 20 }, vendors: ["apixo"], credits: 1_000, taskMs: 40_000 });
  const listening = await emulator.listen();
  const { apiKey, baseUrl } = listening.for("apixo");
  const port = await freePort();
  const env = {
    ...process.env,
    REDIS_URL: `redis://127.0.0.1:${server.port}`,
    APIXO_API_KEY: apiKey,
    APIXO_BASE_URL: baseUrl,
    LOCK_DURATION: "1500",
    STALLED_INTERVAL: "1000",
    PORT: `${port}`,
    ...(callbacks && { CALLBACK_URL: `http://127.0.0.1:${port}/hooks`, CALLBACK_SECRET: secret }),
  };
  const alive = new Set<ChildProcess>();
  function run(program: string, args: string[] = [], killAt?: string): ChildProcess {
    const planted = killAt === undefined ? [] : ["--import", join(import.meta.dirname, "planted-kill.ts")];
    const argv = ["--no-warnings", ...planted, join(import.meta.dirname, program), ...args];
    const child = spawn(process.execPath, argv, {
      env: { ...env, KILL_AT: killAt },
      stdio: ["ignore", "ignore", process.env["SHOW"] ? "inherit" : "ignore"],
    });
    alive.add(child);
    child.once("exit", () => alive.delete(child));
    return child;
  }
  const ended = (child: ChildProcess) => new Promise((resolve) => child.once("exit", resolve));
  if (callbacks) run("receiver.ts");
  onTestFinished(async () => {
    for (const child of alive) child.kill("SIGKILL");
    await listening.close();
    await queue.close();
    connection.disconnect();
  });
  const counts = () => queue.getJobCounts("completed", "failed");
  return { connection, queue, emulator, run, ended, counts };
}

/** How many charges each prompt has. */
function chargesByPrompt(emulator: ReturnType<typeof createEmulator>): Map<string, number> {
  const charged = emulator.ledger.filter(({ kind }) => kind === "charge");
  const counts = new Map<string, number>();
  const bodies = emulator.requests.filter(({ method, path }) => method === "POST" && path.includes("generateTask"));
  expect(charged.length).toBeLessThanOrEqual(bodies.length);
  for (const { body } of bodies) {
    const prompt = /number \d+/.exec(JSON.stringify(body))?.[0] ?? "?";
    counts.set(prompt, (counts.get(prompt) ?? 0) + 1);
  }
  return counts;
}

const KEY = "{vidtask}:held:";
async function slotsLeft(connection: Redis): Promise<number> {
  const names = await connection.keys(`${KEY}*`);
  let left = 0;
  for (const name of names) left += await connection.zcard(name);
  return left;
}

test(
  "forty videos by two workers: forty charges, never more than twenty at once, no slot left",
  { timeout: 120_000 },
  async () => {
    const { connection, emulator, run, ended, counts } = await setUp();
    await ended(run("producer.ts", ["40"]));
    for (const _ of [1, 2]) run("worker.ts");
    let most = 0;
    for (let found = await counts(); (found["completed"] ?? 0) + (found["failed"] ?? 0) < 40; found = await counts()) {
      most = Math.max(most, await slotsLeft(connection));
      await pause(100);
    }
    expect(await counts()).toMatchObject({ completed: 40, failed: 0 });
    expect(emulator.ledger.filter(({ kind }) => kind === "charge")).toHaveLength(40);
    expect(most).toBeGreaterThan(10);
    expect(most).toBeLessThanOrEqual(20);
    expect(await slotsLeft(connection)).toBe(0);
  },
);

/** Half of the workers die at a random moment, half at a random script of the store, before it leaves or once it is answered. */
test.each([{ callbacks: false }, { callbacks: true }])(
  "workers that are killed all the time pay for no video twice, and lose none (callbacks: $callbacks)",
  { timeout: 600_000 },
  async ({ callbacks }) => {
    const { connection, queue, emulator, run, ended, counts } = await setUp({ callbacks });
    const JOBS = 200;
    const KILLS = 40;
    await ended(run("producer.ts", [`${JOBS}`]));
    let [kills, planted] = [0, 0];
    function work(): void {
      const isPlanted = kills + planted < KILLS && planted <= kills;
      const point = `${1 + Math.floor(60 * Math.random())} ${Math.random() < 0.5 ? "before" : "after"}`;
      const worker = isPlanted ? run("worker.ts", [], point) : run("worker.ts");
      if (isPlanted) planted++;
      worker.once("exit", (_code, signal) => {
        if (signal === "SIGKILL" && !isDone) work();
      });
      if (isPlanted || kills + planted >= KILLS) return;
      kills++;
      setTimeout(() => worker.kill("SIGKILL"), 500 + 1_500 * Math.random());
    }
    let isDone = false;
    onTestFinished(() => void (isDone = true));
    for (const _ of [1, 2]) work();
    const started = Date.now();
    // A worker that dies between the journal's "is being sent" and the request leaves a key that was never sent and that
    // nobody can tell from one that was: with callbacks it stays open for as long as one may come.
    const isOver = async () => {
      const { completed = 0, failed = 0 } = await counts();
      return completed + failed === JOBS || Date.now() - started > PATIENCE;
    };
    while (!(await isOver())) await pause(300);
    isDone = true;
    const failed = await queue.getFailed();
    for (const { failedReason } of failed) expect(failedReason).toContain("may exist and be paid for");
    const twice = [...chargesByPrompt(emulator)].filter(([, count]) => count > 1);
    expect(twice).toEqual([]);
    const { completed = 0 } = await counts();
    const charges = emulator.ledger.filter(({ kind }) => kind === "charge").length;
    const unknown = JOBS - completed;
    const slots = await slotsLeft(connection);
    const line = `kills ${kills} at random, ${planted} planted; charges ${charges}, completed ${completed}, unknown ${unknown}, slots left ${slots}`;
    process.stdout.write(`callbacks ${callbacks}: ${line}\n`);
    expect(kills + planted).toBe(KILLS);
    // Every charge is a finished video, or an unknown one that a person is told of.
    expect(charges).toBeGreaterThanOrEqual(completed);
    expect(charges - completed).toBeLessThanOrEqual(unknown);
    if (callbacks) expect(charges).toBe(completed);
    expect(unknown).toBeLessThanOrEqual(KILLS);
    expect(slots).toBeLessThanOrEqual(unknown);
  },
);
