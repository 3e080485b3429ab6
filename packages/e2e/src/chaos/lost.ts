// Thousands of submits of which every first answer is lost, at a vendor whose ways to find them are all there, and all broken:
// its list lags, its front refuses second sendings, its window ends. What does each way leave unknown, and is anything paid twice?
import { each, sayNowAndThen, seconds, type Say } from "@vidtask/bench/progress";
import { seeded, type Random } from "@vidtask/bench/random";
import { createEmulator, type Emulator, type FaultOptions } from "@vidtask/emulator";
import type { ClientOptions, VideoClient } from "vidtask";
import { sqliteJournal } from "vidtask/node";
import { KEYS, nonesuchOf } from "../nonesuch/dialect.ts";
import { nonesuchVendor } from "../nonesuch/spec.ts";
import { scratchFolder } from "../scratch.ts";
import { faulty } from "./crashing-client.ts";
import { endingOf } from "./endings.ts";
import { chargesByKey, collectPosts } from "./paid-requests.ts";
import { count, counted, type Report } from "./report.ts";
import { journalRows } from "./verdict.ts";

/** What the vendor's pages offer to a lost submit. */
export const WAYS = {
  neither: { find: false, resend: false },
  find: { find: true, resend: false },
  window: { find: false, resend: true },
  both: { find: true, resend: true },
} as const;
export type Way = keyof typeof WAYS;

export type LostOptions = { way: Way; keys: number; seed: number; say: Say };

const SPEED = 100;
const AT_ONCE = 60;
const KEYS_PER_PROCESS = 300;
/** Of the front, in ms: it ends while the run goes on. */
const WINDOW = 1_200_000;

type Rare = Omit<FaultOptions, "times">;

const FAULTS: readonly Rare[] = [
  // Of first sendings: none of them is answered well.
  { on: "submit", resent: false, kind: "reset-before-read", probability: 0.1 },
  { on: "submit", resent: false, kind: "close-after-accept", probability: 0.15 },
  { on: "submit", resent: false, kind: "empty", probability: 0.1 },
  { on: "submit", resent: false, kind: "empty", accepted: false, probability: 0.05 },
  { on: "submit", resent: false, kind: "html-200", probability: 0.1 },
  { on: "submit", resent: false, kind: "cut", at: 0.1, probability: 0.1 },
  { on: "submit", resent: false, kind: "500", accepted: true, probability: 0.1 },
  { on: "submit", resent: false, kind: "502", accepted: true, probability: 0.1 },
  { on: "submit", resent: false, kind: "reset-after-accept" },
  // Of second ones: what a front says of them says nothing about the first.
  { on: "submit", resent: true, kind: "402", probability: 0.12 },
  { on: "submit", resent: true, kind: "409", probability: 0.1 },
  { on: "submit", resent: true, kind: "422", probability: 0.1 },
  { on: "submit", resent: true, kind: "429", probability: 0.12 },
  { on: "submit", resent: true, kind: "404", probability: 0.03 },
  { on: "submit", resent: true, kind: "reset-before-read", probability: 0.05 },
  { on: "submit", resent: true, kind: "reset-after-accept", probability: 0.1 },
  { on: "submit", resent: true, kind: "html-502", probability: 0.05 },
  { on: "find", kind: "lagging", delay: 40_000, probability: 0.25 },
  { on: "find", kind: "500", probability: 0.05 },
  { on: "find", kind: "429", probability: 0.05 },
  { on: "find", kind: "html-200", probability: 0.05 },
  { on: "find", kind: "reset-after-accept", probability: 0.05 },
  { on: "find", kind: "cut", probability: 0.05 },
  { on: "poll", kind: "500", probability: 0.05 },
  { on: "poll", kind: "reset-after-accept", probability: 0.05 },
  { on: "poll", kind: "404", probability: 0.05 },
];

export async function chaosOfLost({ way, keys: size, seed, say }: LostOptions): Promise<Report> {
  const started = performance.now();
  const name = `${size} submits with lost answers, ${way}`;
  const random = seeded(seed);
  const vendor = nonesuchOf({ windowMs: WINDOW });
  const emulator = createEmulator({ vendors: [vendor], clock: { speed: SPEED }, seed, credits: 1e9 });
  for (const fault of FAULTS) emulator.injectFault({ ...fault, times: Infinity });
  const scratch = scratchFolder();
  const file = scratch.file("journal.db");
  const posts = collectPosts(emulator);
  const alarms = new Map<string, number>();
  const create = nonesuchVendor({ ...WAYS[way], windowMs: WINDOW });
  const start = (accessKey: string = KEYS[0]) => startProcess(emulator, file, random, create, accessKey, alarms);
  const keys = Array.from({ length: size }, (_, index) => `lost-${way}-${seed}-${index}`);
  const problems: string[] = [];
  const submit = async (by: Process, key: string): Promise<void> => {
    const request = { model: "none-1", prompt: `a waterfall for ${key}` } as const;
    const ending = await endingOf(by.client.submit(request, { idempotencyKey: key }));
    if ("odd" in ending && !by.hasCrashed()) problems.push(`${key}: ${ending.odd}`);
  };
  const all: Process[] = [];
  const begun = (process: Process) => (all.push(process), process);
  // One that is left as being sent, where a write failed, is unknown as soon as somebody asks.
  const openKeys = async () =>
    [...(await journalRows(file))].flatMap(([key, { state }]) =>
      state === "unknown" || state === "sending" ? [key] : [],
    );
  const tell = sayNowAndThen(say);

  try {
    let current = begun(start());
    let done = 0;
    await each(keys, Math.min(AT_ONCE, Math.ceil(size / 3)), async (key) => {
      const calls = [submit(current, key)];
      if (random.chance(0.1)) calls.push(submit(all[random.below(all.length)] ?? current, key));
      await Promise.all(calls);
      if (++done % KEYS_PER_PROCESS === 0 || (size < KEYS_PER_PROCESS && done === Math.ceil(size / 2))) {
        const old = current;
        current = begun(start());
        if (random.chance(0.6)) old.crash();
      }
      tell(`${name}: ${done} submitted, ${emulator.ledger.length} charges, ${seconds(started)}`);
    });

    // What a crashed process left as being sent is unknown after three minutes.
    await emulator.clock.sleep(200_000);
    const two = [begun(start()), begun(start())];
    await each(keys, AT_ONCE, async (key) => void (await Promise.all(two.map((one) => submit(one, key)))));
    const afterTwo = await openKeys();
    say(`${name}: ${afterTwo.length} unknown after two more processes, ${seconds(started)}`);

    /** Calls that must not send: the paid requests of a key stay as many as they were. */
    const silently = async (what: string, by: Process) => {
      const before = posts.byKey();
      const open = await openKeys();
      await each(open, AT_ONCE, (key) => submit(by, key));
      const after = posts.byKey();
      for (const key of open)
        if (after.get(key)?.length !== before.get(key)?.length) problems.push(`${key}: was sent again ${what}`);
    };
    await silently("with other secrets", begun(start(KEYS[1])));
    await emulator.clock.sleep(WINDOW);
    await silently("past the window", begun(start()));
    await Promise.all(all.map((one) => one.close()));

    const rows = await journalRows(file);
    const charges = chargesByKey(emulator);
    const states = new Map<string, number>();
    const sentByKey = posts.byKey();
    let paidUnknown = 0;
    for (const key of keys) {
      const { state = "absent", ref } = rows.get(key) ?? {};
      const [charged, ...more] = charges.get(key) ?? [];
      count(states, state);
      if (state === "unknown" && charged) paidUnknown++;
      if (more.length > 0) problems.push(`${key}: charged ${more.length + 1} times`);
      if (ref && ref.id !== charged?.id) problems.push(`${key}: has ${ref.id}, the vendor ${charged?.id ?? "none"}`);
      if (charged && !["unknown", "accepted", "succeeded", "failed"].includes(state))
        problems.push(`${key}: was charged, and is ${state}`);
      const sent = sentByKey.get(key)?.length ?? 0;
      if (!WAYS[way].resend && sent > 1) problems.push(`${key}: was sent ${sent} times`);
    }
    return {
      name,
      seed,
      figures: {
        charges: charges.size,
        "paid requests": [...posts.faults().values()].reduce((sum, one) => sum + one, 0),
        "their faults": counted(posts.faults()),
        "unknown after two more processes": afterTwo.length,
        "unknown in the end": `${states.get("unknown") ?? 0}, of which charged ${paidUnknown}`,
        "the journal in the end": counted(states),
        alarms: counted(alarms) || "none",
        processes: all.length,
      },
      violations: problems,
      ms: performance.now() - started,
    };
  } finally {
    posts.stop();
    emulator.reset();
    scratch.remove();
  }
}

type Process = { client: VideoClient; hasCrashed(): boolean; crash(): void; close(): Promise<void> };

/** A process of its own in all that counts: another owner of rows, another connection to the file. */
function startProcess(
  emulator: Emulator,
  file: string,
  random: Random,
  create: (options: ClientOptions) => VideoClient,
  accessKey: string,
  alarms: Map<string, number>,
): Process {
  const sqlite = sqliteJournal(file);
  let hasCrashed = false;
  const connection = { ...emulator.for("nonesuch"), accessKey };
  const setting = { connection, random, failing: 0.002, onCutOff: () => {} };
  const journal = faulty(sqlite, setting, () => hasCrashed);
  const client = create({
    ...connection,
    journal,
    onEvent: (event) => void (event.type === "alarm" && count(alarms, event.alarm)),
  });
  return {
    client,
    hasCrashed: () => hasCrashed,
    crash: () => void (hasCrashed = true),
    async close() {
      await client.drain({ timeout: 30_000 });
      sqlite.close();
    },
  };
}
