// Journal, slots and budget in one SQL database, through a function that runs a statement.
import type { Budget, Journal, Slots } from "@vidtask/core";
import { sqlBudget } from "./sql/budget.ts";
import { databaseOf } from "./sql/database.ts";
import { sqlJournal } from "./sql/journal.ts";
import { SCHEMA_VERSION, schemaOf } from "./sql/schema.ts";
import { sqlSlots } from "./sql/slots.ts";

/**
 * Runs one statement on the primary of your database, and resolves with its rows. With dialect `postgres` values stand at
 * `$1`, `$2`, …, with `sqlite` at each `?` in turn.
 */
export type Query = (
  sql: string,
  values: (string | number | null)[],
) => Promise<readonly { readonly [column: string]: unknown }[]>;

/** How a SQL store is kept. */
export type SqlStoreOptions = {
  /** `postgres`: Postgres 12 or newer, PGlite, Neon. `sqlite`: SQLite 3.35 or newer, D1, libSQL. */
  dialect: "postgres" | "sqlite";
  /**
   * The table of submits; the others have its name and a suffix. Lower-case letters, digits and `_`, at most 40.
   * @default "video_submits"
   */
  table?: string | undefined;
};

/** What a SQL store keeps. */
export type SqlStore = {
  journal: Journal & {
    /** Removes rows that have ended and were last written before this ISO time, and the budgets of days and months before it. @returns how many rows */
    prune(options: { before: string }): Promise<number>;
  };
  slots: Slots;
  budget: Budget;
  /** Makes the tables, or brings them up to date. Run it at every deploy, before the new code: running it again changes nothing. */
  migrate(): Promise<void>;
};

/**
 * Journal, shared limits and budget in a SQL database, for any number of processes and machines. `query` must ask the
 * primary: no read replica, no cache. A free slot goes to whoever asks next.
 *
 * A Postgres with `synchronous_commit = off` is refused: it forgets the last submits when it stops, and pays for them twice.
 * So does a failover to a standby that is not synchronous, which no client can see.
 *
 * @throws TypeError for a wrong option. The store's calls reject when the database fails, and say what to do.
 */
export function sqlStore(query: Query, options: SqlStoreOptions): SqlStore {
  const db = databaseOf(query, options);
  return {
    journal: sqlJournal(db),
    slots: sqlSlots(db),
    budget: sqlBudget(db),
    async migrate() {
      const [newer] = await db
        .run(`SELECT version FROM ${db.table}_schema WHERE version > ${SCHEMA_VERSION}`)
        .catch(() => []); // there are no tables yet
      if (newer) throw db.otherVersion(Number(newer["version"]));
      for (const statement of schemaOf(db)) await db.run(statement);
    },
  };
}
