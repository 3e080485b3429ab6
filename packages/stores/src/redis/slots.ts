import type { Slots } from "@vidtask/core";
import type { Server } from "./durability.ts";

// By Redis' own clock. The budget of requests is a time at which it is even; a second's worth of requests may be ahead of it.
const NAMES = `local p, account = KEYS[1], ARGV[1]
local held, line, tickets, rate = p .. ':held:' .. account, p .. ':line:' .. account, p .. ':tickets:' .. account, p .. ':rate:' .. account
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local function number(n) return string.format('%.3f', n) end
local function hold(holder, ms)
  local till = math.max(tonumber(redis.call('ZSCORE', held, holder) or 0), now + ms)
  redis.call('ZADD', held, number(till), holder)
  redis.call('PEXPIRE', held, math.ceil(math.max(redis.call('PTTL', held), till - now)) + 1000)
end
local function leave(holder)
  redis.call('ZREM', line, holder)
  redis.call('ZREM', tickets, holder)
end
local function request(gap)
  local even = math.max(tonumber(redis.call('GET', rate) or 0), now)
  local wait = even - now - math.max(0, 1000 - gap)
  if wait > 0 then return wait end
  redis.call('SET', rate, number(even + gap), 'PX', math.ceil(even + gap - now) + 1000)
  return 0
end
`;
// account, holder, limit, for, gap: 0 when taken, else the ms until it is worth asking again
const TAKE = `${NAMES} local holder, limit, gap = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[5])
redis.call('ZREMRANGEBYSCORE', held, '-inf', number(now))
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', tickets, '-inf', number(now))) do leave(gone) end
local wait, isHeld = 0, redis.call('ZSCORE', held, holder)
if not isHeld then
  redis.call('ZADD', line, 'NX', number(now), holder)
  local missing = redis.call('ZCARD', held) + redis.call('ZRANK', line, holder) + 1 - limit
  if missing > 0 then
    local waited = now - redis.call('ZSCORE', line, holder)
    wait = math.max(50, math.min(waited / 2, 1000 * missing))
  end
end
if wait == 0 and gap > 0 then wait = request(gap) end
if wait > 0 then
  wait = math.ceil(math.min(math.max(wait, 50), 30000))
  if not isHeld then
    redis.call('ZADD', tickets, number(now + 2 * wait + 1000), holder)
    redis.call('PEXPIRE', line, 120000)
    redis.call('PEXPIRE', tickets, 120000)
  end
  return wait
end
leave(holder)
hold(holder, tonumber(ARGV[4]))
return 0`;
const HOLD = `${NAMES} leave(ARGV[2])
hold(ARGV[2], tonumber(ARGV[3]))
return 0`;
const FREE = `${NAMES} leave(ARGV[2])
return redis.call('ZREM', held, ARGV[2])`;
const PASS = `${NAMES} return math.ceil(request(tonumber(ARGV[2])))`;

export function redisSlots({ run }: Pick<Server, "run">): Slots {
  const waitOf = (answer: unknown): number => {
    const waitMs = Number(answer);
    if (answer === null || Number.isNaN(waitMs)) throw new Error("Redis gave no answer to a question for a slot");
    return waitMs;
  };
  return {
    async take({ account, holder, limit, forMs, requestsPerMinute }) {
      const gap = requestsPerMinute === undefined ? 0 : 60_000 / requestsPerMinute;
      const waitMs = waitOf(await run(TAKE, [account, holder, limit, forMs, gap]));
      return waitMs > 0 ? { ok: false, waitMs } : { ok: true };
    },
    async hold({ account, holder, forMs }) {
      await run(HOLD, [account, holder, forMs]);
    },
    async free(account, holder) {
      await run(FREE, [account, holder]);
    },
    pass: async (account, requestsPerMinute) => waitOf(await run(PASS, [account, 60_000 / requestsPerMinute])),
  };
}
