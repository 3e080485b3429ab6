// Disk space held in advance, so that completing what has begun needs none: a full disk stops the next submit, never
// the record of one that was paid for.
import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { fullError, pragma, transaction } from "./sqlite-database.ts";

/** Pages that stay free inside the file and inside its log: room to complete a thousand submits. */
const SPARE = 512;
/** Pages that are made free when fewer are left. */
const FILL = 2 * SPARE;
/** Pages in the log before they are copied into the file; well below SPARE, so that the log is used again in time. */
const CHECKPOINT = 256;

export type Space = {
  /** Makes room if there is too little; throws when there is none to be had. */
  ensure(): void;
  /** Writes over what the log still holds of rows that were deleted. Takes no new space. */
  scrub(): void;
};

export function holdSpace(db: DatabaseSync, path: string): Space {
  db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT}`);
  const pageSize = Number(pragma(db, "page_size"));
  const freePages = db.prepare("PRAGMA freelist_count");
  const allPages = db.prepare("PRAGMA page_count");
  const logPages = () => Math.floor(sizeOf(`${path}-wal`) / (pageSize + 24));
  const free = () => Number(freePages.get()?.["freelist_count"]);
  // The file grows only when the log is copied into it.
  const isWhole = () => sizeOf(path) >= Number(allPages.get()?.["page_count"]) * pageSize;

  // Freed pages are written as zeros (secure_delete), to the log and then to the file: the space is really taken.
  const write = (pages: number) =>
    transaction(db, () => {
      db.prepare("INSERT INTO reserve VALUES (zeroblob(?))").run(pages * pageSize);
      db.exec("DELETE FROM reserve");
    });
  const checkpoint = () => db.exec("PRAGMA wal_checkpoint(RESTART)");

  return {
    ensure() {
      const isShort = free() < SPARE || logPages() < SPARE;
      if (!isShort && isWhole()) return;
      const needed = 3 * FILL * pageSize;
      if (availableOn(dirname(path)) < needed) throw fullError(`less than ${Math.ceil(needed / 1e6)} MB are left`);
      if (isShort) write(FILL);
      checkpoint();
    },
    scrub() {
      checkpoint();
      const pages = Math.min(free(), logPages()) - 16;
      if (pages > 0) write(pages);
      checkpoint();
    },
  };
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

function availableOn(directory: string): number {
  const { blocks, bavail, bsize } = statfsSync(directory);
  return blocks === 0 ? Infinity : bavail * bsize; // 0: a file system that does not say
}
