import { spawn } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createEmulator } from "@vidtask/emulator";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { startRedis } from "../../../stores/src/test/servers.ts";

/** Runs that many videos through the programs beside this one, and saves them. */
export async function runQueue(videos: number, folder: string): Promise<void> {
  const server = await startRedis("--appendonly", "yes", "--appendfsync", "always");
  const emulator = createEmulator({ clock: { speed: 20 }, vendors: ["apixo"], credits: 1_000 });
  const listening = await emulator.listen();
  const { apiKey, baseUrl } = listening.for("apixo");
  const REDIS_URL = `redis://127.0.0.1:${server.port}`;
  const env = { ...process.env, REDIS_URL, APIXO_API_KEY: apiKey, APIXO_BASE_URL: baseUrl };
  const run = (program: string, ...args: string[]) =>
    spawn(process.execPath, ["--no-warnings", join(import.meta.dirname, program), ...args], { env, stdio: "inherit" });
  const workers = [run("worker.ts"), run("worker.ts")];
  run("producer.ts", `${videos}`);

  const connection = new Redis({ port: server.port, host: "127.0.0.1", maxRetriesPerRequest: null });
  const queue = new Queue<unknown, string>("videos", { connection });
  for (let ended = 0; ended < videos;) {
    const { completed = 0, failed = 0 } = await queue.getJobCounts("completed", "failed");
    ended = completed + failed;
    process.stdout.write(`\r${completed} of ${videos} done, ${failed} failed, ${emulator.ledger.length} charged`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (let n = 0; n < videos; n++) {
    const url = (await queue.getJob(`row-${n}`))?.returnvalue;
    if (!url) continue;
    const answer = await fetch(url);
    await writeFile(join(folder, `row-${n}.mp4`), new Uint8Array(await answer.arrayBuffer()));
  }
  process.stdout.write(`\n${emulator.ledger.length} charges; the videos are in ${folder}\n`);

  const gone = workers.map((worker) => new Promise((resolve) => worker.once("exit", resolve)));
  for (const worker of workers) worker.kill("SIGTERM");
  await Promise.all(gone);
  await queue.close();
  connection.disconnect();
  await listening.close();
  await server.stop();
}
