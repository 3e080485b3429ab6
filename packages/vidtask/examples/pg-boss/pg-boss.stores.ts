// The worker as it is, on a real Postgres, in two processes of which one is killed.
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createEmulator } from "@vidtask/emulator";
import { PgBoss } from "pg-boss";
import { expect, onTestFinished, test } from "vitest";
import { startPostgres } from "../../../stores/src/test/servers.ts";

test("thirty videos by pg-boss, over a kill: thirty charges, thirty ends", { timeout: 180_000 }, async () => {
  const server = await startPostgres();
  const emulator = createEmulator({ clock: "real", vendors: ["apixo"], taskMs: 2_000 });
  const listening = await emulator.listen();
  const { apiKey, baseUrl } = listening.for("apixo");
  const DATABASE_URL = `postgres://postgres@127.0.0.1:${server.port}/postgres`;
  const env = { ...process.env, DATABASE_URL, APIXO_API_KEY: apiKey, APIXO_BASE_URL: baseUrl };
  const start = (): ChildProcess =>
    spawn(process.execPath, ["--no-warnings", join(import.meta.dirname, "worker.ts")], { env, stdio: "inherit" });
  const boss = new PgBoss(DATABASE_URL);
  boss.on("error", () => {});
  await boss.start();
  for (const queue of ["videos", "videos-ended"]) await boss.createQueue(queue, { retryLimit: 5, expireInSeconds: 10 });
  const workers = [start(), start()];
  onTestFinished(async () => {
    for (const worker of workers) worker.kill("SIGKILL");
    await boss.stop({ graceful: false });
    await listening.close();
    await server.stop();
  });
  for (let n = 0; n < 30; n++) await boss.send("videos", { id: `row-${n}`, prompt: `number ${n}` });
  const ends = new Map<string, { url?: string; error?: string }>();
  for (let turn = 0; ends.size < 30; turn++) {
    for (const { data } of await boss.fetch<{ id: string; url?: string; error?: string }>("videos-ended", {
      batchSize: 50,
    }))
      ends.set(data.id, data);
    if (turn === 20) {
      workers[0]?.kill("SIGKILL");
      workers.push(start());
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const charges = emulator.ledger.filter(({ kind }) => kind === "charge").length;
  expect(charges).toBeLessThanOrEqual(30);
  const unfinished = [...ends.values()].filter(({ url }) => !url).map(({ error }) => error);
  for (const error of unfinished) expect(error).toContain("may exist and be paid for");
  expect(charges).toBeGreaterThanOrEqual(30 - unfinished.length);
});
