// Thousands of logical submits with faults at every point: at the vendor, in the journal, by aborts, by restarts.
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { each, sayNowAndThen, seconds, type Say } from "@vidtask/bench/progress";
import { seeded, type Random } from "@vidtask/bench/random";
import { requestOf, vendors, type VendorName } from "@vidtask/bench/vendors";
import { createEmulator } from "@vidtask/emulator";
import { scratchFolder } from "../scratch.ts";
import { startClient, type CrashingClient, type Setting } from "./crashing-client.ts";
import { startCrowd } from "./crowd.ts";
import { endingOf, nameOf, oddEndOf, type Call, type Ending } from "./endings.ts";
import { addFaults, PAID_FAULTS } from "./faults.ts";
import { chargesByKey, collectPosts, type Posts } from "./paid-requests.ts";
import { count, counted, type Report } from "./report.ts";
import { resubmitAll } from "./resubmits.ts";
import { timedOut, recordTimeouts, recordSocketTimeouts } from "./timeouts.ts";
import { violationsOf } from "./verdict.ts";

export type SubmitsOptions = {
  vendor: VendorName;
  over: "process" | "sockets";
  keys: number;
  seed: number;
  say: Say;
  /** The process does other things, too. It must be one of its own. */
  isCrowded?: boolean;
};

const SPEED = 200;
const AT_ONCE = 100;
/** A crash takes all that is under way with it: so rarely that most of it ends otherwise. */
const KEYS_PER_CLIENT = 4;
const MOST_CALLS = 4;
/** With as many, every fault must have hit. */
const MANY = 5_000;

export async function chaosOfSubmits({
  vendor,
  over,
  keys: size,
  seed,
  say,
  isCrowded,
}: SubmitsOptions): Promise<Report> {
  const started = performance.now();
  const name = `${size} submits, ${vendor}, over ${over}${isCrowded ? " in a crowded process" : ""}`;
  const random = seeded(seed);
  const atOnce = Math.min(AT_ONCE, Math.ceil(size / 5));
  const emulator = createEmulator({ vendors: [vendor], clock: { speed: SPEED }, seed, credits: 1e9 });
  addFaults(emulator, { submit: true, poll: true });
  const server = over === "sockets" ? await emulator.listen() : undefined;
  const scratch = scratchFolder();
  const posts = collectPosts(emulator);

  if (over === "sockets") recordSocketTimeouts();
  const crowd = isCrowded ? await startCrowd(random) : undefined;

  const keys = Array.from({ length: size }, (_, index) => `${vendor}-${over}-${seed}-${index}`);
  const calls = new Map<string, Call[]>(keys.map((key) => [key, []]));
  const sends = new Map<string, number>();
  const cutOff = new Set<string>();
  const alarms = new Map<string, number>();
  const problems: string[] = [];
  const setting: Setting = {
    vendor,
    connection: server
      ? server.for(vendor)
      : { ...emulator.for(vendor), fetch: recordTimeouts(slow(emulator.fetch, random)) },
    file: scratch.file("journal.db"),
    random,
    failing: 0.005,
    onEvent(event) {
      if (event.type === "alarm") count(alarms, event.alarm);
      if (event.type === "request" && event.phase === "submit" && event.idempotencyKey !== undefined)
        count(sends, event.idempotencyKey);
    },
    onCutOff: (key) => cutOff.add(key),
  };

  let current = startClient(setting);
  const clients = [current];
  /** A new client begins beside the old one, which goes on with what it has begun, or crashes. */
  const restart = () => {
    const old = current;
    current = startClient(setting);
    clients.push(current);
    if (random.chance(0.6)) old.crash();
  };
  let done = 0;
  let waited = 0;
  const tell = sayNowAndThen(say);

  async function oneKey(key: string): Promise<void> {
    for (let made = 0; made < MOST_CALLS; made++) {
      const mine = current;
      const { client } = mine;
      // Leaves a kept-alive connection that the paid request must not take.
      if (over === "sockets" && random.chance(0.5)) await client.balance?.().catch(() => {});
      const began = emulator.clock.now();
      const ending = await callOnce(mine, key, vendor, random);
      if ("gone" in ending) cutOff.add(key);
      calls.get(key)?.push({ began, ending });
      if ("task" in ending) {
        if (!random.chance(vendors[vendor].waits)) return;
        waited++;
        const odd = await Promise.race([mine.crashed, oddEndOf(client.wait(ending.task, { waitTimeout: 600_000 }))]);
        if (odd) problems.push(`${key}: its wait ${odd}`);
        return;
      }
      // As a caller does that wants its video: again while it is worth it, sometimes also when it is not.
      const isWorthIt = "gone" in ending || ("error" in ending && ending.error.retryable);
      if (!isWorthIt && !random.chance(0.3)) return;
    }
  }

  try {
    await each(keys, atOnce, async (key) => {
      const both = random.chance(0.1) ? [oneKey(key), oneKey(key)] : [oneKey(key)];
      await Promise.all(both);
      if (++done % (KEYS_PER_CLIENT * atOnce) === 0) restart();
      if (crowd && random.chance(0.2)) crowd.change();
      tell(`${name}: ${done} submitted, ${emulator.ledger.length} charges, ${seconds(started)}`);
    });
    say(`${name}: all submitted, ${seconds(started)}; now every key a second time`);
    problems.push(...(await Promise.all(clients.map(closed))).flat());

    // What a crashed client left as being sent is free after three minutes.
    await emulator.clock.sleep(200_000);
    const second = await resubmitAll(setting, keys, () => chargesByKey(emulator));
    for (const [key, call] of second.calls) calls.get(key)?.push(call);
    const died = cutOff.size;
    for (const key of keys) if (timedOut.has(key) || crowd?.swallowed.has(key)) cutOff.add(key);
    const charges = chargesByKey(emulator);
    const { rows, unknown } = second;
    const mayReuse = isCrowded ?? false; // as the replaced `fetch` does
    const evidence = { keys, charges, rows, unknown, posts, calls, sends, cutOff, mayReuse };
    return {
      name,
      seed,
      figures: {
        charges: charges.size,
        "paid requests": [...posts.faults().values()].reduce((sum, one) => sum + one, 0),
        reads: posts.gets,
        "faults of paid requests": counted(posts.faults()),
        "ends of calls": counted(tally(calls)),
        "the journal in the end": counted(second.states),
        clients: clients.length,
        "keys cut off from their answer": `${died} by a death, ${cutOff.size - died} by time`,
        waits: waited,
        alarms: counted(alarms) || "none",
        "second submits": second.told,
        ...(crowd ? { "beside them": crowd.told() } : {}),
      },
      violations: [
        ...problems,
        ...second.violations,
        ...violationsOf(evidence),
        ...(size < MANY ? [] : missed(posts, over)),
      ],
      ms: performance.now() - started,
    };
  } finally {
    posts.stop();
    crowd?.stop();
    await server?.close();
    emulator.reset();
    scratch.remove();
  }
}

/** One call of submit, which may be aborted at any moment. */
async function callOnce(running: CrashingClient, key: string, vendor: VendorName, random: Random): Promise<Ending> {
  const abort = new AbortController();
  if (random.chance(0.15)) void abortSoon(abort, random);
  const call = endingOf(running.client.submit(requestOf(vendor, key), { idempotencyKey: key, signal: abort.signal }));
  const ending = await Promise.race([call, running.crashed.then(() => ({ gone: true }) as const)]);
  return running.hasCrashed() && !("task" in ending) ? { gone: true } : ending;
}

async function abortSoon(abort: AbortController, random: Random): Promise<void> {
  if (random.chance(0.5)) await sleep(random.below(25));
  else for (let turns = random.below(30); turns > 0; turns--) await setImmediate();
  abort.abort();
}

/** Answers take some milliseconds, so that an abort can come before them. */
const slow = (send: typeof fetch, random: Random): typeof fetch =>
  (async (input: Request | string, init?: RequestInit) => {
    const response = await send(input, init);
    await sleep(random.below(8), undefined, init?.signal ? { signal: init.signal } : {});
    return response;
  }) as typeof fetch;

const closed = (running: CrashingClient): Promise<string[]> =>
  running.close().then(
    () => [],
    (error: unknown) => [`a client did not come to rest: ${String(error)}`],
  );

function tally(calls: ReadonlyMap<string, readonly Call[]>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const all of calls.values()) for (const { ending } of all) count(counts, nameOf(ending));
  return counts;
}

/** What a long run cannot have missed unless the suite itself is broken. */
function missed(posts: Posts, over: SubmitsOptions["over"]): string[] {
  const met = posts.faults();
  const kinds = PAID_FAULTS.filter((kind) => !met.has(kind)).map((kind) => `no paid request met ${kind}`);
  const hasUsed = over === "process" || posts.reused().gets > 0;
  return hasUsed ? kinds : [...kinds, "no read used a kept-alive connection, so no paid request could have"];
}
