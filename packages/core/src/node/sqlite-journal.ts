import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { checkListFilter, checkPrune } from "../journal/list-options.ts";
import { flawedRow, flawOf } from "../journal/row-flaw.ts";
import { isJournalState, type JournalState } from "../journal/states.ts";
import type { Budget } from "../limits/budget.ts";
import type { Slots } from "../limits/shared-slots.ts";
import type { Json, JsonObject, TaskRef } from "../task/task.ts";
import { shareCommits } from "./sqlite-commits.ts";
import { explain, isFull, openDatabase } from "./sqlite-database.ts";
import { identityOf } from "./sqlite-file-identity.ts";
import { prepareLimits, sqliteLimits } from "./sqlite-limits.ts";
import { checkSqliteOptions, type SqliteJournalOptions } from "./sqlite-options.ts";
import { holdSpace } from "./sqlite-reserved-space.ts";

/** Rows read or removed at a time. */
const PAGE = 100;
const WINDOW = 1000;

const COLUMNS = ["version", "state", "ref_vendor", "ref_id", "updated_at", "entry"];
const BEGIN = `INSERT INTO submits (key, ${COLUMNS.join(", ")}) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET ${COLUMNS.map((name) => `${name} = excluded.${name}`).join(", ")}
  WHERE submits.state IN ('refused', 'lost') AND excluded.version > submits.version RETURNING key`;
const PRUNE = `DELETE FROM submits WHERE id > ? AND id <= ? AND updated_at < ?
  AND state IN ('succeeded', 'failed', 'refused', 'lost')`;

/**
 * A journal in a SQLite file, for any number of processes on one machine. Directory and file are created if they are missing,
 * readable by your user alone. Not for a network file system. Writes of one turn of the event loop share a commit, which is
 * synchronous. A write that meets another process's is tried again for 8 s, while the event loop goes on. The file and its log
 * take about 9 MB from the start, so that submits under way can be completed when the disk is full.
 *
 * `prune` removes finished rows (succeeded, failed, refused, lost) that were last written before that ISO time. Their keys
 * are new again, so prune only keys that will not be submitted any more. Call `close` when nothing is under way.
 *
 * @throws InvalidRequestError for a wrong path or option; Error when the file cannot be used, with the reason. Needs Node 22.13 or newer.
 */
export function sqliteJournal(
  path: string,
  options?: SqliteJournalOptions,
): Journal & {
  /** Removes rows that have ended. @returns how many */
  prune(options: { before: string }): Promise<number>;
  /** One limit for all processes that open the file: `limits: { shared }`. A free slot goes to the next process that asks. */
  slots: Slots;
  /** One spend cap for all processes that open the file: `budget: { shared }`. */
  budget: Budget;
  /** Closes the file. */
  close(): void;
} {
  const { prompts = true } = checkSqliteOptions(path, options);
  const { db, file, sql, space, identity } = openDatabase(path, (db, file) => {
    const identity = identityOf(file);
    const space = holdSpace(db, identity.realPath);
    try {
      space.ensure();
    } catch (error) {
      // Without space what has begun can still be completed; a submit is refused where it begins.
      if (!isFull(error)) throw error;
    }
    prepareLimits(db);
    return { db, file, space, identity, sql: statementsOf(db) };
  });
  let isOpen = true;
  const closed = () => new Error(`the journal ${file} is closed`);
  const run = <T>(work: () => T): T => {
    if (!isOpen) throw closed();
    try {
      return work();
    } catch (error) {
      throw explain(file, error);
    }
  };
  /** Writes go to the file that other processes see, or nowhere. */
  const commits = shareCommits(db, identity.check);
  const write = async <T>(work: () => T, prepare?: () => void): Promise<T> => {
    if (!isOpen) throw closed();
    return commits.add(work, prepare).catch((error: unknown) => {
      throw explain(file, error);
    });
  };
  const read = (key: string) => entryOf(sql.get.get(textOf(key)));
  const isTaken = ({ vendor, id }: TaskRef, key: string) =>
    sql.holder.get(textOf(vendor), textOf(id), key) !== undefined;
  const kept = (entry: JournalEntry) => (prompts ? entry : { ...entry, request: withoutPrompts(entry.request) });

  return {
    durable: true,
    ...sqliteLimits(db, write),
    // All processes are on one machine.
    now: async () => Date.now(),
    begin: async (entry) =>
      write(() => {
        if (entry.ref && isTaken(entry.ref, entry.key)) throw new Error("another key has the task of this entry");
        return sql.begin.get(textOf(entry.key), ...valuesOf(kept(entry))) ? undefined : read(entry.key);
      }, space.ensure),
    update: async (key, version, patch) =>
      write(() => {
        const found = read(key);
        if (found?.version !== version || (patch.ref && isTaken(patch.ref, key))) return undefined;
        const next = { ...found, ...patch, key, version: version + 1 };
        const values = valuesOf(patch.request ? kept(next) : next);
        sql.update.run(...values, key);
        return read(key);
      }),
    get: async (key) => run(() => read(key)),
    findByTask: async ({ vendor, id }) => run(() => entryOf(sql.find.get(textOf(vendor), textOf(id)))),
    // Page by page: between two of them nothing is locked, and a writer or a slow reader changes nothing for the other.
    async *list(filter) {
      const { state, since = "", newestFirst = false } = checkListFilter(filter);
      const states = state && [...new Set(state)];
      if (states?.length === 0) return;
      const page = run(() => db.prepare(listSql(states, newestFirst)));
      for (let after = newestFirst ? Number.MAX_SAFE_INTEGER : 0; ;) {
        const given = states ? states.flatMap((name) => [name, after, since]) : [after, since];
        const rows = run(() => page.all(...given));
        for (const row of rows) yield listedEntry(row);
        const last = rows.at(-1);
        if (!last || rows.length < PAGE) return;
        after = Number(last["id"]);
      }
    },
    async prune(options) {
      const { before } = checkPrune(options);
      const last = run(() => Number(sql.last.get()?.["id"] ?? 0));
      let removed = 0;
      for (let from = 0; from < last; from += WINDOW) {
        removed += run(() => Number(sql.prune.run(from, Math.min(from + WINDOW, last), before).changes));
        await setImmediate();
      }
      if (removed > 0) run(space.scrub);
      return removed;
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      commits.flush();
      db.close();
    },
  };
}

const statementsOf = (db: DatabaseSync) => ({
  begin: db.prepare(BEGIN),
  get: db.prepare("SELECT key, entry FROM submits WHERE key = ?"),
  find: db.prepare("SELECT key, entry FROM submits WHERE ref_vendor = ? AND ref_id = ?"),
  holder: db.prepare("SELECT key FROM submits WHERE ref_vendor = ? AND ref_id = ? AND key <> ?"),
  update: db.prepare(`UPDATE submits SET ${COLUMNS.map((name) => `${name} = ?`).join(", ")} WHERE key = ?`),
  last: db.prepare("SELECT max(id) AS id FROM submits"),
  prune: db.prepare(PRUNE),
});

const valuesOf = (entry: JournalEntry): (string | number | null)[] => {
  const { version, state, ref, updatedAt } = entry;
  const task = ref ? [textOf(ref.vendor), textOf(ref.id)] : [null, null];
  return [version, state, ...task, updatedAt, JSON.stringify(entry)];
};

/** A text that SQLite keeps as it is: lone surrogates would all become one and the same character, and keys one key. */
function textOf(text: string): string {
  if (/\p{Surrogate}/u.test(text))
    throw new Error("a key or task id is not well-formed text (it has a lone surrogate)");
  return text;
}

type Row = { readonly [column: string]: unknown };

function entryOf(row: Row | undefined): JournalEntry | undefined {
  if (!row) return undefined;
  const { entry, flaw } = readEntry(row);
  if (flaw !== undefined) throw new Error(`it is damaged (${flaw.replace(/^it /, "a row ")})`);
  return entry;
}

// One row that cannot be used must not keep the others from being seen.
function listedEntry(row: Row): JournalEntry {
  const { entry, flaw } = readEntry(row);
  if (flaw === undefined) return entry;
  const { vendor = row["ref_vendor"] } = (entry ?? {}) as { vendor?: unknown };
  const state = row["state"];
  return flawedRow(String(row["key"]), flaw, {
    ...(typeof vendor === "string" ? { vendor } : {}),
    ...(isJournalState(state) ? { state } : {}),
    version: Number(row["version"]),
    updatedAt: String(row["updated_at"]),
  });
}

function readEntry(row: Row): { entry: JournalEntry; flaw?: undefined } | { entry?: unknown; flaw: string } {
  try {
    const entry = JSON.parse(String(row["entry"])) as JournalEntry;
    const flaw = flawOf(entry, String(row["key"]));
    return flaw === undefined ? { entry } : { entry, flaw };
  } catch {
    return { flaw: "it is not JSON" }; // without the parser's words: they quote the row, and with it a prompt
  }
}

/** One page by id. A state at a time goes through its index, however many finished rows lie between. */
function listSql(states: readonly JournalState[] | undefined, newestFirst: boolean): string {
  const [beyond, order] = newestFirst ? ["<", "id DESC"] : [">", "id"];
  const page = (where: string) =>
    `SELECT id, key, version, state, ref_vendor, updated_at, entry FROM submits WHERE ${where} id ${beyond} ? AND updated_at >= ? ORDER BY ${order} LIMIT ${PAGE}`;
  if (!states) return page("");
  const parts = states.map(() => `SELECT * FROM (${page("state = ? AND")})`);
  return `${parts.join(" UNION ALL ")} ORDER BY ${order} LIMIT ${PAGE}`;
}

function withoutPrompts(request: JsonObject): JsonObject {
  const hashed = (["prompt", "negativePrompt", "extraBody"] as const)
    .filter((word) => request[word] !== undefined)
    .map((word) => [word, { sha256: sha256(request[word] ?? null) }]);
  return { ...request, ...(Object.fromEntries(hashed) as JsonObject) };
}

const sha256 = (value: Json): string =>
  createHash("sha256")
    .update(typeof value === "string" ? value : JSON.stringify(value))
    .digest("hex");
