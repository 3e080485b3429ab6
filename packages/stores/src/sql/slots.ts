import type { SlotAnswer, Slots } from "@vidtask/core";
import { createPatience } from "../patience.ts";
import type { Database } from "./database.ts";

/** Requests of this length may leave at once, in ms. */
const BURST = 1_000;

export function sqlSlots(db: Database): Slots {
  const { table, run, now, max, isPostgres } = db;
  const t = `${table}_slots`;
  const patience = createPatience();
  const gapOf = (requestsPerMinute: number) => 60_000 / requestsPerMinute;
  const burstOf = (gap: number) => Math.max(0, BURST - gap);

  /** 0: taken; -1: there is no slot; else the ms until there is a request. */
  async function take(account: string, holder: string, limit: number, forMs: number, gap: number): Promise<number> {
    if (isPostgres) {
      const values = [account, holder, limit, forMs, gap, burstOf(gap)];
      const [row] = await run(`SELECT ${table}_take($1, $2, $3, $4, $5, $6) AS wait`, values);
      return Number(row?.["wait"] ?? Number.NaN);
    }
    // One statement, because SQLite has no DML in CTEs: the slot and the request are two rows of one INSERT.
    const sql = `WITH seen AS (SELECT ${now} AS now,
        (SELECT until_ms FROM ${t} WHERE account = $1 AND holder = '') AS even),
      live AS (SELECT now, max(coalesce(even, 0.0), now) AS even,
        (SELECT count(*) FROM ${t} WHERE account = $1 AND holder <> '' AND holder <> $2 AND until_ms > now) AS others,
        EXISTS (SELECT 1 FROM ${t} WHERE account = $1 AND holder = $2 AND until_ms > now) AS mine FROM seen),
      ok AS (SELECT * FROM live WHERE (mine OR others < $3) AND ($5 = 0 OR even - now <= $6))
      INSERT INTO ${t} (account, holder, until_ms)
        SELECT $1, $2, now + $4 FROM ok UNION ALL SELECT $1, '', even + $5 FROM ok WHERE $5 > 0
        ON CONFLICT (account, holder) DO UPDATE SET until_ms = max(until_ms, excluded.until_ms) RETURNING holder`;
    if ((await run(sql, [account, holder, limit, forMs, gap, burstOf(gap)])).length > 0) return 0;
    const waitMs = gap > 0 ? await untilRequest(account, gap) : 0;
    return waitMs > 0 ? waitMs : -1;
  }
  async function untilRequest(account: string, gap: number): Promise<number> {
    const [row] = await run(`SELECT until_ms - ${now} AS ahead FROM ${t} WHERE account = $1 AND holder = ''`, [
      account,
    ]);
    return Math.max(0, Number(row?.["ahead"] ?? 0) - burstOf(gap));
  }

  return {
    async take({ account, holder, limit, forMs, requestsPerMinute }): Promise<SlotAnswer> {
      await db.check();
      const gap = requestsPerMinute === undefined ? 0 : gapOf(requestsPerMinute);
      const waitMs = await take(account, holder, limit, forMs, gap);
      if (Number.isNaN(waitMs)) throw new Error("the database gave no answer to a question for a slot");
      if (waitMs === 0) {
        patience.forget(account, holder);
        return { ok: true };
      }
      return {
        ok: false,
        waitMs: waitMs > 0 ? Math.min(Math.max(waitMs, 50), 30_000) : patience.next(account, holder),
      };
    },
    async hold({ account, holder, forMs }) {
      const sql = `INSERT INTO ${t} (account, holder, until_ms) VALUES ($1, $2, ${now} + $3)
        ON CONFLICT (account, holder) DO UPDATE SET until_ms = ${max}(${t}.until_ms, excluded.until_ms)`;
      await run(sql, [account, holder, forMs]);
    },
    async free(account, holder) {
      patience.forget(account, holder);
      // With those that have lapsed: nothing else removes them in SQLite.
      const sql = `DELETE FROM ${t} WHERE account = $1 AND holder <> '' AND (holder = $2 OR until_ms <= ${now})`;
      await run(sql, [account, holder]);
    },
    async pass(account, requestsPerMinute) {
      const gap = gapOf(requestsPerMinute);
      const sql = `INSERT INTO ${t} (account, holder, until_ms) VALUES ($1, '', ${now} + $2)
        ON CONFLICT (account, holder) DO UPDATE SET until_ms = ${max}(${t}.until_ms, ${now}) + $2
        WHERE ${t}.until_ms - ${now} <= $3 RETURNING holder`;
      if ((await run(sql, [account, gap, burstOf(gap)])).length > 0) return 0;
      return Math.max(1, await untilRequest(account, gap));
    },
  };
}
