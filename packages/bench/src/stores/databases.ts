// What the stores are measured on: real servers on free ports, and databases in this process, with their data in temporary folders.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { redisStore, type RedisStore } from "@vidtask/stores/redis";
import { sqlStore, type Query, type SqlStore } from "@vidtask/stores/sql";
import { Redis } from "ioredis";
import { memoryJournal, memorySlots, type Journal, type Slots } from "vidtask";
import { sqliteJournal } from "vidtask/node";
import { programOf, startPostgres, startRedis, type Running } from "../../../stores/src/test/servers.ts";
import { onInterrupt } from "../progress.ts";
import { HOST, postgresPool, queryOf } from "./clients.ts";

const STORES = join(import.meta.dirname, "../../../stores/src/test");
const DRIVERS = join(STORES, "drivers");

export type Opened = {
  journal: Journal & { prune?(options: { before: string }): Promise<number> };
  slots: Slots;
  /** Statements or scripts that have gone to it; nothing where there is no way to go. */
  trips?: () => number;
  /** Runs a statement, where there are any. */
  query?: { run: Query; dialect: "postgres" | "sqlite" };
  close(): Promise<void>;
};
export type Database = {
  name: string;
  /** It stands in for another one: its times say nothing of that. */
  isStandIn?: true;
  open(): Promise<Opened>;
};

/** Installs what is missing, as `npm run test:stores` does. */
export function setUpDatabases(): void {
  try {
    for (const name of ["redis-server", "postgres", "initdb"]) programOf(name);
    if (existsSync(join(DRIVERS, "node_modules"))) return;
  } catch {
    // The set-up installs it, or says what to install.
  }
  const { status } = spawnSync(process.execPath, [join(STORES, "set-up.ts")], { stdio: "inherit" });
  if (status !== 0) throw new Error("the databases cannot be set up");
}

/** A client of a database that the workspace does not install. */
const driver = async <T>(name: string): Promise<T> =>
  (await import(pathToFileURL(createRequire(join(DRIVERS, "package.json")).resolve(name)).href)) as T;

/** A server that is gone when the program is, however it ends. */
export async function started(server: Promise<Running>): Promise<Running> {
  const running = await server;
  const stopped = onInterrupt(() => {
    running.process.kill("SIGQUIT"); // Postgres waits for nobody then
    running.process.kill("SIGKILL");
    rmSync(running.folder, { recursive: true, force: true, maxRetries: 10 });
  });
  return { ...running, stop: () => (stopped(), running.stop()) };
}

function temporaryFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "vidtask-stores-"));
  const undo = onInterrupt(remove);
  function remove(): void {
    rmSync(folder, { recursive: true, force: true });
    undo();
  }
  return { folder, remove };
}

/** A store that counts its trips. */
function counted<A extends unknown[], T, S extends RedisStore | SqlStore>(
  run: (...call: A) => Promise<T>,
  make: (run: (...call: A) => Promise<T>) => S,
) {
  let count = 0;
  const store = make((...call) => (count++, run(...call)));
  return { journal: store.journal, slots: store.slots, trips: () => count, store };
}

async function sql(dialect: "postgres" | "sqlite", run: Query, close: () => unknown): Promise<Opened> {
  const { store, ...opened } = counted(run, (query) => sqlStore(query, { dialect }));
  await store.migrate();
  return { ...opened, query: { run, dialect }, close: async () => void (await close()) };
}

const redis = (appendfsync: "everysec" | "always"): Database => ({
  name: `Redis, appendfsync ${appendfsync}`,
  async open() {
    const server = await started(startRedis("--appendonly", "yes", "--appendfsync", appendfsync));
    const client = new Redis({ port: server.port, host: HOST });
    const run = (script: string, keys: string[], args: string[]) => client.eval(script, keys.length, ...keys, ...args);
    // What is stated changes nothing in what is sent.
    const { store: _, ...opened } = counted(run, (evaluate) => redisStore(evaluate, { durability: "always" }));
    return {
      ...opened,
      async close() {
        client.disconnect();
        await server.stop();
      },
    };
  },
});

export const databases: { readonly [id: string]: Database } = {
  memory: {
    name: "memory",
    open: async () => ({ journal: memoryJournal(), slots: memorySlots(), close: async () => {} }),
  },
  sqlite: {
    name: "SQLite, sqliteJournal",
    async open() {
      const { folder, remove } = temporaryFolder();
      const journal = sqliteJournal(join(folder, "videos.db"));
      return { journal, slots: journal.slots, close: async () => (journal.close(), remove()) };
    },
  },
  libsql: {
    name: "libSQL, a file",
    async open() {
      type Client = { execute(statement: object): Promise<{ rows: Record<string, unknown>[] }>; close(): void };
      const { createClient } = await driver<{ createClient(options: object): Client }>("@libsql/client");
      const { folder, remove } = temporaryFolder();
      const client = createClient({ url: `file:${join(folder, "videos.db")}` });
      const run: Query = async (text, args) => (await client.execute({ sql: text, args })).rows;
      return sql("sqlite", run, () => (client.close(), remove()));
    },
  },
  postgres: {
    name: "Postgres, pg",
    async open() {
      const server = await started(startPostgres());
      const pool = postgresPool(server.port, 16);
      return sql("postgres", queryOf(pool), async () => {
        await pool.end();
        await server.stop();
      });
    },
  },
  pglite: {
    name: "PGlite",
    async open() {
      const lite = new PGlite();
      const run: Query = async (text, values) => (await lite.query<Record<string, unknown>>(text, values)).rows;
      return sql("postgres", run, () => lite.close());
    },
  },
  "redis-everysec": redis("everysec"),
  "redis-always": redis("always"),
  d1: {
    name: "D1, miniflare",
    isStandIn: true,
    async open() {
      type Statement = {
        bind(...values: unknown[]): Statement;
        all(): Promise<{ results: Record<string, unknown>[] }>;
      };
      type Worker = { getD1Database(name: string): Promise<{ prepare(text: string): Statement }>; dispose(): unknown };
      const { Miniflare } = await driver<{ Miniflare: new (options: object) => Worker }>("miniflare");
      const script = "export default { fetch: () => new Response() }";
      const worker = new Miniflare({ modules: true, script, d1Databases: ["DB"] });
      const db = await worker.getD1Database("DB");
      const run: Query = async (text, values) =>
        (
          await db
            .prepare(text)
            .bind(...values)
            .all()
        ).results;
      return sql("sqlite", run, () => worker.dispose());
    },
  },
};
