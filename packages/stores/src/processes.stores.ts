// Several processes on one store, with one limit and one budget; the emulated vendor says what ran and what was charged.
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAPIModels } from "@vidtask/apimodels";
import { createEmulator } from "@vidtask/emulator";
import { Pool } from "pg";
import { afterAll, expect, test } from "vitest";
import { sqlStore } from "./sql.ts";
import { livesOf, mostAtOnce } from "./test/at-once.ts";
import { startPostgres, startRedis } from "./test/servers.ts";

const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});

/** Where each kind of store is: a port, or a file. */
const places = {
  async redis() {
    const server = await startRedis("--appendonly", "yes");
    closing.push(() => server.stop());
    return server.port;
  },
  async postgres() {
    const server = await startPostgres();
    closing.push(() => server.stop());
    const pool = new Pool({ port: server.port, host: "127.0.0.1", user: "postgres", database: "postgres" });
    await sqlStore(async (sql, values) => (await pool.query(sql, values)).rows, { dialect: "postgres" }).migrate();
    await pool.end();
    return server.port;
  },
  async sqlite() {
    const folder = mkdtempSync(join(tmpdir(), "vidtask-processes-"));
    closing.push(() => rmSync(folder, { recursive: true }));
    return join(folder, "videos.db");
  },
};
const kinds = Object.keys(places) as (keyof typeof places)[];

/** What so many processes do; each has a client of its own. */
async function runProcesses(
  count: number,
  kind: keyof typeof places,
  more: { videos: number; limit: number; usd: number },
) {
  const place = await places[kind]();
  const emulator = createEmulator({ vendors: ["apimodels"], taskMs: 1_000 });
  const server = await emulator.listen();
  const { apiKey, baseUrl } = server.for("apimodels");
  const children = Array.from({ length: count }, (_, n) => {
    const job = { kind, place, name: `process-${n}`, connection: { apiKey, baseUrl }, ...more };
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
  const most = mostAtOnce(await livesOf(server.url));
  await server.close();
  const charges = emulator.ledger.filter(({ kind: what }) => what === "charge");
  return { most, charges, done: done.reduce((sum, count) => sum + count, 0) };
}

test.each(kinds)(
  "on %s two processes never run more than the 20 tasks of their shared limit at once, and finish all",
  { timeout: 120_000 },
  async (kind) => {
    const { most, charges, done } = await runProcesses(2, kind, { videos: 40, limit: 20, usd: 1_000 });
    expect(done).toBe(80);
    expect(charges).toHaveLength(80);
    expect(most).toBe(20);
  },
);

test.each(kinds)(
  "on %s four processes never exceed a budget of one dollar, and use it up",
  { timeout: 120_000 },
  async (kind) => {
    const { charges, done } = await runProcesses(4, kind, { videos: 20, limit: 100, usd: 1 });
    const planned = createAPIModels({ apiKey: "sk-unused" }).plan({ model: "kling-v2-6", prompt: "number 1" }).price
      ?.usd;
    expect(done).toBe(Math.floor(1 / (planned ?? 0)));
    expect(charges).toHaveLength(done);
    expect(charges.reduce((sum, { usd }) => sum + usd, 0)).toBeLessThanOrEqual(1);
  },
);
