// Two runs of one batch at the same time would write each row's result twice. SQLite's lock on a file is the system's, so it
// ends with its process, however that ends.
import { join } from "node:path";
import { UsageError } from "../usage-error.ts";

/** @throws UsageError when another process has it. Returns what gives it back. */
export async function lockFolder(folder: string): Promise<() => void> {
  const { DatabaseSync } = await import("node:sqlite");
  const db = new DatabaseSync(join(folder, ".vidtask-lock"));
  try {
    db.exec("PRAGMA busy_timeout = 500; BEGIN EXCLUSIVE");
  } catch {
    db.close();
    throw new UsageError(`another vidtask batch is running in ${folder}`, [
      "Wait for it, or give this one another folder with -o.",
    ]);
  }
  return () => db.close();
}
