// Slots and a budget in the file of a journal, for all processes of one machine: by its one clock, a transaction a call.
import type { DatabaseSync } from "node:sqlite";
import { microUsd, type Budget } from "../limits/budget.ts";
import type { Slots } from "../limits/shared-slots.ts";

/** Requests of this length may leave at once, in ms. */
const BURST = 1_000;
/** A question costs a fraction of a millisecond here. With jitter, so that processes that wait spread out. */
const askAgainIn = (): number => 100 + Math.round(400 * Math.random());

// The empty holder of an account is not a slot: its time says when the account's requests are even.
const TABLES = `
  CREATE TABLE IF NOT EXISTS slots (
    account TEXT NOT NULL, holder TEXT NOT NULL, until_ms REAL NOT NULL, PRIMARY KEY (account, holder)) STRICT;
  CREATE TABLE IF NOT EXISTS reserved (
    account TEXT NOT NULL, holder TEXT NOT NULL, period TEXT NOT NULL, micro_usd INTEGER NOT NULL,
    PRIMARY KEY (account, holder)) STRICT;
  CREATE TABLE IF NOT EXISTS spent (
    account TEXT NOT NULL, period TEXT NOT NULL, micro_usd INTEGER NOT NULL, PRIMARY KEY (account, period)) STRICT`;

type Write = <T>(work: () => T) => Promise<T>;

/** Makes the tables, where an earlier version made the file. */
export const prepareLimits = (db: DatabaseSync): void => db.exec(TABLES);

export function sqliteLimits(db: DatabaseSync, write: Write): { slots: Slots; budget: Budget } {
  const sql = {
    now: db.prepare("SELECT unixepoch('subsec') * 1000.0 AS now"),
    lapse: db.prepare("DELETE FROM slots WHERE account = ? AND holder <> '' AND until_ms <= ?"),
    until: db.prepare("SELECT until_ms FROM slots WHERE account = ? AND holder = ?"),
    count: db.prepare("SELECT count(*) AS n FROM slots WHERE account = ? AND holder <> ''"),
    set: db.prepare(
      "INSERT INTO slots VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET until_ms = max(until_ms, excluded.until_ms)",
    ),
    free: db.prepare("DELETE FROM slots WHERE account = ? AND holder = ? AND holder <> ''"),
    reservation: db.prepare("SELECT period, micro_usd FROM reserved WHERE account = ? AND holder = ?"),
    reserve: db.prepare("INSERT INTO reserved VALUES (?, ?, ?, ?)"),
    release: db.prepare("DELETE FROM reserved WHERE account = ? AND holder = ?"),
    spent: db.prepare("SELECT micro_usd FROM spent WHERE account = ? AND period = ?"),
    spend: db.prepare(
      "INSERT INTO spent VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET micro_usd = micro_usd + excluded.micro_usd",
    ),
  };
  // SQLite's own clock: the machine's, whatever this process takes for the time.
  const nowMs = (): number => Number(sql.now.get()?.["now"]);
  const untilOf = (account: string, holder: string): number | undefined => {
    const row = sql.until.get(account, holder);
    return row && Number(row["until_ms"]);
  };
  /** 0 when one may leave now, else the ms until one may. */
  function request(account: string, requestsPerMinute: number, now: number): number {
    const gap = 60_000 / requestsPerMinute;
    const even = Math.max(untilOf(account, "") ?? 0, now);
    const waitMs = even - now - Math.max(0, BURST - gap);
    if (waitMs > 0) return waitMs;
    sql.set.run(account, "", even + gap);
    return 0;
  }

  const slots: Slots = {
    take: async ({ account, holder, limit, forMs, requestsPerMinute }) =>
      write(() => {
        const now = nowMs();
        sql.lapse.run(account, now);
        const isHeld = untilOf(account, holder) !== undefined;
        if (!isHeld && Number(sql.count.get(account)?.["n"]) >= limit) return { ok: false, waitMs: askAgainIn() };
        const waitMs = requestsPerMinute === undefined ? 0 : request(account, requestsPerMinute, now);
        if (waitMs > 0) return { ok: false, waitMs: Math.min(Math.max(waitMs, 50), 30_000) };
        sql.set.run(account, holder, now + forMs);
        return { ok: true };
      }),
    hold: async ({ account, holder, forMs }) => write(() => void sql.set.run(account, holder, nowMs() + forMs)),
    free: async (account, holder) => write(() => void sql.free.run(account, holder)),
    pass: async (account, requestsPerMinute) => write(() => request(account, requestsPerMinute, nowMs())),
  };

  const budget: Budget = {
    reserve: async (account, holder, usd, limit, period) =>
      write(() => {
        if (sql.reservation.get(account, holder)) return { ok: true };
        const spent = Number(sql.spent.get(account, period)?.["micro_usd"] ?? 0);
        if (spent + microUsd(usd) > microUsd(limit)) return { ok: false, reservedUsd: spent / 1e6 };
        sql.reserve.run(account, holder, period, microUsd(usd));
        sql.spend.run(account, period, microUsd(usd));
        return { ok: true };
      }),
    release: async (account, holder) =>
      write(() => {
        const found = sql.reservation.get(account, holder);
        if (!found) return;
        sql.release.run(account, holder);
        sql.spend.run(account, String(found["period"]), -Number(found["micro_usd"]));
      }),
  };
  return { slots, budget };
}
