// The types that a SQL store takes and returns.
import type { Budget, Journal, Slots } from "@vidtask/core";

/**
 * Runs one statement on the primary of your database, and resolves with its rows. The placeholders of values are `$1`, `$2`, …
 * with the dialect `postgres`, and one `?` for each value, in order, with `sqlite`.
 */
export type Query = (
  sql: string,
  values: (string | number | null)[],
) => Promise<readonly { readonly [column: string]: unknown }[]>;

/** The options of `sqlStore`. */
export type SqlStoreOptions = {
  /** `postgres`: Postgres 12 or newer, PGlite, Neon. `sqlite`: SQLite 3.35 or newer, D1, libSQL. */
  dialect: "postgres" | "sqlite";
  /**
   * The name of the table of submits; the other tables add a suffix to it. Lower-case letters, digits and `_`, at most 40.
   * @default "video_submits"
   */
  table?: string | undefined;
};

/** What `sqlStore` returns. */
export type SqlStore = {
  journal: Journal & {
    /**
     * Removes rows of submits that have ended and were last written before this ISO time, and the budgets of earlier days and
     * months.
     * @returns the number of rows removed
     */
    prune(options: { before: string }): Promise<number>;
  };
  slots: Slots;
  budget: Budget;
  /** Creates the tables, or brings them up to date. Run it at every deploy, before the new code; running it again changes nothing. */
  migrate(): Promise<void>;
};
