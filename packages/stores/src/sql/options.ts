// What a SQL store is given, and what it gives.
import type { Budget, Journal, Slots } from "@vidtask/core";

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
