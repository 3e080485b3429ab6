// Before `npm run test:stores`: installs what the examples with a package.json of their own need.
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { dirname, join } from "node:path";

for (const manifest of globSync(join(import.meta.dirname, "*/package.json"))) {
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { status } = spawnSync("npm", args, { cwd: dirname(manifest), stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
