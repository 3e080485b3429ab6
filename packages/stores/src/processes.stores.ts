// Four processes on one store, with one limit and one budget; the emulated vendor counts what runs and what is charged.
import { fork } from "node:child_process";
import { join } from "node:path";
import { createEmulator } from "@vidtask/emulator";
import { Pool } from "pg";
import { afterAll, expect, test } from "vitest";
import { sqlStore } from "./sql.ts";
import { startPostgres, startRedis, type Running } from "./test/servers.ts";

const running: Running[] = [];
afterAll(async () => {
  for (const server of running) await server.stop();
});

async function redis(): Promise<number> {
  const server = await startRedis("--appendonly", "yes");
  running.push(server);
  return server.port;
}

async function postgres(): Promise<number> {
  const poolAt = (port: number) => new Pool({ port, host: "127.0.0.1", user: "postgres", database: "postgres" });
  const server = await startPostgres();
  running.push(server);
  const pool = poolAt(server.port);
  await sqlStore(async (sql, values) => (await pool.query(sql, values)).rows, { dialect: "postgres" }).migrate();
  await pool.end();
  return server.port;
}

const SPEED = 20;
const TASK_MS = 1_000;

/** What four processes do; each has a client of its own. */
async function fourProcesses(kind: "redis" | "postgres", more: { videos: number; limit: number; usd: number }) {
  const port = await (kind === "redis" ? redis() : postgres());
  const emulator = createEmulator({ clock: { speed: SPEED }, vendors: ["apimodels"], taskMs: TASK_MS * SPEED });
  // How many run, at each change: a task is charged when it begins, and takes a second of real time here.
  const begun: number[] = [];
  let most = 0;
  const counting = setInterval(() => {
    const now = performance.now();
    while (begun.length < emulator.ledger.length) begun.push(now);
    most = Math.max(most, begun.filter((at) => now - at < TASK_MS - 50).length);
  }, 5);
  const server = await emulator.listen();
  const { apiKey, baseUrl } = server.for("apimodels");
  const children = [1, 2, 3, 4].map((n) => {
    const job = { kind, port, name: `process-${n}`, connection: { apiKey, baseUrl }, ...more };
    return fork(join(import.meta.dirname, "test/member-program.ts"), [JSON.stringify(job)], {
      execArgv: ["--no-warnings"],
    });
  });
  const done = await Promise.all(
    children.map(
      (child) =>
        new Promise<number>((resolve, reject) => {
          child.once("message", (count) => resolve(Number(count)));
          child.once("error", reject);
          child.once("exit", (code) => code && reject(new Error(`a process ended with ${code}`)));
        }),
    ),
  );
  clearInterval(counting);
  await server.close();
  const charges = emulator.ledger.filter(({ kind: what }) => what === "charge");
  return { most, charges, done: done.reduce((sum, count) => sum + count, 0) };
}

test.each(["redis", "postgres"] as const)(
  "on %s never more than 20 tasks run at once, and all are done",
  { timeout: 120_000 },
  async (kind) => {
    const { most, charges, done } = await fourProcesses(kind, { videos: 15, limit: 20, usd: 1_000 });
    expect(done).toBe(60);
    expect(charges).toHaveLength(60);
    expect(most).toBeGreaterThan(10);
    expect(most).toBeLessThanOrEqual(20);
  },
);

test.each(["redis", "postgres"] as const)(
  "on %s a budget of one dollar is never exceeded, and nearly used up",
  { timeout: 120_000 },
  async (kind) => {
    const { charges, done } = await fourProcesses(kind, { videos: 10, limit: 100, usd: 1 });
    const spent = charges.reduce((sum, { usd }) => sum + usd, 0);
    expect(charges).toHaveLength(done);
    expect(spent).toBeLessThanOrEqual(1 + 1e-9);
    expect(spent).toBeGreaterThan(0.5);
  },
);
