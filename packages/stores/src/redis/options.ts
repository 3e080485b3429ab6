// What a Redis store is given, and what it gives.
import type { Budget, Journal, Slots } from "@vidtask/core";

/** What the server promises. */
export type Durability =
  | "none"
  | "always"
  | "synchronous"
  | {
      /** All that may be promoted. */
      replicas: number;
      /** Sends `WAIT replicas ms` on the connection that runs the scripts, and resolves with its answer. */
      wait: (replicas: number, ms: number) => Promise<number>;
    };

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
