// Pact merges into an existing file, so a renamed or removed interaction would stay in it for ever.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

export default function setup(): void {
  const { name } = JSON.parse(readFileSync("package.json", "utf8")) as { name: string };
  const vendor = name.replace("@vidtask/", "");
  rmSync(join(import.meta.dirname, "..", "contracts", `vidtask-${vendor}.json`), { force: true });
}
