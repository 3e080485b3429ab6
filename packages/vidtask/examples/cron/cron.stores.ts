// The tick as it is, in a process that is killed and started again.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createEmulator } from "@vidtask/emulator";
import { expect, onTestFinished, test } from "vitest";

test("ten videos by cron, over a kill: ten charges, ten files to fetch", { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "vidtask-cron-"));
  const emulator = createEmulator({ clock: "real", vendors: ["apixo"], taskMs: 3_000 });
  const listening = await emulator.listen();
  const { apiKey, baseUrl } = listening.for("apixo");
  const files = { VIDEOS_DB: join(folder, "videos.db"), SUBMITS_DB: join(folder, "submits.db") };
  const env = { ...process.env, ...files, APIXO_API_KEY: apiKey, APIXO_BASE_URL: baseUrl };
  let tick: ChildProcess | undefined;
  const start = () =>
    (tick = spawn(process.execPath, ["--no-warnings", join(import.meta.dirname, "tick.ts")], {
      env,
      stdio: "inherit",
    }));
  const db = new DatabaseSync(files.VIDEOS_DB);
  onTestFinished(async () => {
    tick?.kill("SIGKILL");
    db.close();
    await listening.close();
    rmSync(folder, { recursive: true, force: true });
  });
  db.exec(`PRAGMA busy_timeout = 5000; CREATE TABLE video
    (id INTEGER PRIMARY KEY, prompt TEXT NOT NULL, again TEXT NOT NULL DEFAULT '', url TEXT, error TEXT)`);
  for (let n = 0; n < 10; n++) db.prepare("INSERT INTO video (prompt) VALUES (?)").run(`number ${n}`);
  const count = (column: string) => Number(db.prepare(`SELECT count(${column}) AS n FROM video`).get()?.["n"]);
  const until = async (isSo: () => boolean) => {
    for (; !isSo();) await new Promise((resolve) => setTimeout(resolve, 100));
  };
  start();
  await until(() => emulator.ledger.length >= 10);
  tick?.kill("SIGKILL");
  start();
  await until(() => count("url") + count("error") === 10);
  expect(count("error")).toBe(0);
  expect(emulator.ledger.filter(({ kind }) => kind === "charge")).toHaveLength(10);
});
