// `npm run bench callbacks`: what callbacks are worth when they are lost, repeated, late and out of order, and what polling
// alone costs. In process and in virtual time: the same figures on every machine, for the same seed.
import { crashInOnTask, loseAnswers, waitForAll } from "./callbacks/measure.ts";
import { each, seconds, type Say } from "./progress.ts";
import { vendorNames, type VendorName } from "./vendors.ts";

export type Sizes = { tasks: number; answers: number };
const FULL: Sizes = { tasks: 1_000, answers: 500 };
/** For a program that relies on callbacks, and asks only in case they are lost. */
const RARELY = { first: 300_000, interval: 300_000 };
/** Scenes at once: each waits more than it works. */
const AT_ONCE = 5;

export async function measureVendor(vendor: VendorName, { tasks, answers }: Sizes, seed: number, say: Say = () => {}) {
  const scenes = {
    both: () => waitForAll(vendor, tasks, seed, {}),
    rarely: () => waitForAll(vendor, tasks, seed, { poll: RARELY }),
    alone: () => waitForAll(vendor, tasks, seed, { hasCallbacks: false }),
    crashes: () => crashInOnTask(vendor, tasks, seed),
    answers: () => loseAnswers(vendor, answers, seed),
  };
  const results: Partial<Record<keyof typeof scenes, unknown>> = {};
  await each(Object.keys(scenes) as (keyof typeof scenes)[], AT_ONCE, async (name) => {
    const started = performance.now();
    results[name] = await scenes[name]();
    say(`${vendor}, ${name}: ${seconds(started)}`);
  });
  return { vendor, ...(results as { [name in keyof typeof scenes]: Awaited<ReturnType<(typeof scenes)[name]>> }) };
}
type Measured = Awaited<ReturnType<typeof measureVendor>>;

/** What must not be. */
export function violationsOf({ vendor, both, rarely, alone, crashes, answers }: Measured, sizes: Sizes): string[] {
  const { tasks } = sizes;
  const broken: string[] = [];
  const must = (what: string, found: number, wanted: number) =>
    found === wanted || broken.push(`${vendor}: ${what}: ${found}, not ${wanted}`);
  for (const [name, { counts, lost, charges }] of Object.entries({ both, rarely, alone })) {
    must(`${name}: ends that were heard of`, counts.heard, tasks);
    must(`${name}: charges`, charges, tasks);
    if (name === "alone") continue;
    must(`${name}: onTask called more than once`, counts.more, 0);
    must(`${name}: onTask called once`, counts.once, tasks - lost);
  }
  must("crashes: ends that were heard of", crashes.counts.heard, tasks);
  must("crashes: onTask never called", crashes.counts.never, crashes.lost);
  must("crashes: onTask called again after one", crashes.again, crashes.hit);
  must("crashes: onTask called more than once", crashes.counts.more, crashes.again);
  must("crashes: submits left open", crashes.open, 0);
  must("lost answers", answers.unanswered, sizes.answers);
  must("lost answers: found again", answers.recovered, sizes.answers);
  must("lost answers: reported once", answers.counts.once, sizes.answers);
  must("lost answers: charges", answers.charges, sizes.answers);
  must("lost answers: unknown left", answers.open, 0);
  return broken;
}

export async function benchCallbacks(seed: number, sizes: Sizes = FULL): Promise<number> {
  const started = performance.now();
  console.log(
    `${sizes.tasks} tasks a vendor, one a second, seed ${seed}. Of their callbacks 20 % are lost, 20 % come twice,`,
  );
  console.log("20 % a minute late, and 20 % after the next one. This takes minutes.\n");
  const measured: Measured[] = [];
  for (const vendor of vendorNames)
    measured.push(await measureVendor(vendor, sizes, seed, (text) => console.log(`  ${text}`)));

  table("Reported", ["at least once", "exactly once", "more than once"], measured, ({ both, crashes }) => [
    [
      "onTask, or the wait where the callback was lost",
      both.counts.heard,
      both.counts.once + both.lost,
      both.counts.more,
    ],
    [
      `the same, ${crashes.crashes} processes dead in onTask`,
      crashes.counts.heard,
      crashes.counts.once + crashes.lost,
      crashes.counts.more,
    ],
  ]);
  table("Waiting", ["polls per task", "mean lag"], measured, ({ both, rarely, alone }) =>
    Object.entries({
      "polling alone": alone,
      "with callbacks": both,
      "with callbacks, polling every 5 minutes": rarely,
    }).map(([name, { waited }]) => [name, waited.polls.toFixed(1), `${(waited.lagMs / 1000).toFixed(1)} s`]),
  );
  table(
    "Submits whose answer was lost after acceptance",
    ["found again", "charges", "unknown left"],
    measured,
    ({ answers }) => [[`${answers.unanswered}`, answers.recovered, answers.charges, answers.open]],
  );
  console.log("AIVideoAPI tells ends in whole seconds: half a second of its lag is that.");
  const broken = measured.flatMap((one) => violationsOf(one, sizes));
  console.log(
    broken.length === 0 ? `\nAs promised. Seed ${seed}, ${seconds(started)}.` : `\nBROKEN:\n  ${broken.join("\n  ")}`,
  );
  return broken.length === 0 ? 0 : 1;
}

type Cell = string | number;

function table(
  title: string,
  heads: string[],
  measured: readonly Measured[],
  rowsOf: (one: Measured) => Cell[][],
): void {
  const show = (vendor: string, name: Cell, cells: readonly Cell[]) =>
    console.log(
      `  ${vendor.padEnd(12)}${String(name).padEnd(50)}${cells.map((cell) => String(cell).padStart(16)).join("")}`,
    );
  console.log(`\n${title}`);
  show("", "", heads);
  for (const one of measured) for (const [name = "", ...cells] of rowsOf(one)) show(one.vendor, name, cells);
}
