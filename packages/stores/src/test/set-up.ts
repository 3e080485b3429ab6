// Before `npm run test:stores`: installs the servers where they are missing and this can be done, else says how; and the
// database clients that only this suite needs.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { programOf } from "./servers.ts";

const isMissing = (): string | undefined => {
  try {
    for (const name of ["redis-server", "postgres", "initdb"]) programOf(name);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

const mayInstall = process.getuid?.() === 0 && spawnSync("which", ["apt-get"]).status === 0;
if (isMissing() !== undefined && mayInstall)
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", "postgresql", "redis-server"]])
    spawnSync("apt-get", args, { stdio: "inherit", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });

const missing = isMissing();
if (missing !== undefined) {
  process.stderr.write(`${missing}\n`);
  process.exitCode = 1;
} else {
  const cwd = join(import.meta.dirname, "drivers");
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  process.exitCode = spawnSync("npm", args, { cwd, stdio: "inherit" }).status ?? 1;
}
