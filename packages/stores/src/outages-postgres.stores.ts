// What can become of a Postgres while it is in use. Every one is a real server in that state.
import { Pool, type PoolConfig } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sqlStore, type Query } from "./sql.ts";
import { endure } from "./test/outage.ts";
import { startProxy, type Proxy } from "./test/proxy.ts";
import { startPostgres, type Running } from "./test/servers.ts";
import { smallDisk } from "./test/small-disk.ts";

const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
});

const connect = (port: number, more: PoolConfig = {}): Pool => {
  const pool = new Pool({ port, host: "127.0.0.1", user: "postgres", database: "postgres", ...more });
  pool.on("error", () => {});
  closing.push(() => pool.end());
  return pool;
};
const queryOf =
  (pool: Pool): Query =>
  async (sql, values) =>
    (await pool.query(sql, values)).rows as Record<string, unknown>[];
const storeOf = (pool: Pool, table?: string) => sqlStore(queryOf(pool), { dialect: "postgres", table });

async function start(...settings: string[]): Promise<Running> {
  const server = await startPostgres(...settings);
  closing.push(() => server.stop());
  return server;
}

describe("a Postgres", () => {
  let server: Running;
  let proxy: Proxy;
  let admin: Pool;
  let pool: Pool;
  /** A write of a row takes so many seconds. */
  const slow = (seconds: number) =>
    admin.query(`CREATE OR REPLACE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_sleep(${seconds}); RETURN new; END $$`);
  beforeAll(async () => {
    server = await start();
    proxy = await startProxy(server.port);
    closing.push(() => proxy.close());
    admin = connect(server.port);
    pool = connect(proxy.port);
    await storeOf(admin).migrate();
    await slow(0);
    await admin.query(
      "CREATE TRIGGER slow BEFORE INSERT OR UPDATE ON video_submits FOR EACH ROW EXECUTE FUNCTION slow()",
    );
  }, 60_000);

  test("that has become read-only", { timeout: 120_000 }, async () => {
    const set = async (value: string) => {
      await admin.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
      await admin.query("SELECT pg_reload_conf()");
      await new Promise((resolve) => setTimeout(resolve, 300)); // each backend reads it in its own time
    };
    await endure(storeOf(pool), {
      begin: () => set("on"),
      says: /read-only transaction/,
      end: () => set("off"),
      isDown: true,
    });
  });
  test("that is stopped, and started again", { timeout: 120_000 }, async () => {
    await endure(storeOf(pool), {
      begin: () => server.halt(),
      says: /ECONNREFUSED|terminat/,
      end: () => server.again(),
      isDown: true,
    });
  });
  test("that does not answer", { timeout: 180_000 }, async () => {
    await endure(storeOf(pool), {
      begin: () => void (proxy.isSilent = true),
      says: /no answer within/,
      end: () => void (proxy.isSilent = false),
      isDown: true,
    });
  });

  test("that is slow: all takes its time, and nothing is a fault", { timeout: 120_000 }, async () => {
    await endure(storeOf(pool), { begin: () => slow(1), end: () => slow(0), writesEnds: true });
  });
  test("that is too slow: what it writes late, nobody has sent", { timeout: 240_000 }, async () => {
    await endure(storeOf(pool), { begin: () => slow(15), says: "no answer within 10000 ms", end: () => slow(0) });
  });
  test("whose disk is full", { timeout: 120_000 }, async () => {
    const disk = smallDisk(server.folder, "2m");
    closing.push(disk.remove);
    await admin.query(`CREATE TABLESPACE small LOCATION '${disk.folder}'`);
    const onDisk = connect(server.port, { options: "-c default_tablespace=small" });
    const store = storeOf(onDisk, "small_submits");
    await store.migrate();
    const fill = async () => {
      for (const prompt of ["x".repeat(1_500), ""])
        // until no row has room, be it ever so small
        for (let n = 0, isFull = false; !isFull; n++) {
          const rows = Array.from({ length: 100 }, (_, index) => `${prompt.length}-${n}-${index}`);
          const values = rows.map((key) => `('${key}', 1, 'refused', '', '{"prompt":"${prompt}"}')`).join(", ");
          const insert = `INSERT INTO small_submits (key, version, state, updated_at, entry) VALUES ${values}`;
          await onDisk.query(insert).catch(({ code }: { code: string }) => (isFull = code === "53100"));
        }
    };
    await endure(store, {
      begin: fill,
      says: "No space left on device",
      end: () => disk.grow("64m"),
      writesEnds: "maybe",
    });
  });
  test.each([
    { version: 2, says: "upgrade @vidtask/stores" },
    { version: 0, says: "run migrate()" },
  ])("whose tables are of version $version", async ({ version, says }) => {
    const set = (to: number) => admin.query("UPDATE video_submits_schema SET version = $1", [to]);
    // Of a process that is started meanwhile: one that runs has looked, and looks no more.
    const store = storeOf(pool);
    const late = storeOf(pool).journal;
    const journal = { ...store.journal };
    const begin = async () => {
      await set(version);
      journal.begin = late.begin;
    };
    await endure({ ...store, journal }, { begin, says, end: () => set(1), writesEnds: true });
  });

  test("under the other dialect", async () => {
    const says = "does not speak the dialect sqlite (function julianday(unknown) does not exist)";
    const other = sqlStore(queryOf(pool), { dialect: "sqlite" });
    await expect(other.migrate()).rejects.toThrow(says);
    const journal = { ...storeOf(pool).journal };
    const begin = () => void (journal.begin = other.journal.begin);
    const end = () => void (journal.begin = storeOf(pool).journal.begin);
    await endure({ ...storeOf(pool), journal }, { begin, says, end, writesEnds: true });
  });
  test("through a function that gives numbers as text, and times as dates", async () => {
    const asOther = (value: unknown) => {
      if (typeof value === "number") return String(value);
      return typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? new Date(value) : value;
    };
    const query: Query = async (sql, values) =>
      (await queryOf(pool)(sql, values)).map((row) =>
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, asOther(value)])),
      );
    await endure(sqlStore(query, { dialect: "postgres" }), { begin: () => {}, end: () => {}, writesEnds: true });
  });
});
