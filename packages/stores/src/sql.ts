// Journal, slots and budget in one SQL database, through a function that runs a statement.
import { sqlBudget } from "./sql/budget.ts";
import { databaseOf, SCHEMA_VERSION } from "./sql/database.ts";
import { sqlJournal } from "./sql/journal.ts";
import type { Query, SqlStore, SqlStoreOptions } from "./sql/options.ts";
import { schemaOf } from "./sql/schema.ts";
import { sqlSlots } from "./sql/slots.ts";

export type { Query, SqlStore, SqlStoreOptions } from "./sql/options.ts";

/**
 * Keeps journal, shared limits and budget in a SQL database, for any number of processes and machines. `query` must run on the
 * primary: no read replica, no cache. A free slot goes to the process that asks next.
 *
 * A Postgres with `synchronous_commit = off` is refused: if it stops, it can lose the last submits, which may then be paid for
 * twice. A failover to a standby that is not synchronous can lose them too, and no client can notice that.
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
      await db.checkDialect();
      const [newer] = await db
        .run(`SELECT version FROM ${db.table}_schema WHERE version > ${SCHEMA_VERSION}`)
        .catch(() => []); // there are no tables yet
      if (newer) throw db.otherVersion(Number(newer["version"]));
      for (const statement of schemaOf(db)) await db.run(statement);
    },
  };
}
