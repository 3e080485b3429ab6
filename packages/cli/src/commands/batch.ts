import { mkdirSync } from "node:fs";
import { join, parse, resolve } from "node:path";
import { checkRows, mustBeRight, type Job } from "../batch/check-rows.ts";
import { LOCK, lockFolder } from "../batch/lock.ts";
import { readRows } from "../batch/read-rows.ts";
import { openResults } from "../batch/results.ts";
import { runRows, type Options } from "../batch/run-rows.ts";
import { sameCommand } from "../clients/command-line.ts";
import type { CommandRun, Run } from "../clients/run.ts";
import { mustBeSavable } from "../clients/savable.ts";
import { EXIT } from "../exit-codes.ts";
import { usd } from "../output/format.ts";
import { UsageError } from "../usage-error.ts";

/** Every row of a file: submitted, waited for, saved. Run again, it goes on where it was. */
export const run: CommandRun<Options> = async (run) => {
  const { options, words, next } = run;
  const file = String(words[0]);
  const { name = parse(file).name, budget } = options;
  if (!/^[\p{L}\p{N} ._-]{1,40}$/u.test(name))
    throw new UsageError(`"${name}" cannot be the name of a batch`, [
      "--name takes 1 to 40 letters, digits, spaces, dots, _ and -.",
    ]);
  const folder = resolve(options.output ?? name);
  const results = options.results ?? join(folder, "results.jsonl");
  next.repeat = sameCommand();
  const { rows, wrong } = await readRows(file, run.signal);
  const session = await run.open({ budget: budget === undefined ? undefined : { usd: budget, name: `batch ${name}` } });
  const jobs = await checkRows(session, rows, { file: resolve(file), name, defaults: options }, wrong, run.signal);
  mustBeRight(file, wrong);
  tellCost(run, jobs);
  if (options.dryRun) return EXIT.done;
  // Also because Node makes folders for ever where none can be made, as below /proc.
  await mustBeSavable(join(folder, LOCK), "-o <folder>");
  await mustBeSavable(results, "--results <file>");
  mkdirSync(folder, { recursive: true });
  const unlock = await lockFolder(folder);
  try {
    const opened = openResults(results, { name, folder, ids: jobs.map(({ id }) => id) });
    try {
      return await runRows(run, session, jobs, opened, folder);
    } finally {
      opened.close();
    }
  } finally {
    unlock();
  }
};

function tellCost({ out, options: { budget } }: Run<Options>, jobs: readonly Job[]): void {
  const known = jobs.filter(({ priceUsd }) => priceUsd !== undefined);
  const sum = known.reduce((total, { priceUsd = 0 }) => total + Math.round(priceUsd * 1e6), 0) / 1e6;
  const unknown = jobs.length - known.length;
  const unpriced = unknown === 0 ? "" : `; ${unknown} more without a known price`;
  out.say(`${known.length} rows cost ${usd(sum)} in all${unpriced}`);
  const warn = (message: string) => out.emit({ type: "note", level: "warning", message });
  if (budget === undefined) return;
  if (sum > budget) warn(`that is above the budget of ${usd(budget)}: rows that it does not cover are refused`);
  if (unknown > 0)
    warn(
      `under a budget, rows without a known price are refused: give your own prices as "prices" in the configuration`,
    );
}
