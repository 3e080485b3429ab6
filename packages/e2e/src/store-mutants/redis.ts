import type { Patch, UnitMutant } from "../mutated-copy.ts";
import { ofSuite, real } from "./of-suite.ts";

const SLOTS = "stores/src/redis/slots.ts";
const JOURNAL = "stores/src/redis/journal.ts";

const redis = ofSuite("Redis > ", { ...real, files: ["src/servers.stores.ts"] });
const failover = ofSuite("", { ...real, files: ["src/failover.stores.ts"] });
const redisSlots = (from: Patch["from"], to: string): Patch => ({ file: SLOTS, from, to });

export const redisMutants: { readonly [name: string]: UnitMutant } = {
  "redis-client-time": redis(
    "slots lapse by the caller's clock",
    "a caller whose clock is ahead",
    redisSlots(
      "run(TAKE, [",
      `run(TAKE.replace("redis.call('TIME')", "{ " + Math.floor(Date.now() / 1000) + ", 0 }"), [`,
    ),
  ),
  "redis-one-account": redis(
    "all accounts share their slots",
    "accounts are apart",
    redisSlots("p .. ':held:' .. account", "p .. ':held:'"),
  ),
  "redis-never-lapses": redis(
    "a slot that is not freed is held for good",
    "a slot lapses after its time",
    redisSlots("redis.call('ZREMRANGEBYSCORE', held, '-inf', number(now))", ""),
  ),
  "redis-dead-ticket-blocks": redis(
    "who does not come back keeps its place in the line",
    "who does not come back is passed over",
    redisSlots(/for _, gone in ipairs.*\n/, ""),
  ),
  "redis-not-idempotent": redis(
    "a holder that asks again needs a second slot",
    "a lowered limit takes no slot away",
    redisSlots("redis.call('ZSCORE', held, holder)\nif not", "false\nif not"),
  ),
  "redis-unfair": redis(
    "a slot goes to whoever asks next",
    "who asked first is served first",
    redisSlots("redis.call('ZRANK', line, holder)", "0"),
  ),
  "redis-off-by-one": redis(
    "one more than the limit is given",
    "of 64 that ask at once",
    redisSlots("+ 1 - limit", "- limit"),
  ),
  "redis-race": redis(
    "slots are counted by one script and taken by another",
    "of 64 that ask at once",
    redisSlots(
      "waitOf(await run(TAKE, [account, holder, limit, forMs, gap]))",
      `Number(await run("return redis.call('ZCARD', KEYS[1] .. ':held:' .. ARGV[1])", [account])) < limit
          ? waitOf(await run(HOLD, [account, holder, forMs]))
          : waitOf(await run(TAKE, [account, holder, limit, forMs, gap]))`,
    ),
  ),
  "redis-hold-not-counted": redis(
    "a task that had no slot is not counted",
    "holding lengthens a slot, and counts one",
    redisSlots(
      "hold(ARGV[2], tonumber(ARGV[3]))\nreturn 0",
      "if redis.call('ZSCORE', held, ARGV[2]) then hold(ARGV[2], tonumber(ARGV[3])) end\nreturn 0",
    ),
  ),
  "redis-renew-ignored": redis(
    "a slot that is asked for again keeps its first time",
    "asking again renews a slot",
    redisSlots(
      "math.max(tonumber(redis.call('ZSCORE', held, holder) or 0), now + ms)",
      "tonumber(redis.call('ZSCORE', held, holder) or now + ms)",
    ),
  ),
  "redis-renew-shortens": redis(
    "a slot that is asked for again for less gets less",
    "asking again renews a slot",
    redisSlots("math.max(tonumber(redis.call('ZSCORE', held, holder) or 0), now + ms)", "now + ms"),
  ),
  "redis-free-any": redis(
    "freeing one slot frees those of others",
    "what is freed can be taken, and only",
    redisSlots("return redis.call('ZREM', held, ARGV[2])", "return redis.call('DEL', held)"),
  ),
  "redis-no-budget": redis(
    "a slot takes no request",
    "a slot and its request are taken together",
    redisSlots("and gap > 0 then wait", "and gap < 0 then wait"),
  ),
  "redis-unbounded-burst": redis(
    "a minute's requests may leave at once",
    "requests a minute",
    redisSlots("math.max(0, 1000 - gap)", "math.max(0, 60000 - gap)"),
  ),
  "redis-not-shared": redis("every handle counts for itself", "of 64 that ask at once", {
    file: "stores/src/redis/durability.ts",
    from: "`{${prefix}}`",
    to: "`{${prefix}${crypto.randomUUID()}}`",
  }),
  "redis-cjson-merge": redis("an entry goes through cjson", "every field comes back", {
    file: JOURNAL,
    from: "'e', ARGV[6], 'q'",
    to: "'e', cjson.encode(cjson.decode(ARGV[6])), 'q'",
  }),
  "redis-any-from": redis(
    "an update starts from any row it is given",
    "the entry that an update may start from is a hint",
    {
      file: JOURNAL,
      from: "from?.key === key && from.version === version;\n      const before = isGiven ? from : await get(key);\n      if (before?.version !== version)",
      to: "from !== undefined;\n      const before = isGiven ? from : await get(key);\n      if (!before)",
    },
  ),
  "redis-no-re-read": redis(
    "a write whose answer was lost counts as failed",
    "whichever statement of a video meets a fault \\(answer lost",
    {
      file: "core/src/journal/write.ts",
      from: "if (now?.writeId === writeId) return now;",
      to: "",
    },
  ),
  "redis-no-wait": failover("a write counts before its replicas have it", "four keys over a failover, with WAIT", {
    file: "stores/src/redis/durability.ts",
    from: "await confirm();\n      return answer;",
    to: "return answer;",
  }),
};
