// Two processes with the same keys on one journal at the same time.
import { createEmulator } from "@vidtask/emulator";
import type { Say } from "../progress.ts";
import { scratchFolder } from "../scratch.ts";
import { addFaults } from "./faults.ts";
import { chargesByKey, collectPosts } from "./posts.ts";
import { start, type Process } from "./process.ts";
import { count, counted, type Report } from "./report.ts";
import { rowsOf } from "./review.ts";
import { vendorNames, type VendorName } from "./vendors.ts";
import { violationsOf } from "./verdict.ts";

export type PairOptions = { keys: number; seed: number; say: Say };

const SPEED = 100;

export async function chaosOfPairs({ keys: size, seed, say }: PairOptions): Promise<Report> {
  const started = performance.now();
  const emulator = createEmulator({ clock: { speed: SPEED }, seed, credits: 1e9 });
  addFaults(emulator, { submit: true, get: true });
  const server = await emulator.listen();
  const posts = collectPosts(emulator);
  const scratch = scratchFolder();
  const file = scratch.file("journal.db");
  const origin = Date.now();
  const problems: string[] = [];
  const states = new Map<string, number>();
  const winners = new Map<string, number>();
  const unknown = new Set<string>();

  async function both(vendor: VendorName, keys: readonly string[]): Promise<void> {
    const { apiKey, baseUrl } = server.for(vendor);
    const job = { vendor, connection: { apiKey, baseUrl }, file, origin, speed: SPEED, keys, wait: vendor === "apixo" };
    const two = [start(job), start(job)];
    await Promise.all(two.map(({ ready }) => ready));
    for (const one of two) one.go();
    const ends = await Promise.all(two.map(({ ended }) => ended));
    if (ends.includes(false)) problems.push(`${vendor}: a process did not come to its end`);
    problems.push(...disagreements(two, keys));
    for (const { said } of two)
      for (const one of said) if ("code" in one && one.code === "submit_unknown") unknown.add(one.key);
  }

  try {
    const all: string[] = [];
    for (const vendor of vendorNames) {
      say(`two processes at once, ${vendor}`);
      const keys = Array.from({ length: size }, (_, index) => `${vendor}-pair-${seed}-${index}`);
      all.push(...keys);
      await both(vendor, keys);
    }
    const rows = await rowsOf(file);
    for (const key of all) count(states, rows.get(key)?.state ?? "absent");
    for (const { owner } of rows.values()) count(winners, owner ?? "nobody");
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
      violations: [...problems, ...violationsOf({ keys: all, charges, rows, unknown, posts })],
      ms: performance.now() - started,
    };
  } finally {
    posts.stop();
    await server.close();
    emulator.reset();
    scratch.remove();
  }
}

/** Where both got a task, it is the same; what one says nobody knows, the other may learn later, never instead of it. */
function disagreements(two: readonly Process[], keys: readonly string[]): string[] {
  return keys.flatMap((key) => {
    const ends = two.flatMap(({ said }) => said.filter((one) => "key" in one && one.key === key && !("open" in one)));
    const ids = new Set(ends.flatMap((one) => ("taskId" in one ? [one.taskId] : [])));
    const odd = ends.flatMap((one) => ("odd" in one ? [`${key}: ${one.odd}`] : []));
    if (ends.length !== two.length) odd.push(`${key}: ${ends.length} of ${two.length} processes said how it ended`);
    return ids.size > 1 ? [...odd, `${key}: two tasks, ${[...ids].join(" and ")}`] : odd;
  });
}
