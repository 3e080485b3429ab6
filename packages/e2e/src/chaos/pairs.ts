// Two processes with the same keys on one journal at the same time.
import type { Say } from "@vidtask/bench/progress";
import { vendorNames, type VendorName } from "@vidtask/bench/vendors";
import { createEmulator } from "@vidtask/emulator";
import { scratchFolder } from "../scratch.ts";
import { addFaults } from "./faults.ts";
import { chargesByKey, collectPosts } from "./paid-requests.ts";
import { count, counted, type Report } from "./report.ts";
import { startSubmitter, type Submitter, type Said } from "./submitter.ts";
import { journalRows, violationsOf } from "./verdict.ts";

export type PairOptions = { keys: number; seed: number; say: Say };

const SPEED = 100;
/** Of as many keys each of two processes sends some. */
const MANY = 100;

export async function chaosOfPairs({ keys: size, seed, say }: PairOptions): Promise<Report> {
  const started = performance.now();
  const emulator = createEmulator({ clock: { speed: SPEED }, seed, credits: 1e9 });
  addFaults(emulator, { submit: true, poll: true });
  const server = await emulator.listen();
  const posts = collectPosts(emulator);
  const scratch = scratchFolder();
  const file = scratch.file("journal.db");
  const origin = Date.now();
  const problems: string[] = [];
  const states = new Map<string, number>();
  const winners = new Map<string, number>();
  const unknown = new Set<string>();
  const cutOff = new Set<string>();

  async function both(vendor: VendorName, keys: readonly string[]): Promise<void> {
    const { apiKey, baseUrl } = server.for(vendor);
    const job = {
      vendor,
      connection: { apiKey, baseUrl },
      file,
      origin,
      speed: SPEED,
      keys,
      ...(vendor === "apixo" && { wait: 120_000 }),
    };
    const two = await Promise.all([startSubmitter(job), startSubmitter(job)]);
    await Promise.all(two.map(({ ready }) => ready));
    for (const one of two) one.go();
    const ends = await Promise.all(two.map(({ ended }) => ended));
    problems.push(...ends.filter((end) => end !== "done").map((end) => `${vendor}: a process ended ${end}`));
    problems.push(...disagreements(two, keys));
    for (const one of two.flatMap(({ said }) => said))
      if ("gaveUp" in one) cutOff.add(one.key);
      else if ("code" in one && one.code === "submit_unknown") unknown.add(one.key);
  }

  try {
    const all: string[] = [];
    for (const vendor of vendorNames) {
      say(`two processes at once, ${vendor}`);
      const keys = Array.from({ length: size }, (_, index) => `${vendor}-pair-${seed}-${index}`);
      all.push(...keys);
      await both(vendor, keys);
    }
    const rows = await journalRows(file);
    for (const key of all) count(states, rows.get(key)?.state ?? "absent");
    for (const { owner } of rows.values()) count(winners, owner ?? "none");
    if (size >= MANY && winners.size < 2 * vendorNames.length)
      problems.push("one of two processes sent nothing: they did not work at once");
    const charges = chargesByKey(emulator);
    return {
      name: `two processes, ${size} keys of each vendor`,
      seed,
      figures: {
        charges: charges.size,
        "keys by the process that sent them": [...winners.values()].join(", "),
        "faults of paid requests": counted(posts.faults()),
        "the journal in the end": counted(states),
      },
      violations: [...problems, ...violationsOf({ keys: all, charges, rows, unknown, cutOff, posts })],
      ms: performance.now() - started,
    };
  } finally {
    posts.stop();
    await server.close();
    emulator.reset();
    scratch.remove();
  }
}

/** How a call of `submit` ended. */
const isEnd = (said: Said) => "taskId" in said || "code" in said || "odd" in said;

/** Where both got a task, it is the same; what one reports as unknown, the other may learn later, never instead of it. */
function disagreements(two: readonly Submitter[], keys: readonly string[]): string[] {
  return keys.flatMap((key) => {
    const ends = two.flatMap(({ said }) => said.filter((one) => isEnd(one) && one.key === key));
    const ids = new Set(ends.flatMap((one) => ("taskId" in one ? [one.taskId] : [])));
    const odd = ends.flatMap((one) => ("odd" in one ? [`${key}: ${one.odd}`] : []));
    if (ends.length !== two.length) odd.push(`${key}: ${ends.length} of ${two.length} processes said how it ended`);
    return ids.size > 1 ? [...odd, `${key}: two tasks, ${[...ids].join(" and ")}`] : odd;
  });
}
