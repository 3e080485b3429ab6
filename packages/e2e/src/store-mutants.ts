// Of the mutants of `unit-mutants.ts` those that break a store's journal, slots or budget. Those of real servers need them.
import type { Patch, UnitMutant } from "./mutated-copy.ts";

const REDIS_SLOTS = "stores/src/redis/slots.ts";
const REDIS_JOURNAL = "stores/src/redis/journal.ts";
const SQL_SLOTS = "stores/src/sql/slots.ts";
const SQL_JOURNAL = "stores/src/sql/journal.ts";
const SCHEMA = "stores/src/sql/schema.ts";

const servers = (only: string) => ({
  package: "stores",
  mode: "stores" as const,
  files: ["src/servers.stores.ts"],
  only: `^${only} `,
});
const on =
  (tests: UnitMutant["tests"]) =>
  (broken: string, ...patches: Patch[]): UnitMutant => ({ broken, patches, tests });
const redis = on(servers("Redis"));
const postgres = on(servers("Postgres"));
const lite = on({
  package: "stores",
  files: ["src/sql.test.ts", "src/faults.test.ts"],
  only: "^(?!.*whichever)", // those take long, and see other mutants
});
const d1 = on({ package: "stores", mode: "stores", files: ["src/test/drivers/drivers.stores.ts"], only: "^D1 " });
const memory = on({ package: "core", files: ["src/limits/memory-slots.test.ts"] });

const redisSlots = (from: Patch["from"], to: string): Patch => ({ file: REDIS_SLOTS, from, to });
const sqlSlots = (from: Patch["from"], to: string): Patch => ({ file: SQL_SLOTS, from, to });
const schema = (from: Patch["from"], to: string): Patch => ({ file: SCHEMA, from, to });
const memorySlots = (from: Patch["from"], to: string): Patch => ({ file: "core/src/limits/memory-slots.ts", from, to });

export const storeMutants: { readonly [name: string]: UnitMutant } = {
  "redis-client-time": redis(
    "slots lapse by the caller's clock",
    redisSlots(
      "run(TAKE, [",
      `run(TAKE.replace("redis.call('TIME')", "{ " + Math.floor(Date.now() / 1000) + ", 0 }"), [`,
    ),
  ),
  "redis-one-account": redis("all accounts share their slots", redisSlots("p .. ':held:' .. account", "p .. ':held:'")),
  "redis-never-lapses": redis(
    "a slot that is not freed is held for good",
    redisSlots("redis.call('ZREMRANGEBYSCORE', held, '-inf', number(now))", ""),
  ),
  "redis-dead-ticket-blocks": redis(
    "who does not come back keeps its place in the line",
    redisSlots(/for _, gone in ipairs.*\n/, ""),
  ),
  "redis-not-idempotent": redis(
    "a holder that asks again needs a second slot",
    redisSlots("redis.call('ZSCORE', held, holder)\nif not", "false\nif not"),
  ),
  "redis-unfair": redis("a slot goes to whoever asks next", redisSlots("redis.call('ZRANK', line, holder)", "0")),
  "redis-off-by-one": redis("one more than the limit is given", redisSlots("+ 1 - limit", "- limit")),
  "redis-race": redis(
    "slots are counted by one script and taken by another",
    redisSlots(
      "waitOf(await run(TAKE, [account, holder, limit, forMs, gap]))",
      `Number(await run("return redis.call('ZCARD', KEYS[1] .. ':held:' .. ARGV[1])", [account])) < limit
          ? waitOf(await run(HOLD, [account, holder, forMs]))
          : waitOf(await run(TAKE, [account, holder, limit, forMs, gap]))`,
    ),
  ),
  "redis-hold-not-counted": redis(
    "a task that had no slot is not counted",
    redisSlots(
      "hold(ARGV[2], tonumber(ARGV[3]))\nreturn 0",
      "if redis.call('ZSCORE', held, ARGV[2]) then hold(ARGV[2], tonumber(ARGV[3])) end\nreturn 0",
    ),
  ),
  "redis-renew-ignored": redis(
    "a slot that is asked for again keeps its first time",
    redisSlots(
      "math.max(tonumber(redis.call('ZSCORE', held, holder) or 0), now + ms)",
      "tonumber(redis.call('ZSCORE', held, holder) or now + ms)",
    ),
  ),
  "redis-renew-shortens": redis(
    "a slot that is asked for again for less gets less",
    redisSlots("math.max(tonumber(redis.call('ZSCORE', held, holder) or 0), now + ms)", "now + ms"),
  ),
  "redis-free-any": redis(
    "freeing one slot frees those of others",
    redisSlots("return redis.call('ZREM', held, ARGV[2])", "return redis.call('DEL', held)"),
  ),
  "redis-no-budget": redis("a slot takes no request", redisSlots("and gap > 0 then wait", "and gap < 0 then wait")),
  "redis-unbounded-burst": redis(
    "a minute's requests may leave at once",
    redisSlots("math.max(0, 1000 - gap)", "math.max(0, 60000 - gap)"),
  ),
  "redis-not-shared": redis("every handle counts for itself", {
    file: "stores/src/redis/durability.ts",
    from: "`{${prefix}}`",
    to: "`{${prefix}${crypto.randomUUID()}}`",
  }),
  "redis-cjson-merge": redis("an entry goes through cjson", {
    file: REDIS_JOURNAL,
    from: "'e', ARGV[6], 'q'",
    to: "'e', cjson.encode(cjson.decode(ARGV[6])), 'q'",
  }),
  "redis-any-from": redis("an update starts from any row it is given", {
    file: REDIS_JOURNAL,
    from: "from?.key === key && from.version === version;\n      const before = isGiven ? from : await get(key);\n      if (before?.version !== version)",
    to: "from !== undefined;\n      const before = isGiven ? from : await get(key);\n      if (!before)",
  }),
  "redis-no-re-read": redis("a write whose answer was lost counts as failed", {
    file: "core/src/journal/write.ts",
    from: "if (now?.writeId === writeId) return now;",
    to: "",
  }),
  "redis-no-wait": on({ package: "stores", mode: "stores", files: ["src/failover.stores.ts"] })(
    "a write counts before its replicas have it",
    { file: "stores/src/redis/durability.ts", from: "await confirm();\n      return answer;", to: "return answer;" },
  ),

  "postgres-lock-in-statement": postgres(
    "the lock of an account and its count are one statement",
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
    schema("AND holder = '' FOR UPDATE;", "AND holder = '';"),
  ),
  "postgres-no-budget-lock": postgres(
    "money is counted without the lock of its period",
    schema("AND period = p_period FOR UPDATE;", "AND period = p_period;"),
  ),
  "postgres-any-from": postgres("an update starts from any row it is given", {
    file: SQL_JOURNAL,
    from: "from?.key === key && from.version === version",
    to: "from !== undefined",
  }),
  "postgres-no-re-read": postgres("a write whose answer was lost counts as failed", {
    file: "core/src/journal/write.ts",
    from: "if (now?.writeId === writeId) return now;",
    to: "",
  }),
  "postgres-off-is-durable": postgres("a Postgres that forgets what it acknowledged is taken for durable", {
    file: "stores/src/sql/database.ts",
    from: `if (row?.["sync"] === "off")`,
    to: `if (row?.["sync"] === "never")`,
  }),

  "sql-client-time": lite(
    "slots lapse by the caller's clock",
    sqlSlots("(SELECT ${now} AS now,", "(SELECT ${Date.now()}.0 AS now,"),
  ),
  "sql-one-account": lite(
    "all accounts share their slots",
    sqlSlots("WHERE account = $1 AND holder <> '' AND holder <> $2", "WHERE holder <> '' AND holder <> $2"),
  ),
  "sql-never-lapses": lite(
    "a slot that is not freed is held for good",
    sqlSlots("AND until_ms > now) AS others", ") AS others"),
  ),
  "sql-not-idempotent": lite(
    "a holder that asks again needs a second slot",
    sqlSlots("(mine OR others < $3)", "others + mine < $3"),
  ),
  "sql-off-by-one": lite("one more than the limit is given", sqlSlots("others < $3", "others <= $3")),
  "pglite-off-by-one": lite("one more than the limit is given", schema("v_live >= p_limit", "v_live > p_limit")),
  "pglite-never-lapses": lite(
    "a slot that is not freed is held for good",
    schema(/DELETE FROM \$\{t\}_slots WHERE account = p_account .*\n/, "\n"),
  ),
  "sql-hold-not-counted": lite(
    "a task that had no slot is not counted",
    sqlSlots(
      "VALUES ($1, $2, ${now} + $3)\n",
      "SELECT $1, $2, ${now} + $3 FROM ${t} WHERE account = $1 AND holder = $2\n",
    ),
  ),
  "sql-renew-shortens": lite(
    "a slot that is asked for again for less gets less",
    sqlSlots("max(until_ms, excluded.until_ms) RETURNING", "excluded.until_ms RETURNING"),
  ),
  "sql-free-any": lite(
    "freeing one slot frees those of others",
    sqlSlots("(holder = $2 OR until_ms <= ${now})", "$2 = $2"),
  ),
  "sql-no-budget": lite("a slot takes no request", sqlSlots("AND ($5 = 0 OR even - now <= $6)", "AND $6 = $6")),
  "sql-unbounded-burst": lite("a minute's requests may leave at once", sqlSlots("BURST = 1_000", "BURST = 60_000")),
  "sql-no-index": lite(
    "a listing of open rows reads those that have ended",
    schema(/`CREATE INDEX IF NOT EXISTS \$\{t\}_by_state .*\n/, "\n"),
  ),
  "d1-many-selects": d1("more SELECTs are joined than D1 allows", {
    file: SQL_JOURNAL,
    from: "MAX_TERMS = 4",
    to: "MAX_TERMS = 8",
  }),

  "memory-dead-ticket-blocks": memory(
    "who does not come back keeps its place in the line",
    memorySlots(/for \(const \[holder, \{ until \}\] of account\.line\).*\n/, ""),
  ),
  "memory-unfair": memory(
    "a slot goes to whoever asks next",
    memorySlots("[...account.line.keys()].indexOf(holder)", "0"),
  ),
  "memory-renew-shortens": memory(
    "a slot that is asked for again for less gets less",
    memorySlots("Math.max(held ?? 0, now + forMs)", "now + forMs"),
  ),
};
