import type { Patch, UnitMutant } from "../mutated-copy.ts";
import { ofSuite, real } from "./of-suite.ts";

const SLOTS = "stores/src/sql/slots.ts";
const JOURNAL = "stores/src/sql/journal.ts";
const SCHEMA = "stores/src/sql/schema.ts";

const inProcess = { package: "stores", files: ["src/sql.test.ts", "src/faults.test.ts"] };
const postgres = ofSuite("Postgres > ", { ...real, files: ["src/servers.stores.ts"] });
const d1 = ofSuite("D1 > ", { ...real, files: ["src/test/drivers/drivers.stores.ts"] });
const sqlite = ofSuite("SQL(ite)? > ", inProcess);
const pglite = ofSuite("PGlite > ", inProcess);
const sqlSlots = (from: Patch["from"], to: string): Patch => ({ file: SLOTS, from, to });
const schema = (from: Patch["from"], to: string): Patch => ({ file: SCHEMA, from, to });

export const sqlMutants: { readonly [name: string]: UnitMutant } = {
  "postgres-lock-in-statement": postgres(
    "the lock of an account and its count are one statement",
    "of 64 that ask at once",
    sqlSlots(
      "const values = [account, holder, limit, forMs, gap, burstOf(gap)];",
      `const taken = await run(
        \`WITH lock AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtext($1))),
          live AS (SELECT count(*) AS n FROM \${t}, lock WHERE account = $1 AND holder <> '' AND holder <> $2 AND until_ms > \${now})
          INSERT INTO \${t} (account, holder, until_ms) SELECT $1, $2, \${now} + $4 FROM live WHERE n < $3
          ON CONFLICT (account, holder) DO UPDATE SET until_ms = excluded.until_ms RETURNING holder\`,
        [account, holder, limit, forMs],
      );
      if (taken.length > 0) return 0;
      const values = [account, holder, limit, forMs, gap, burstOf(gap)];`,
    ),
  ),
  "postgres-no-lock": postgres(
    "slots are counted without the lock of their account",
    "of 64 that ask at once",
    schema("AND holder = '' FOR UPDATE;", "AND holder = '';"),
  ),
  "postgres-no-budget-lock": postgres(
    "money is counted without the lock of its period",
    "of many reservations at once",
    schema("AND period = p_period FOR UPDATE;", "AND period = p_period;"),
  ),
  "postgres-any-from": postgres(
    "an update starts from any row it is given",
    "the entry that an update may start from is a hint",
    {
      file: JOURNAL,
      from: "from?.key === key && from.version === version",
      to: "from !== undefined",
    },
  ),
  "postgres-no-re-read": postgres(
    "a write whose answer was lost counts as failed",
    "whichever statement of a video meets a fault \\(answer lost",
    {
      file: "core/src/journal/write.ts",
      from: "if (now?.writeId === writeId) return now;",
      to: "",
    },
  ),
  "postgres-off-is-durable": postgres(
    "a Postgres that forgets what it acknowledged is taken for durable",
    "with synchronous_commit off",
    {
      file: "stores/src/sql/database.ts",
      from: `if (row?.["sync"] === "off")`,
      to: `if (row?.["sync"] === "never")`,
    },
  ),

  "sql-client-time": sqlite(
    "slots lapse by the caller's clock",
    "a caller whose clock is ahead",
    sqlSlots("(SELECT ${now} AS now,", "(SELECT ${Date.now()}.0 AS now,"),
  ),
  "sql-one-account": sqlite(
    "all accounts share their slots",
    "accounts are apart",
    sqlSlots("WHERE account = $1 AND holder <> '' AND holder <> $2", "WHERE holder <> '' AND holder <> $2"),
  ),
  "sql-never-lapses": sqlite(
    "a slot that is not freed is held for good",
    "a slot lapses after its time",
    sqlSlots("AND until_ms > now) AS others", ") AS others"),
  ),
  "sql-not-idempotent": sqlite(
    "a holder that asks again needs a second slot",
    "a lowered limit takes no slot away",
    sqlSlots("(mine OR others < $3)", "others + mine < $3"),
  ),
  "sql-off-by-one": sqlite(
    "one more than the limit is given",
    "of 64 that ask at once",
    sqlSlots("others < $3", "others <= $3"),
  ),
  "pglite-off-by-one": pglite(
    "one more than the limit is given",
    "of 64 that ask at once",
    schema("v_live >= p_limit", "v_live > p_limit"),
  ),
  "pglite-never-lapses": pglite(
    "a slot that is not freed is held for good",
    "a slot lapses after its time",
    schema(/DELETE FROM \$\{t\}_slots WHERE account = p_account .*\n/, "\n"),
  ),
  "sql-hold-not-counted": sqlite(
    "a task that had no slot is not counted",
    "holding lengthens a slot, and counts one",
    sqlSlots(
      "VALUES ($1, $2, ${now} + $3)\n",
      "SELECT $1, $2, ${now} + $3 FROM ${t} WHERE account = $1 AND holder = $2\n",
    ),
  ),
  "sql-renew-shortens": sqlite(
    "a slot that is asked for again for less gets less",
    "asking again renews a slot",
    sqlSlots("max(until_ms, excluded.until_ms) RETURNING", "excluded.until_ms RETURNING"),
  ),
  "sql-free-any": sqlite(
    "freeing one slot frees those of others",
    "what is freed can be taken, and only",
    sqlSlots("(holder = $2 OR until_ms <= ${now})", "$2 = $2"),
  ),
  "sql-no-budget": sqlite(
    "a slot takes no request",
    "a slot and its request are taken together",
    sqlSlots("AND ($5 = 0 OR even - now <= $6)", "AND $6 = $6"),
  ),
  "sql-unbounded-burst": sqlite(
    "a minute's requests may leave at once",
    "requests a minute",
    sqlSlots("BURST = 1_000", "BURST = 60_000"),
  ),
  "sql-no-index": sqlite(
    "a listing of open rows reads those that have ended",
    "a listing of open rows",
    schema(/`CREATE INDEX IF NOT EXISTS \$\{t\}_by_state .*\n/, "\n"),
  ),
  "d1-many-selects": d1("more SELECTs are joined than D1 allows", "a list can be asked for states", {
    file: JOURNAL,
    from: "MAX_TERMS = 4",
    to: "MAX_TERMS = 8",
  }),
};
