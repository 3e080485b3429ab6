// How long it takes to find what is open among many rows that have ended, the first thing that a program does after a restart; and
// to remove what has ended.
import type { JournalEntry, JournalState } from "vidtask";
import { each } from "../progress.ts";
import type { Opened } from "./databases.ts";
import { clientOn, newKey } from "./submits.ts";

/** What `resume` asks for. */
const OPEN: JournalState[] = ["begun", "sending", "accepted", "unknown"];
/** One of so many is open. */
export const ONE_IN = 100;
const AT_ONCE = 500;

/** Rows as real submits leave them, copied under other names. */
export async function fill(opened: Opened, rows: number): Promise<void> {
  const { journal, query } = opened;
  const client = clientOn(opened, "with the hint");
  const keys = { open: newKey(), ended: newKey() };
  const submit = (key: string) => client.submit({ model: "kling-2-6", prompt: "a waterfall" }, { idempotencyKey: key });
  await submit(keys.open);
  await client.get(await submit(keys.ended));
  if (!query) {
    const [open, ended] = [await journal.get(keys.open), await journal.get(keys.ended)];
    if (!open || !ended) throw new Error("a row is gone");
    const numbers = Array.from({ length: rows }, (_, n) => n);
    return each(numbers, AT_ONCE, async (n) => {
      const found = await journal.begin(copyOf(n % ONE_IN === 0 ? open : ended, n));
      if (found) throw new Error(`${found.key} was there`);
    });
  }
  const isPostgres = query.dialect === "postgres";
  const series = isPostgres
    ? `WITH n AS (SELECT n FROM generate_series(0, ${rows - 1}) AS n)`
    : `WITH RECURSIVE n AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM n WHERE n < ${rows - 1})`;
  const name = (column: string) => `${column} || '-' || n.n`;
  const renamed = `replace(replace(entry, '"' || key || '"', '"' || ${name("key")} || '"'),
    '"' || ref_id || '"', '"' || ${name("ref_id")} || '"')`;
  const copy = `${series} INSERT INTO video_submits (key, version, state, ref_vendor, ref_id, updated_at, entry)
    SELECT ${name("key")}, version, state, ref_vendor, ${name("ref_id")}, updated_at, ${renamed} FROM n
    JOIN video_submits AS of ON of.key = CASE WHEN n.n % ${ONE_IN} = 0 THEN '${keys.open}' ELSE '${keys.ended}' END
    ORDER BY n.n`;
  await query.run(copy, []);
  if (isPostgres) await query.run("ANALYZE video_submits", []); // as autovacuum does by itself after a minute
}

function copyOf(entry: JournalEntry, n: number): JournalEntry {
  const { key, ref, task } = entry;
  const id = `${ref?.id}-${n}`;
  return {
    ...entry,
    key: `${key}-${n}`,
    ...(ref && { ref: { ...ref, id } }),
    ...(task && { task: { ...task, id } }),
  };
}

/** Milliseconds of one listing of all that is open. */
export async function measureListing({ journal }: Opened, wanted: number): Promise<number> {
  const began = performance.now();
  let found = 0;
  for await (const { error } of journal.list({ state: OPEN })) if (error === undefined) found++;
  const ms = performance.now() - began;
  if (found !== wanted) throw new Error(`${found} open rows were listed, not ${wanted}`);
  return ms;
}

/** Milliseconds to remove all that has ended; nothing where there is no way to. */
export async function measurePruning({ journal }: Opened, wanted: number): Promise<number | undefined> {
  if (!journal.prune) return undefined;
  const before = new Date(Date.now() + 60_000).toISOString();
  const began = performance.now();
  const removed = await journal.prune({ before });
  if (removed !== wanted) throw new Error(`${removed} rows were pruned, not ${wanted}`);
  return performance.now() - began;
}
