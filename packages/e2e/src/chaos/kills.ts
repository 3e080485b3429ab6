// A process killed at random points, and started again each time on the same journal with the same keys.
import { setTimeout as sleep } from "node:timers/promises";
import { sayNowAndThen, seconds, type Say } from "@vidtask/bench/progress";
import { seeded } from "@vidtask/bench/random";
import { vendorNames, type VendorName } from "@vidtask/bench/vendors";
import { createEmulator } from "@vidtask/emulator";
import { scratchFolder } from "../scratch.ts";
import { addFaults } from "./faults.ts";
import { chargesByKey, collectPosts } from "./paid-requests.ts";
import { count, counted, type Report } from "./report.ts";
import { startSubmitter, type Job, type Submitter } from "./submitter.ts";
import { journalRows, violationsOf } from "./verdict.ts";

export type KillsOptions = { kills: number; seed: number; say: Say };

const SPEED = 100;
/** Every process is given some keys that are new and those of the processes before it. */
const NEW_KEYS = 6;
const KEYS = 24;
/** A process that is not killed takes two to three hundred steps, in about this time. */
const STEPS = 300;
const LATEST_KILL_MS = 600;
/** How long a process waits, by the clock; the last one must see the end of everything. */
const WAIT = { some: 120_000, all: 3_600_000 };

export async function chaosOfKills({ kills, seed, say }: KillsOptions): Promise<Report> {
  const started = performance.now();
  const random = seeded(seed);
  const emulator = createEmulator({ clock: { speed: SPEED }, seed, credits: 1e9 });
  addFaults(emulator, { submit: true, poll: true });
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
  let processes = 0;
  const tell = sayNowAndThen(say);
  const told = new Map<string, string>();
  const collect = (submitter: Submitter) => {
    for (const one of submitter.said)
      if ("taskId" in one) {
        const before = told.get(one.key) ?? one.taskId;
        if (before !== one.taskId)
          problems.push(`${one.key}: was ${before} in one process and ${one.taskId} in another`);
        told.set(one.key, one.taskId);
      } else if ("odd" in one) problems.push(`${one.key}: ${one.odd}`);
  };

  try {
    while (killed < kills) {
      const vendor = vendorNames[processes++ % vendorNames.length] ?? "apixo";
      const all = keysOf.get(vendor) ?? [];
      for (let added = 0; added < NEW_KEYS; added++) all.push(`${vendor}-kill-${seed}-${all.length}`);
      const isByStep = random.chance(0.6);
      const keys = all.slice(-KEYS).toReversed();
      const dieAt = isByStep ? { dieAt: 1 + random.below(STEPS) } : {};
      const waits = {
        ...(random.chance(0.5) && { wait: WAIT.some }),
        ...(random.chance(0.2) && { resume: WAIT.some }),
      };
      const submitter = await startSubmitter({ ...jobFor(vendor), keys, ...dieAt, ...waits });
      await submitter.ready;
      submitter.go();
      if (!isByStep) void sleep(random.below(LATEST_KILL_MS)).then(submitter.kill);
      const end = await submitter.ended;
      if (end === "killed") killed++;
      else if (end !== "done") problems.push(`a process of ${vendor} ended ${end}`);
      collect(submitter);
      tell(`SIGKILL: ${killed} of ${kills}, ${emulator.ledger.length} charges, ${seconds(started)}`);
    }

    // What a dead process left as being sent is free after three minutes.
    await emulator.clock.sleep(200_000);
    const unknown = new Set<string>();
    const toldBySubmit = new Set<string>();
    const unfinished = new Set<string>();
    const before = await journalRows(file);
    const lastProcess = async (vendor: VendorName) => {
      const last = await startSubmitter({
        ...jobFor(vendor),
        keys: keysOf.get(vendor) ?? [],
        resume: WAIT.all,
        wait: WAIT.all,
      });
      await last.ready;
      last.go();
      const end = await last.ended;
      if (end !== "done") problems.push(`the last process of ${vendor} ended ${end}`);
      collect(last);
      for (const one of last.said)
        if ("waited" in one) unfinished.add(one.key);
        else if ("open" in one && one.open === "unknown") unknown.add(one.key);
        else if ("code" in one && one.code === "submit_unknown") toldBySubmit.add(one.key);
    };
    say("SIGKILL: the last processes, which see the end of everything");
    await Promise.all(vendorNames.map(lastProcess));
    const keys = [...keysOf.values()].flat();
    const rows = await journalRows(file);
    // A key sent by the last process was named by that submit; `resume` has to name every other one.
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
        "processes that ended by themselves": processes - killed,
        charges: charges.size,
        "faults of paid requests": counted(posts.faults()),
        "the journal in the end": counted(states),
        "waits of the last processes that ended otherwise": unfinished.size,
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
