// `npm run test:workflow`: the programs in workflow/, compiled by the real Workflow SDK, run by its runtime in a folder.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { installed } from "./installed.ts";

const folder = join(import.meta.dirname, "../../../out/workflow");
await installed(
  {
    name: "workflow",
    parts: ["workflows", ".workflow-data", ".workflow-vitest", "journal.db", "journal.db-shm", "journal.db-wal"],
    packages: ["@vidtask/core", "@vidtask/apixo", "@vidtask/emulator", "@vidtask/ai-sdk-provider"],
  },
  folder,
);
const vitest = join(folder, "node_modules/vitest/vitest.mjs");
const { status } = spawnSync(process.execPath, [vitest, "run", ...process.argv.slice(2)], {
  cwd: folder,
  stdio: "inherit",
});
process.exitCode = status ?? 1;
