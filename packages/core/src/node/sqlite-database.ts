// Opens the file of a journal: its permissions, how SQLite writes it, and whether it is a journal of vidtask.
import { closeSync, openSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type * as Sqlite from "node:sqlite";
import type { DatabaseSync } from "node:sqlite";
import { makeFolderSync } from "./make-folder.ts";

/** How long SQLite itself waits for another process, in ms. */
export const BUSY_TIMEOUT = 5000;
/** "vidt": tells our files from those of other programs. */
const APPLICATION_ID = 0x76696474;
/** The format of the file; a change that an older version would misread raises it. */
const FORMAT = 2;
const SET_FORMAT = `PRAGMA user_version = ${FORMAT}`;

// `id` is the order of begin and never changes: what a list pages by. `reserve` is always empty, see sqlite-reserved-space.ts.
const SCHEMA = `
  CREATE TABLE submits (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    ref_vendor TEXT,
    ref_id TEXT,
    updated_at TEXT NOT NULL,
    entry TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX submits_by_ref ON submits (ref_vendor, ref_id) WHERE ref_id IS NOT NULL;
  CREATE INDEX submits_by_state ON submits (state, id);
  CREATE TABLE reserve (bytes BLOB) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
  ${SET_FORMAT}
`;

const BUSY = 5;
const IO_ERROR = 10;
const FULL = 13;
const REASONS: { readonly [code: number]: string } = {
  [BUSY]: "another process kept it locked for too long",
  8: "it cannot be written",
  11: "it is damaged",
  [FULL]: "the disk is full",
  14: "it cannot be opened",
  26: "it is not a SQLite database",
};

/**
 * Opens the database, creating directory, file and tables when they are missing, and passes it on with its absolute
 * path. It is closed again when `use` throws.
 *
 * @throws Error that says why the file cannot be a journal.
 */
export function openDatabase<T>(given: string, use: (db: DatabaseSync, path: string) => T): T {
  const { DatabaseSync } = loadSqlite();
  const path = resolve(given);
  try {
    createFile(path);
    const db = new DatabaseSync(path);
    try {
      prepareDatabase(db);
      return use(db, path);
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    throw explain(path, error);
  }
}

// Looked up when a journal is created, not when this module is loaded: Node 22 warns, and other runtimes lack it.
function loadSqlite(): typeof Sqlite {
  const found = process.getBuiltinModule?.("node:sqlite") as typeof Sqlite | undefined;
  if (!found)
    throw new Error(`sqliteJournal needs node:sqlite, that is Node 22.13 or newer; this is ${process.version}`);
  return found;
}

// Only a file that is not there is opened here: closing a descriptor of one that SQLite has open drops its locks.
function createFile(path: string): void {
  makeFolderSync(dirname(path), 0o700);
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    // In a device or a pipe SQLite would write, and leave files beside it.
    const found = statSync(path);
    if (!found.isFile()) throw new Error(`it is ${found.isDirectory() ? "a directory" : "no file"}`, { cause: error });
  }
}

function prepareDatabase(db: DatabaseSync): void {
  // First of all: without it every lock of another process is an error at once.
  db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
  // Before anything is written: the file of another program must stay unchanged.
  transaction(db, () => formatOf(db), "BEGIN");
  const mode = switchToWal(db);
  if (mode !== "wal") throw new Error(`its file system cannot do WAL (the journal mode stays "${mode}")`);
  db.exec("PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
  // Written even when nothing is to be created: a file that cannot be written is refused here, not at a submit.
  transaction(db, () => db.exec(formatOf(db) === 0 ? SCHEMA : SET_FORMAT));
}

// Of two processes that switch a new file at the same moment SQLite refuses one at once, busy_timeout or not.
function switchToWal(db: DatabaseSync): unknown {
  const deadline = performance.now() + BUSY_TIMEOUT;
  for (;;) {
    try {
      return pragma(db, "journal_mode = WAL");
    } catch (error) {
      if (codeOf(error) !== BUSY || performance.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** The format of the file, 0 when it is empty; throws for a file of another format or not ours. */
function formatOf(db: DatabaseSync): number {
  const format = Number(pragma(db, "user_version"));
  const isOurs = pragma(db, "application_id") === APPLICATION_ID;
  const isEmpty = !isOurs && format === 0 && !db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get();
  if (isEmpty) return 0;
  if (!isOurs) throw new Error("it is the database of another program: give the journal a file of its own");
  if (format > FORMAT)
    throw new Error(`it has format ${format} and this version knows ${FORMAT}: upgrade the package that opens it`);
  if (format < FORMAT)
    throw new Error(`it has format ${format}, of an unpublished version; this one writes ${FORMAT}: use a new file`);
  return format;
}

/** What a pragma answers. */
export const pragma = (db: DatabaseSync, text: string): unknown =>
  Object.values(db.prepare(`PRAGMA ${text}`).get() ?? {})[0];

/** Runs `work` in a transaction; the write lock is taken at its start, so that it never has to be upgraded. */
export function transaction<T>(db: DatabaseSync, work: () => T, begin = "BEGIN IMMEDIATE"): T {
  db.exec(begin);
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    try {
      db.exec("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself (a full disk).
    }
    throw error;
  }
}

/** The error with the file and the reason in words. */
export function explain(path: string, error: unknown): Error {
  const { message } = error as Error;
  const reason = REASONS[codeOf(error)];
  return new Error(`the journal ${path}: ${reason === undefined ? message : `${reason} (${message})`}`, {
    cause: error,
  });
}

/** True when another process is writing. */
export const isBusy = (error: unknown): boolean => codeOf(error) === BUSY;

/** True when there was no space to write: a full disk, a quota. */
export const isFull = (error: unknown): boolean => codeOf(error) === FULL || codeOf(error) === IO_ERROR;

/** An error that counts as SQLite's own "disk is full". */
export const fullError = (message: string): Error => Object.assign(new Error(message), { errcode: FULL });

/** SQLite's primary result code. */
const codeOf = (error: unknown): number => ((error as { errcode?: number }).errcode ?? 0) & 0xff;
