import type { Budget } from "@vidtask/core";
import type { Database } from "./database.ts";

const micro = (usd: number): number => Math.round(usd * 1e6);

export function sqlBudget(db: Database): Budget {
  const { table: t, run, isPostgres } = db;
  const spent = async (account: string, period: string): Promise<number> => {
    const [row] = await run(`SELECT micro_usd FROM ${t}_spent WHERE account = $1 AND period = $2`, [account, period]);
    return Number(row?.["micro_usd"] ?? 0);
  };
  const has = async (account: string, holder: string): Promise<boolean> => {
    const sql = `SELECT holder FROM ${t}_reserved WHERE account = $1 AND holder = $2`;
    return (await run(sql, [account, holder])).length > 0;
  };
  return {
    async reserve(account, holder, usd, limit, period) {
      await db.check();
      const values = [account, holder, period, micro(usd), micro(limit)];
      if (isPostgres) {
        const [row] = await run(`SELECT ${t}_reserve($1, $2, $3, $4, $5) AS reserved`, values);
        const reserved = Number(row?.["reserved"] ?? Number.NaN);
        if (Number.isNaN(reserved)) throw new Error("the database gave no answer to a question for money");
        return reserved < 0 ? { ok: true } : { ok: false, reservedUsd: reserved / 1e6 };
      }
      const sql = `INSERT INTO ${t}_reserved (account, holder, period, micro_usd) SELECT $1, $2, $3, $4
        WHERE coalesce((SELECT micro_usd FROM ${t}_spent WHERE account = $1 AND period = $3), 0) + $4 <= $5
        ON CONFLICT (account, holder) DO NOTHING RETURNING holder`;
      if ((await run(sql, values)).length > 0 || (await has(account, holder))) return { ok: true };
      return { ok: false, reservedUsd: (await spent(account, period)) / 1e6 };
    },
    async release(account, holder) {
      const gone = `DELETE FROM ${t}_reserved WHERE account = $1 AND holder = $2`;
      const sql = isPostgres
        ? `WITH gone AS (${gone} RETURNING period, micro_usd) UPDATE ${t}_spent AS spent
            SET micro_usd = spent.micro_usd - gone.micro_usd FROM gone WHERE spent.account = $1 AND spent.period = gone.period`
        : gone;
      await run(sql, [account, holder]);
    },
  };
}
