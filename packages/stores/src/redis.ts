// Journal, slots and budget in Redis or Valkey, through a function that runs a script.
import type { Budget, Journal, Slots } from "@vidtask/core";
import { redisBudget } from "./redis/budget.ts";
import { createServer, type Durability } from "./redis/durability.ts";
import { redisJournal } from "./redis/journal.ts";
import { redisSlots } from "./redis/slots.ts";

/**
 * Runs a Lua script on the primary: with ioredis `(script, keys, args) => redis.eval(script, keys.length, ...keys, ...args)`,
 * with node-redis `(script, keys, args) => redis.eval(script, { keys, arguments: args })`. Redis 6.2 or newer, Valkey.
 */
export type Eval = (script: string, keys: string[], args: string[]) => Promise<unknown>;

/** How a Redis store is kept. */
export type RedisStoreOptions = {
  /** Every key begins with it, in braces: a cluster keeps them together. Letters, digits, `:`, `_`, `-`, at most 40. @default "vidtask" */
  prefix?: string | undefined;
  /**
   * What the server promises, which no client can see. A submit that Redis acknowledged and forgets is paid for twice.
   *
   * - `"none"`: nothing. The journal is shared, and not `durable`: a failover or a power cut may forget submits.
   * - `"always"`: one server, `appendonly yes`, `appendfsync always`, `maxmemory-policy noeviction`, no automatic failover.
   * - `{ replicas, wait }`: after each write all replicas that may be promoted have it, else it has failed. `wait` sends
   *   `WAIT` on the connection that `run` uses, so there is one connection, no pool and no proxy.
   * - `"synchronous"`: a service that acknowledges from a replicated log, as MemoryDB.
   */
  durability: Durability;
};

/** What a Redis store keeps. */
export type RedisStore = {
  journal: Journal & {
    /** Removes rows that have ended and were last written before this ISO time. @returns how many */
    prune(options: { before: string }): Promise<number>;
  };
  slots: Slots;
  budget: Budget;
};

/**
 * Journal, shared limits and budget in Redis, for any number of processes and machines. Who asked first for a slot is served
 * first. There is nothing to migrate. Budgets of days and months lapse by themselves 35 days later.
 *
 * @throws TypeError for a wrong option. The store's calls reject when Redis fails, evicts keys, or does not keep what
 * `durability` says as far as it tells.
 */
export function redisStore(run: Eval, options: RedisStoreOptions): RedisStore {
  const server = createServer(run, options);
  return { journal: redisJournal(server), slots: redisSlots(server), budget: redisBudget(server) };
}
