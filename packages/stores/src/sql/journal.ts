import type { JournalEntry } from "@vidtask/core";
import { entryOf, listedEntry } from "../entry.ts";
import type { Database } from "./database.ts";
import type { SqlStore } from "./options.ts";

/** Rows read or removed at a time. */
const PAGE = 200;
const WINDOW = 2_000;
/** So many SELECTs may be joined in D1. */
const MAX_TERMS = 4;

const COLUMNS = ["version", "state", "ref_vendor", "ref_id", "updated_at", "entry"];
const ENDED = "('succeeded', 'failed', 'refused', 'lost')";

type Value = string | number | null;

export function sqlJournal(db: Database): SqlStore["journal"] {
  const { table: t, run } = db;
  const valuesOf = ({ key, version, state, ref, updatedAt, ...rest }: JournalEntry): Value[] => {
    const entry = { key, version, state, ...(ref && { ref }), updatedAt, ...rest };
    return [key, version, state, ref?.vendor ?? null, ref?.id ?? null, updatedAt, JSON.stringify(entry)];
  };
  const begin = `INSERT INTO ${t} (key, ${COLUMNS.join(", ")}) VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (key) DO UPDATE SET ${COLUMNS.map((name) => `${name} = excluded.${name}`).join(", ")}
    WHERE ${t}.state IN ('refused', 'lost') AND excluded.version > ${t}.version RETURNING key`;
  const update = `UPDATE ${t} SET ${COLUMNS.map((name, index) => `${name} = $${index + 2}`).join(", ")}
    WHERE key = $1 AND version = $8 AND NOT EXISTS
      (SELECT 1 FROM ${t} other WHERE other.key <> $1 AND other.ref_vendor = $4 AND other.ref_id = $5) RETURNING key`;
  const select = async (where: string, values: Value[]): Promise<JournalEntry | undefined> => {
    const [row] = await run(`SELECT entry FROM ${t} WHERE ${where}`, values);
    return row && entryOf(row["entry"]);
  };

  return {
    durable: true,
    async now() {
      const [row] = await run(`SELECT ${db.now} AS now`);
      return Number(row?.["now"]);
    },
    async begin(entry) {
      await db.check();
      for (;;) {
        if ((await run(begin, valuesOf(entry))).length > 0) return undefined;
        const found = await select("key = $1", [entry.key]);
        if (found) return found; // else it was pruned in between
      }
    },
    async update(key, version, patch, from) {
      const isGiven = from?.key === key && from.version === version;
      const found = isGiven ? from : await select("key = $1 AND version = $2", [key, version]);
      if (!found) return undefined;
      const values = valuesOf({ ...found, ...patch, key, version: version + 1 });
      const written = await run(update, [...values, version]);
      return written.length > 0 ? entryOf(values[6]) : undefined;
    },
    get: (key) => select("key = $1", [key]),
    findByTask: ({ vendor, id }) => select("ref_vendor = $1 AND ref_id = $2", [vendor, id]),
    // Page by page. A row that is committed late, under a lower number, is missed by this one listing.
    async *list({ state, since = "", newestFirst = false } = {}) {
      const states = state && [...new Set(state)];
      if (states?.length === 0) return;
      const sql = pageOf(t, states?.length, newestFirst);
      for (let after = newestFirst ? Number.MAX_SAFE_INTEGER : 0; ;) {
        const rows = await run(sql, [after, since, ...(states ?? [])]);
        for (const row of rows) yield listedEntry(String(row["key"]), row["entry"]);
        const last = rows.at(-1);
        if (!last || rows.length < PAGE) return;
        after = Number(last["seq"]);
      }
    },
    async prune({ before }: { before: string }) {
      const time = new Date(before).toISOString();
      const [last] = await run(`SELECT max(seq) AS last FROM ${t}`);
      let removed = 0;
      for (let from = 0; from < Number(last?.["last"] ?? 0); from += WINDOW) {
        const sql = `DELETE FROM ${t} WHERE seq > $1 AND seq <= $2 AND updated_at < $3 AND state IN ${ENDED} RETURNING seq`;
        removed += (await run(sql, [from, from + WINDOW, time])).length;
      }
      // Names like 2026-01-31 and 2026-01 are days and months; another name's budget stays.
      for (const length of [7, 10]) {
        const isDate = `length(period) = ${length} AND period LIKE '____-__%' AND period < $1`;
        for (const name of ["reserved", "spent"])
          await run(`DELETE FROM ${t}_${name} WHERE ${isDate}`, [time.slice(0, length)]);
      }
      return removed;
    },
  };
}

/** One page by number. A state at a time goes through its index, however many rows that have ended lie between. */
function pageOf(t: string, states: number | undefined, newestFirst: boolean): string {
  const [beyond, order] = newestFirst ? ["<", "seq DESC"] : [">", "seq"];
  const page = (where: string) =>
    `SELECT seq, key, entry FROM ${t} WHERE ${where} seq ${beyond} $1 AND updated_at >= $2 ORDER BY ${order} LIMIT ${PAGE}`;
  if (states === undefined) return page("");
  const names = Array.from({ length: states }, (_, index) => `$${index + 3}`);
  if (states > MAX_TERMS) return page(`state IN (${names.join(", ")}) AND`);
  const parts = names.map((name) => `SELECT * FROM (${page(`state = ${name} AND`)}) AS part`);
  return `${parts.join(" UNION ALL ")} ORDER BY ${order} LIMIT ${PAGE}`;
}
