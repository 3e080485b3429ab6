import type { Journal, JournalEntry } from "../journal/journal.ts";

/** Runs one statement on your database and returns its rows. */
export type Query = (sql: string, values: (string | number | null)[]) => Promise<{ entry: string }[]>;

export const TABLE = `CREATE TABLE IF NOT EXISTS video_submits (
  key TEXT PRIMARY KEY, version INTEGER NOT NULL, state TEXT NOT NULL, updated_at TEXT NOT NULL,
  ref_vendor TEXT, ref_id TEXT, entry TEXT NOT NULL, UNIQUE (ref_vendor, ref_id))`;

export function sqlJournal(query: Query): Journal {
  const select = async (where: string, values: (string | number)[]) => {
    const [row] = await query(`SELECT entry FROM video_submits WHERE ${where}`, values);
    return row && (JSON.parse(row.entry) as JournalEntry);
  };
  const columns = (entry: JournalEntry) => {
    const { key, version, state, updatedAt, ref } = entry;
    return [key, version, state, updatedAt, ref?.vendor ?? null, ref?.id ?? null, JSON.stringify(entry)];
  };
  return {
    durable: true,
    async begin(entry) {
      for (;;) {
        const insert = `INSERT INTO video_submits (key, version, state, updated_at, ref_vendor, ref_id, entry)
          VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (key) DO UPDATE SET version = excluded.version,
            state = excluded.state, updated_at = excluded.updated_at, ref_vendor = excluded.ref_vendor,
            ref_id = excluded.ref_id, entry = excluded.entry
          WHERE video_submits.state IN ('refused', 'lost') AND excluded.version > video_submits.version RETURNING entry`;
        if ((await query(insert, columns(entry))).length > 0) return undefined;
        const found = await select("key = $1", [entry.key]);
        if (found) return found; // else it was deleted in between
      }
    },
    async update(key, version, patch) {
      const found = await select("key = $1 AND version = $2", [key, version]);
      if (!found) return undefined;
      const next = { ...found, ...patch, key, version: version + 1 };
      const update = `UPDATE video_submits SET version = $2, state = $3, updated_at = $4, ref_vendor = $5, ref_id = $6,
          entry = $7 WHERE key = $1 AND version = $8 AND NOT EXISTS
          (SELECT 1 FROM video_submits o WHERE o.key <> $1 AND o.ref_vendor = $5 AND o.ref_id = $6) RETURNING entry`;
      const [row] = await query(update, [...columns(next), version]);
      return row && (JSON.parse(row.entry) as JournalEntry);
    },
    get: (key) => select("key = $1", [key]),
    findByTask: ({ vendor, id }) => select("ref_vendor = $1 AND ref_id = $2", [vendor, id]),
    async *list({ state, since = "" } = {}) {
      for (let after = ""; ;) {
        const page = "SELECT entry FROM video_submits WHERE key > $1 AND updated_at >= $2 ORDER BY key LIMIT 100";
        const entries = (await query(page, [after, since])).map((row) => JSON.parse(row.entry) as JournalEntry);
        for (const entry of entries) if (!state || state.includes(entry.state)) yield entry;
        after = entries.at(-1)?.key ?? "";
        if (after === "") return;
      }
    },
  };
}
