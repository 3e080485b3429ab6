// Writes that come together share one commit, and so one synchronisation with the disk: what a journal costs most. One that
// meets another process's waits for it outside of SQLite, whose own wait keeps the event loop still, and asks so seldom that
// processes which write all the time leave it no gap.
import type { DatabaseSync } from "node:sqlite";
import { setImmediate, setTimeout } from "node:timers"; // not the global ones, which a test's clock may hold still
import { BUSY_TIMEOUT, isBusy, transaction } from "./sqlite-database.ts";

/** In one commit: the event loop stands still for as long as it takes, and the log keeps room for them. */
const MOST = 64;
/** Until a commit that met another process's is tried again, in ms: drawn, so that those who wait do not meet. */
const askAgainIn = (): number => 1 + 4 * Math.random();
/** How long a write waits for those of other processes, in ms: a submit gives its journal 10 s. */
const PATIENCE = 8_000;

export type Commits = {
  /** Runs a write; what it says is told when it is on the disk. `prepare` runs before the commit it is in, outside of it. */
  add<T>(work: () => T, prepare?: () => void): Promise<T>;
  /** Runs now what waits. */
  flush(): void;
};

type Write = {
  work: () => unknown;
  prepare?: (() => void) | undefined;
  /** Until when it waits for other processes, by `performance.now()`; from its first try on. */
  until?: number;
  resolve(value: unknown): void;
  reject(why: unknown): void;
};

/**
 * @param before runs before each commit, first of all: where it throws, nothing is written
 * @param patience how long a write waits for other processes, in ms
 */
export function shareCommits(db: DatabaseSync, before: () => void, patience: number = PATIENCE): Commits {
  let waiting: Write[] = [];
  let isDue = false;

  function schedule(delay?: number): void {
    if (isDue) return;
    isDue = true;
    if (delay === undefined) setImmediate(runNext);
    else setTimeout(runNext, delay);
  }

  function runNext(): void {
    isDue = false;
    const heldUp = commit(waiting.splice(0, MOST), 0);
    waiting.unshift(...heldUp);
    if (waiting.length > 0) schedule(heldUp.length > 0 ? askAgainIn() : undefined);
  }

  /** Those that are to be tried again, because another process is writing. It is waited for inside for `busyMs`. */
  function commit(batch: readonly Write[], busyMs: number): Write[] {
    if (batch.length === 0) return [];
    try {
      before();
    } catch (error) {
      for (const write of batch) write.reject(error);
      return [];
    }
    const ready = prepared(batch);
    const [only, ...others] = ready;
    if (!only) return [];
    let told: readonly (() => void)[];
    try {
      db.exec(`PRAGMA busy_timeout = ${busyMs}`);
      told = transaction(db, () => (others.length === 0 ? [valueOf(only)] : ready.map((write) => apart(db, write))));
    } catch (error) {
      if (isBusy(error) && busyMs === 0) return ready.filter((write) => mayWait(write, error));
      // What cannot be written with others, as on a disk that fills up, may be written alone, and is refused alone.
      if (others.length > 0 && !isBusy(error))
        return ready.flatMap((write) => commit([{ ...write, prepare: undefined }], busyMs));
      for (const write of ready) write.reject(error);
      return [];
    } finally {
      db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
    }
    for (const tell of told) tell();
    return [];
  }

  function mayWait(write: Write, error: unknown): boolean {
    const now = performance.now();
    write.until ??= now + patience;
    if (now < write.until) return true;
    write.reject(error);
    return false;
  }

  return {
    add: <T>(work: () => T, prepare?: () => void) =>
      new Promise<T>((resolve, reject) => {
        waiting.push({ work, prepare, resolve: resolve as (value: unknown) => void, reject });
        schedule();
      }),
    flush() {
      const all = waiting;
      waiting = [];
      for (let at = 0; at < all.length; at += MOST) commit(all.slice(at, at + MOST), BUSY_TIMEOUT);
    },
  };
}

const valueOf = ({ work, resolve }: Write): (() => void) => {
  const value = work();
  return () => resolve(value);
};

/** Those that may go on: each preparation runs once for all that ask for it. */
function prepared(batch: readonly Write[]): Write[] {
  const done = new Set<() => void>();
  return batch.filter(({ prepare, reject }) => {
    if (!prepare || done.has(prepare)) return true;
    try {
      prepare();
      done.add(prepare);
      return true;
    } catch (error) {
      reject(error);
      return false;
    }
  });
}

/** One of several in a transaction: what it throws is its own, and takes back what it wrote alone. */
function apart(db: DatabaseSync, write: Write): () => void {
  db.exec("SAVEPOINT one");
  try {
    const tell = valueOf(write);
    db.exec("RELEASE one");
    return tell;
  } catch (error) {
    db.exec("ROLLBACK TO one; RELEASE one"); // throws where SQLite has rolled back everything
    return () => write.reject(error);
  }
}
