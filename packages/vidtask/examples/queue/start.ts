// `npm run start:queue`: Redis, the emulator, two workers and a producer of 100 videos, which are saved.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { programOf } from "../../../stores/src/test/servers.ts";

programOf("redis-server"); // says what to install
if (!existsSync(join(import.meta.dirname, "node_modules"))) {
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { status } = spawnSync("npm", args, { cwd: import.meta.dirname, stdio: "inherit" });
  if (status !== 0) throw new Error("npm ci failed in examples/queue");
}
const { runQueue } = await import("./run-queue.ts");
await runQueue(Number(process.argv[2] ?? 100), join(import.meta.dirname, "../../../../out/queue"));
