// How scripts reach Redis, and when what they wrote counts as kept.
import type { Eval, RedisStoreOptions } from "./options.ts";

export type Server = {
  readonly isDurable: boolean;
  /** Runs a script; its first key is the prefix of all others. */
  run(script: string, args?: readonly (string | number)[]): Promise<unknown>;
  /** As `run`, for a write of the journal: rejects when the replicas do not have it in time. */
  write(script: string, args: readonly (string | number)[]): Promise<unknown>;
  /** As `run`, for a read that decides: of a write that the replicas may not have it says nothing. */
  read(script: string, args: readonly (string | number)[]): Promise<unknown>;
  /** Rejects when Redis may forget or evict what it acknowledged, as far as it tells. */
  check(): Promise<void>;
};

const REPLICATION_TIMEOUT = 2_000;
const INFO = "return redis.call('INFO', 'memory') .. redis.call('INFO', 'persistence')";

export function createServer(run: Eval, options: RedisStoreOptions): Server {
  const { prefix = "vidtask", durability } = options ?? {};
  if (typeof run !== "function")
    throw new TypeError("redisStore: the first argument must be a function that runs a script");
  if (typeof prefix !== "string" || !/^[\w:-]{1,40}$/.test(prefix))
    throw new TypeError("redisStore: `prefix` must be letters, digits, :, _ and -, at most 40 of them");
  checkDurability(durability);
  const tag = `{${prefix}}`;
  const call = async (script: string, args: readonly (string | number)[] = []): Promise<unknown> =>
    run(script, [tag], args.map(String));
  let unconfirmed = false;
  let checked: Promise<void> | undefined;

  async function confirm(): Promise<void> {
    if (typeof durability !== "object") return;
    unconfirmed = true;
    const { replicas, wait } = durability;
    const have = Number(await wait(replicas, REPLICATION_TIMEOUT));
    if (!(have >= replicas))
      throw new Error(`${have || 0} of ${replicas} replicas have the write: a failover may forget it`);
    unconfirmed = false;
  }

  async function look(): Promise<void> {
    const info = await call(INFO).then(String, () => ""); // a service may not show it
    const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? "noeviction";
    const isBounded = Number(/^maxmemory:(\d+)/m.exec(info)?.[1] ?? 0) > 0;
    if (policy !== "noeviction" && isBounded)
      throw new Error(`this Redis evicts keys (${policy}), submits among them: set maxmemory-policy to noeviction`);
    if (durability === "always" && /^aof_enabled:0/m.test(info))
      throw new Error(
        'this Redis has no append-only file: set appendonly to yes and appendfsync to always, or say durability: "none"',
      );
  }

  return {
    isDurable: durability !== "none",
    run: call,
    async write(script, args) {
      const answer = await call(script, args);
      await confirm();
      return answer;
    },
    async read(script, args) {
      if (unconfirmed) await confirm();
      return call(script, args);
    },
    check: () =>
      (checked ??= look().catch((error: unknown) => ((checked = undefined), Promise.reject(error as Error)))),
  };
}

function checkDurability(given: unknown): void {
  if (given === "none" || given === "always" || given === "synchronous") return;
  const { replicas, wait } = (given ?? {}) as { replicas?: unknown; wait?: unknown };
  if (Number.isInteger(replicas) && Number(replicas) >= 1 && typeof wait === "function") return;
  throw new TypeError(
    'redisStore: `durability` must be "none", "always", "synchronous" or { replicas, wait }: no client can see what a Redis promises',
  );
}
