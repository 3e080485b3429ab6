// Journal, slots and budget in Redis or Valkey, through a function that runs a script.
import { redisBudget } from "./redis/budget.ts";
import { createServer } from "./redis/durability.ts";
import { redisJournal } from "./redis/journal.ts";
import type { Eval, RedisStore, RedisStoreOptions } from "./redis/options.ts";
import { redisSlots } from "./redis/slots.ts";

export type { Durability, Eval, RedisStore, RedisStoreOptions } from "./redis/options.ts";

/**
 * Keeps journal, shared limits and budget in Redis, for any number of processes and machines. Slots are granted in the order of
 * the requests. There is nothing to migrate. Budgets of days and months expire by themselves after 35 days.
 *
 * @throws TypeError for a wrong option. The store's calls reject if Redis fails, evicts keys, or reports settings that
 * contradict `durability`.
 */
export function redisStore(run: Eval, options: RedisStoreOptions): RedisStore {
  const server = createServer(run, options);
  return { journal: redisJournal(server), slots: redisSlots(server), budget: redisBudget(server) };
}
