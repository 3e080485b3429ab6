// Two runs of one batch at the same time would write each row's result twice. SQLite's lock on a file is the system's, so it
// ends with its process, however that ends.
import { join } from "node:path";
import { UsageError } from "../usage-error.ts";

/** The file of the lock, in the folder. */
export const LOCK = ".vidtask-lock";

const BUSY = 5;

/** @throws UsageError when another process has it, or it cannot be had. Returns what gives it back. */
export async function lockFolder(folder: string): Promise<() => void> {
  const { DatabaseSync } = await import("node:sqlite");
  const file = join(folder, LOCK);
  let db: InstanceType<typeof DatabaseSync> | undefined;
  try {
    db = new DatabaseSync(file);
    db.exec("PRAGMA busy_timeout = 500; BEGIN EXCLUSIVE");
    return db.close.bind(db);
  } catch (error) {
    db?.close();
    const { errcode, message } = error as { errcode?: number; message: string };
    const isBusy = ((errcode ?? 0) & 0xff) === BUSY;
    throw new UsageError(
      isBusy ? `another vidtask batch is running in ${folder}` : `${file} cannot be locked (${message})`,
      [isBusy ? "Wait for it, or give this one another folder with -o." : "Remove it, or give another folder with -o."],
    );
  }
}
