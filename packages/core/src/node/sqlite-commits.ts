import type { DatabaseSync } from "node:sqlite";
// Writes that come together share one commit, and so one synchronisation with the disk: what a journal costs most.
import { setImmediate } from "node:timers"; // not the global one, which a test's clock may hold still
import { transaction } from "./sqlite-database.ts";

/** In one commit: the event loop stands still for as long as it takes, and the log keeps room for them. */
const MOST = 64;

export type Commits = {
  /** Runs a write; what it says is told when it is on the disk. `prepare` runs before the commit it is in, outside of it. */
  add<T>(work: () => T, prepare?: () => void): Promise<T>;
  /** Runs now what waits. */
  flush(): void;
};

type Write = {
  work: () => unknown;
  prepare?: (() => void) | undefined;
  resolve(value: unknown): void;
  reject(why: unknown): void;
};

/** @param before runs before each commit, first of all: where it throws, nothing is written */
export function shareCommits(db: DatabaseSync, before: () => void): Commits {
  let waiting: Write[] = [];

  function runNext(): void {
    const batch = waiting.splice(0, MOST);
    if (waiting.length > 0) setImmediate(runNext);
    commit(batch);
  }

  function commit(batch: readonly Write[]): void {
    try {
      before();
    } catch (error) {
      for (const write of batch) write.reject(error);
      return;
    }
    const ready = prepared(batch);
    const [only, ...others] = ready;
    if (!only) return;
    let told: readonly (() => void)[];
    try {
      told = transaction(db, () => (others.length === 0 ? [valueOf(only)] : ready.map((write) => apart(db, write))));
    } catch (error) {
      // What cannot be written with others, as on a disk that fills up, may be written alone, and is refused alone.
      if (others.length === 0) only.reject(error);
      else for (const write of ready) commit([{ ...write, prepare: undefined }]);
      return;
    }
    for (const tell of told) tell();
  }

  return {
    add: <T>(work: () => T, prepare?: () => void) =>
      new Promise<T>((resolve, reject) => {
        if (waiting.length === 0) setImmediate(runNext);
        waiting.push({ work, prepare, resolve: resolve as (value: unknown) => void, reject });
      }),
    flush() {
      const all = waiting;
      waiting = [];
      for (let at = 0; at < all.length; at += MOST) commit(all.slice(at, at + MOST));
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
