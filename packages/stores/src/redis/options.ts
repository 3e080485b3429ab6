// The types that a Redis store takes and returns.
import type { Budget, Journal, Slots } from "@vidtask/core";

/** What the server guarantees about acknowledged writes: see `durability`. */
export type Durability =
  | "none"
  | "always"
  | "synchronous"
  | {
      /** The number of all replicas that may be promoted. */
      replicas: number;
      /** Sends `WAIT replicas ms` on the connection that runs the scripts, and resolves with its answer. */
      wait: (replicas: number, ms: number) => Promise<number>;
    };

/**
 * Runs a Lua script on the primary: with ioredis `(script, keys, args) => redis.eval(script, keys.length, ...keys, ...args)`,
 * with node-redis `(script, keys, args) => redis.eval(script, { keys, arguments: args })`. Redis 6.2 or newer, Valkey.
 */
export type Eval = (script: string, keys: string[], args: string[]) => Promise<unknown>;

/** The options of `redisStore`. */
export type RedisStoreOptions = {
  /**
   * Every key begins with it, in braces, so that a cluster keeps them together. Letters, digits, `:`, `_`, `-`, at most 40.
   * @default "vidtask"
   */
  prefix?: string | undefined;
  /**
   * What the server guarantees, which no client can see. If Redis forgets a submit that it acknowledged, it may be paid for twice.
   *
   * - `"none"`: nothing. The journal is shared but not `durable`: after a failover or a power cut submits may be forgotten.
   * - `"always"`: one server, `appendonly yes`, `appendfsync always`, `maxmemory-policy noeviction`, no automatic failover.
   * - `{ replicas, wait }`: a write fails unless all replicas that may be promoted have it. `wait` sends `WAIT` on the
   *   connection that `run` uses, so use one connection, no pool and no proxy.
   * - `"synchronous"`: a service that acknowledges from a replicated log, such as MemoryDB.
   */
  durability: Durability;
};

/** What `redisStore` returns. */
export type RedisStore = {
  journal: Journal & {
    /** Removes rows of submits that have ended and were last written before this ISO time. @returns the number of rows removed */
    prune(options: { before: string }): Promise<number>;
  };
  slots: Slots;
  budget: Budget;
};
