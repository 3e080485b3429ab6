// Notices that the file of a journal is not the one that was opened: removed, replaced, restored from a backup, or reached by
// another way. SQLite writes on into the old one, and a process that opens the journal anew knows nothing of it.
import { realpathSync, statSync } from "node:fs";

export type FileIdentity = {
  /** Beside which SQLite keeps the log, also where the path is a link. */
  readonly realPath: string;
  /** @throws Error when the path leads to another file than the open one, or its log is gone */
  check(): void;
};

/** Of a database that has just been opened and written: its log exists. */
export function identityOf(path: string): FileIdentity {
  const realPath = realpathSync(path);
  const files = [path, `${realPath}-wal`, `${realPath}-shm`].map((file) => ({ file, opened: inodeOf(file) }));
  return {
    realPath,
    check() {
      const changed = files.find(({ file, opened }) => inodeOf(file) !== opened);
      if (!changed) return;
      const what = inodeOf(changed.file) === undefined ? "removed or moved" : "replaced";
      throw new Error(
        `${changed.file} was ${what} while it was open, so what is written here is seen by no other process: open the journal anew`,
      );
    },
  };
}

// Inodes of some file systems have more than 53 bits.
function inodeOf(file: string): string | undefined {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}
