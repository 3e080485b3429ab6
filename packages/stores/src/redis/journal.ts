import type { JournalEntry, JournalState } from "@vidtask/core";
import { entryOf, listedEntry } from "../entry.ts";
import type { Server } from "./durability.ts";
import type { RedisStore } from "./options.ts";

/** Rows read or removed at a time. */
const PAGE = 200;

const STATES: JournalState[] = ["begun", "sending", "accepted", "refused", "unknown", "lost", "succeeded", "failed"];
const ENDED: JournalState[] = ["succeeded", "failed", "refused", "lost"];

// A row is a hash with the entry as the text it came as: merged through cjson, 0.30000000000000004 would become 0.3 and
// [] would become {}. Every state has a sorted set of its keys by the order of begin.
const NAMES = `local p = KEYS[1]
local function row(key) return p .. ':row:' .. key end
local function state(name) return p .. ':state:' .. name end
local function task(ref) return p .. ':task:' .. ref end
`;
// key, version, state, ref, updated at, entry
const WRITE = `local function write(key, was, seq)
  if was.r and was.r ~= '' and was.r ~= ARGV[4] then redis.call('DEL', task(was.r)) end
  if was.s and was.s ~= ARGV[3] then redis.call('ZREM', state(was.s), key) end
  if ARGV[4] ~= '' then redis.call('SET', task(ARGV[4]), key) end
  redis.call('ZADD', state(ARGV[3]), seq, key)
  redis.call('HSET', row(key), 'v', ARGV[2], 's', ARGV[3], 'r', ARGV[4], 'u', ARGV[5], 'e', ARGV[6], 'q', seq)
end
local key = ARGV[1]
local got = redis.call('HMGET', row(key), 'v', 's', 'r', 'q', 'e')
local was = { v = got[1], s = got[2], r = got[3], q = got[4], e = got[5] }
local holder = ARGV[4] ~= '' and redis.call('GET', task(ARGV[4])) or false
`;
const BEGIN = `${NAMES}${WRITE}
if was.v and not ((was.s == 'refused' or was.s == 'lost') and tonumber(ARGV[2]) > tonumber(was.v)) then return was.e end
if holder and holder ~= key then return redis.error_reply('ERR another key has the task of this entry') end
write(key, was, was.q or redis.call('INCR', p .. ':seq'))
return false`;
const UPDATE = `${NAMES}${WRITE}
if was.v ~= ARGV[7] or (holder and holder ~= key) then return 0 end
write(key, was, was.q)
return 1`;
const GET = `${NAMES} return redis.call('HGET', row(ARGV[1]), 'e')`;
const FIND = `${NAMES} local key = redis.call('GET', task(ARGV[1]))
return key and redis.call('HGET', row(key), 'e')`;
// By Redis' own clock.
const NOW = `local time = redis.call('TIME') return string.format('%.3f', time[1] * 1000 + time[2] / 1000)`;
// after, how many, states …: the number of the last row that was looked at, and keys with entries
const pageOf = (
  range: "ZRANGEBYSCORE" | "ZREVRANGEBYSCORE",
  end: "+inf" | "-inf",
  isBefore: "<" | ">",
) => `${NAMES} local found = {}
for i = 3, #ARGV do
  local members = redis.call('${range}', state(ARGV[i]), '(' .. ARGV[1], '${end}', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
  for j = 1, #members, 2 do found[#found + 1] = { tonumber(members[j + 1]), members[j] } end
end
table.sort(found, function(a, b) return a[1] ${isBefore} b[1] end)
local page = { '' }
for i = 1, math.min(#found, tonumber(ARGV[2])) do
  page[1] = string.format('%.0f', found[i][1])
  page[2 * i] = found[i][2]
  page[2 * i + 1] = redis.call('HGET', row(found[i][2]), 'e')
end
return page`;
const PAGE_OF = pageOf("ZRANGEBYSCORE", "+inf", "<");
const PAGE_BACK = pageOf("ZREVRANGEBYSCORE", "-inf", ">");
// after, how many, before, state: the number of the last row that was looked at, and how many are gone
const PRUNE = `${NAMES} local members = redis.call('ZRANGEBYSCORE', state(ARGV[4]), '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
local last, gone = '', 0
for i = 1, #members, 2 do
  local key = members[i]
  last = members[i + 1]
  local got = redis.call('HMGET', row(key), 'u', 'r')
  if got[1] and got[1] < ARGV[3] then
    redis.call('DEL', row(key))
    redis.call('ZREM', state(ARGV[4]), key)
    if got[2] and got[2] ~= '' then redis.call('DEL', task(got[2])) end
    gone = gone + 1
  end
end
return { last, gone }`;

export function redisJournal(server: Server): RedisStore["journal"] {
  const argsOf = (entry: JournalEntry): (string | number)[] => {
    const { key, version, state, ref, updatedAt } = entry;
    return [key, version, state, ref ? refKey(ref) : "", updatedAt, JSON.stringify(entry)];
  };
  const get = async (key: string) => found(await server.read(GET, [key]));

  return {
    ...(server.isDurable ? { durable: true as const } : {}),
    now: async () => Number(await server.read(NOW, [])),
    async begin(entry) {
      await server.check();
      return found(await server.write(BEGIN, argsOf(entry)));
    },
    async update(key, version, patch, from) {
      const isGiven = from?.key === key && from.version === version;
      const before = isGiven ? from : await get(key);
      if (before?.version !== version) return undefined;
      const args = argsOf({ ...before, ...patch, key, version: version + 1 });
      const isWritten = Number(await server.write(UPDATE, [...args, version])) === 1;
      return isWritten ? entryOf(args[5]) : undefined;
    },
    get,
    findByTask: async (ref) => found(await server.read(FIND, [refKey(ref)])),
    async *list({ state, since = "", newestFirst = false } = {}) {
      const states = [...new Set(state ?? STATES)];
      const page = newestFirst ? PAGE_BACK : PAGE_OF;
      for (let after = newestFirst ? "+inf" : "0"; states.length > 0;) {
        const [last, ...rows] = listOf(await server.read(page, [after, PAGE, ...states]));
        for (let at = 0; at < rows.length; at += 2) {
          const entry = listedEntry(String(rows[at]), rows[at + 1]);
          if (entry.error !== undefined || !(entry.updatedAt < since)) yield entry;
        }
        if (rows.length < 2 * PAGE) return;
        after = String(last);
      }
    },
    async prune({ before }: { before: string }) {
      const time = new Date(before).toISOString();
      let removed = 0;
      for (const state of ENDED)
        for (let after = "0"; after !== "";) {
          const [last, gone] = listOf(await server.write(PRUNE, [after, PAGE, time, state]));
          removed += Number(gone);
          after = String(last);
        }
      return removed;
    },
  };
}

const refKey = ({ vendor, id }: { vendor: string; id: string }): string => JSON.stringify([vendor, id]);

const found = (text: unknown): JournalEntry | undefined =>
  text === null || text === undefined || text === false ? undefined : entryOf(text);

const listOf = (answer: unknown): unknown[] => {
  if (Array.isArray(answer)) return answer as unknown[];
  throw new TypeError("`run` must resolve with what the script returns, here an array");
};
