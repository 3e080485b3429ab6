// One way to run a statement for all dialects, and the check that the database can be relied on.
import type { Query, SqlStoreOptions } from "./options.ts";

/** Of the tables; a change that an older version would misread raises it. */
export const SCHEMA_VERSION = 1;

type Value = string | number | null;
type Row = { readonly [column: string]: unknown };

export type Database = {
  readonly isPostgres: boolean;
  readonly table: string;
  /** The time of the server, in ms since 1970, as an expression. */
  readonly now: string;
  /** The greater of two values, as a function. */
  readonly max: string;
  /** Values stand at `$1`, `$2`, … whatever the dialect. */
  run(sql: string, values?: readonly Value[]): Promise<readonly Row[]>;
  /** Rejects when the tables are not there, are not of this version, or the database may forget what it acknowledged. */
  check(): Promise<void>;
  /** Rejects when the database has not the functions of the dialect. */
  checkDialect(): Promise<void>;
  otherVersion(found: number): Error;
};

const TABLE = "video_submits";

export function databaseOf(query: Query, options: SqlStoreOptions): Database {
  const { dialect, table = TABLE } = options ?? {};
  if (typeof query !== "function") throw new TypeError("sqlStore: `query` must be a function that runs a statement");
  if (dialect !== "postgres" && dialect !== "sqlite")
    throw new TypeError('sqlStore: `dialect` must be "postgres" or "sqlite"');
  if (typeof table !== "string" || !/^[a-z_][a-z0-9_]{0,39}$/.test(table))
    throw new TypeError("sqlStore: `table` must be lower-case letters, digits and _, at most 40 of them");
  const isPostgres = dialect === "postgres";
  let checked: Promise<void> | undefined;

  async function run(sql: string, values: readonly Value[] = []): Promise<readonly Row[]> {
    // Every driver of SQLite takes a bare `?`; not every one takes numbers.
    const given: Value[] = isPostgres ? [...values] : [];
    const text = isPostgres
      ? sql
      : sql.replaceAll(/\$(\d+)/g, (_, n: string) => {
          given.push(values[Number(n) - 1] ?? null);
          return "?";
        });
    const rows: unknown = await query(text, given);
    if (!Array.isArray(rows))
      throw new TypeError("`query` must resolve with an array of rows, such as (await pool.query(…)).rows");
    return rows as readonly Row[];
  }

  const otherVersion = (found: number) =>
    new Error(
      found > SCHEMA_VERSION
        ? `the tables ${table} have version ${found}, but this package knows ${SCHEMA_VERSION}: upgrade @vidtask/stores`
        : `the tables ${table} have version ${found}, but this package needs ${SCHEMA_VERSION}: run migrate()`,
    );

  // Each is a function that the other dialect has not.
  const sync = isPostgres ? "current_setting('synchronous_commit')" : "julianday('now')";
  const asDialect = (error: unknown): Error => {
    const { message } = error as Error;
    if (!message.includes(isPostgres ? "current_setting" : "julianday")) return error as Error;
    const what = `this database does not speak the dialect ${dialect} (${message})`;
    return new Error(`${what}: give sqlStore the right one, postgres or sqlite`, { cause: error });
  };

  async function look(): Promise<void> {
    const [row] = await run(`SELECT version, ${sync} AS sync FROM ${table}_schema`).catch((error: unknown) => {
      const known = asDialect(error);
      if (known !== error) throw known;
      throw new Error(`the tables ${table} cannot be read (${known.message}): run migrate() if it was never run`, {
        cause: error,
      });
    });
    const version = Number(row?.["version"]);
    if (version !== SCHEMA_VERSION) throw otherVersion(version || 0);
    if (row?.["sync"] === "off")
      throw new Error(
        "synchronous_commit is off: if this Postgres stops, it forgets the last submits, and they would be paid for twice; set it to on",
      );
  }

  return {
    isPostgres,
    table,
    now: isPostgres
      ? "(extract(epoch FROM clock_timestamp()) * 1000)::double precision"
      : "((julianday('now') - 2440587.5) * 86400000.0)",
    max: isPostgres ? "greatest" : "max",
    run,
    check: () =>
      (checked ??= look().catch((error: unknown) => ((checked = undefined), Promise.reject(error as Error)))),
    async checkDialect() {
      await run(`SELECT ${sync} AS sync`).catch((error: unknown) => {
        throw asDialect(error);
      });
    },
    otherVersion,
  };
}
