// A process killed at random points, and started again each time on the same journal with the same keys.
import { setTimeout as sleep } from "node:timers/promises";
import { createEmulator } from "@vidtask/emulator";
import { sayNowAndThen, seconds, type Say } from "../progress.ts";
import { seeded } from "../random.ts";
import { scratchFolder } from "../scratch.ts";
import { addFaults } from "./faults.ts";
import { chargesByKey, collectPosts } from "./posts.ts";
import { start, type Job, type Process } from "./process.ts";
import { count, counted, type Report } from "./report.ts";
import { rowsOf } from "./review.ts";
import { vendorNames, type VendorName } from "./vendors.ts";
import { violationsOf } from "./verdict.ts";

export type KillsOptions = { kills: number; seed: number; say: Say };

const SPEED = 100;
/** Every life is given some keys that are new and those of the lives before it. */
const NEW_KEYS = 6;
const KEYS = 24;
/** A life that nobody ends has two to three hundred steps, and takes about so long. */
const STEPS = 300;
const LONGEST_LIFE_MS = 600;
/** How long a life waits, by the clock; the last one must see the end of everything. */
const WAIT = { some: 120_000, all: 3_600_000 };

export async function chaosOfKills({ kills, seed, say }: KillsOptions): Promise<Report> {
  const started = performance.now();
  const random = seeded(seed);
  const emulator = createEmulator({ clock: { speed: SPEED }, seed, credits: 1e9 });
  addFaults(emulator, { submit: true, get: true });
  const server = await emulator.listen();
  const posts = collectPosts(emulator);
  const scratch = scratchFolder();
  const file = scratch.file("journal.db");
  const origin = Date.now();
  const keysOf = new Map<VendorName, string[]>(vendorNames.map((name) => [name, []]));
  const jobFor = (vendor: VendorName): Omit<Job, "keys"> => {
    const { apiKey, baseUrl } = server.for(vendor);
    return { vendor, connection: { apiKey, baseUrl }, file, origin, speed: SPEED };
  };
  const states = new Map<string, number>();
  const problems: string[] = [];
  let killed = 0;
  let lives = 0;
  const tell = sayNowAndThen(say);
  const told = new Map<string, string>();
  const listen = (life: Process) => {
    for (const one of life.said)
      if ("taskId" in one) {
        const before = told.get(one.key) ?? one.taskId;
        if (before !== one.taskId) problems.push(`${one.key}: was ${before} in one life and ${one.taskId} in another`);
        told.set(one.key, one.taskId);
      } else if ("odd" in one) problems.push(`${one.key}: ${one.odd}`);
  };

  try {
    while (killed < kills) {
      const vendor = vendorNames[lives++ % vendorNames.length] ?? "apixo";
      const all = keysOf.get(vendor) ?? [];
      for (let added = 0; added < NEW_KEYS; added++) all.push(`${vendor}-kill-${seed}-${all.length}`);
      const isByStep = random.chance(0.6);
      const keys = all.slice(-KEYS).toReversed();
      const dieAt = isByStep ? { dieAt: 1 + random.below(STEPS) } : {};
      const waits = {
        ...(random.chance(0.5) && { wait: WAIT.some }),
        ...(random.chance(0.2) && { resume: WAIT.some }),
      };
      const life = start({ ...jobFor(vendor), keys, ...dieAt, ...waits });
      await life.ready;
      life.go();
      if (!isByStep) void sleep(random.below(LONGEST_LIFE_MS)).then(life.kill);
      const end = await life.ended;
      if (end === "killed") killed++;
      else if (end !== "done") problems.push(`a life of ${vendor} ended ${end}`);
      listen(life);
      tell(`SIGKILL: ${killed} of ${kills}, ${emulator.ledger.length} charges, ${seconds(started)}`);
    }

    // What the last one left as being sent is nobody's after three minutes.
    await emulator.clock.sleep(200_000);
    const unknown = new Set<string>();
    const toldBySubmit = new Set<string>();
    const unfinished = new Set<string>();
    const before = await rowsOf(file);
    const lastLife = async (vendor: VendorName) => {
      const last = start({ ...jobFor(vendor), keys: keysOf.get(vendor) ?? [], resume: WAIT.all, wait: WAIT.all });
      await last.ready;
      last.go();
      const end = await last.ended;
      if (end !== "done") problems.push(`the last life of ${vendor} ended ${end}`);
      listen(last);
      for (const one of last.said)
        if ("waited" in one) unfinished.add(one.key);
        else if ("open" in one && one.open === "unknown") unknown.add(one.key);
        else if ("code" in one && one.code === "submit_unknown") toldBySubmit.add(one.key);
    };
    say("SIGKILL: the last lives, which see the end of everything");
    await Promise.all(vendorNames.map(lastLife));
    const keys = [...keysOf.values()].flat();
    const rows = await rowsOf(file);
    // Who sent a key in the last life was told by that submit; everything else `resume` has to name.
    for (const key of toldBySubmit) if (rows.get(key)?.attempt !== before.get(key)?.attempt) unknown.add(key);
    for (const key of keys) count(states, rows.get(key)?.state ?? "absent");
    const charges = chargesByKey(emulator);
    const lost = [...told].filter(([key, id]) => rows.get(key)?.ref?.id !== id);
    problems.push(
      ...lost.map(([key, id]) => `${key}: a dead process had returned ${id}, the journal does not have it`),
    );
    return {
      name: `${killed} processes killed`,
      seed,
      figures: {
        keys: keys.length,
        "lives that ended by themselves": lives - killed,
        charges: charges.size,
        "faults of paid requests": counted(posts.faults()),
        "the journal in the end": counted(states),
        "waits of the last lives that ended otherwise": unfinished.size,
      },
      violations: [...problems, ...violationsOf({ keys, charges, rows, unknown, unfinished, posts })],
      ms: performance.now() - started,
    };
  } finally {
    posts.stop();
    await server.close();
    emulator.reset();
    scratch.remove();
  }
}
