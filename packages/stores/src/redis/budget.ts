import type { Budget } from "@vidtask/core";
import type { Server } from "./durability.ts";

/** Days and months end; a name of another kind stays, because nothing says when it is over. */
const LIFE = 35 * 86_400_000;
const isDate = (period: string): boolean => /^\d{4}-\d\d(-\d\d)?$/.test(period);

// Amounts are whole millionths of a dollar, which Lua's numbers hold exactly.
const NAMES = `local reserved, spent = KEYS[1] .. ':reserved:' .. cjson.encode({ ARGV[1], ARGV[2] }), KEYS[1] .. ':spent:'
local function sum(period) return spent .. cjson.encode({ ARGV[1], period }) end
`;
// account, holder, micro-dollars, limit, period, life in ms or 0: -1 when reserved, else what is reserved already
const RESERVE = `${NAMES} if redis.call('EXISTS', reserved) == 1 then return -1 end
local name, life = sum(ARGV[5]), tonumber(ARGV[6])
local total = tonumber(redis.call('GET', name) or 0)
if total + tonumber(ARGV[3]) > tonumber(ARGV[4]) then return total end
redis.call('INCRBY', name, ARGV[3])
redis.call('HSET', reserved, 'micro', ARGV[3], 'period', ARGV[5])
if life > 0 then
  redis.call('PEXPIRE', name, life)
  redis.call('PEXPIRE', reserved, life)
end
return -1`;
// account, holder
const RELEASE = `${NAMES} local found = redis.call('HMGET', reserved, 'micro', 'period')
if not found[1] then return 0 end
redis.call('DEL', reserved)
if redis.call('EXISTS', sum(found[2])) == 1 then redis.call('DECRBY', sum(found[2]), found[1]) end
return 1`;

const micro = (usd: number): number => Math.round(usd * 1e6);

export function redisBudget({ run }: Pick<Server, "run">): Budget {
  return {
    async reserve(account, holder, usd, limit, period) {
      const args = [account, holder, micro(usd), micro(limit), period, isDate(period) ? LIFE : 0];
      const answer = await run(RESERVE, args);
      const reserved = Number(answer);
      if (answer === null || Number.isNaN(reserved)) throw new Error("Redis gave no answer to a question for money");
      return reserved < 0 ? { ok: true } : { ok: false, reservedUsd: reserved / 1e6 };
    },
    async release(account, holder) {
      await run(RELEASE, [account, holder]);
    },
  };
}
