// All rows, some at a time, each with its line in the results file.
import { sameCommand } from "../clients/command-line.ts";
import type { Run } from "../clients/run.ts";
import type { Session } from "../clients/session.ts";
import { EXIT, worstOf, type ExitCode } from "../exit-codes.ts";
import { usd } from "../output/format.ts";
import type { RowLine } from "../output/lines.ts";
import { withScreen } from "../output/live.ts";
import { summaryOf, type Cost } from "../output/summary.ts";
import type { ChoiceOptions, RequestOptions } from "../request/request.ts";
import type { Job } from "./check-rows.ts";
import type { Results } from "./results.ts";
import { runRow, type How } from "./run-row.ts";

/** The options of `vidtask batch`. */
export type Options = RequestOptions &
  ChoiceOptions & {
    output?: string;
    name?: string;
    results?: string;
    concurrency: number;
    maxPrice?: number;
    budget?: number;
    submitTimeout: number;
    waitTimeout?: number;
    poll?: number;
    dryRun?: boolean;
  };

export async function runRows(
  run: Run<Options>,
  session: Session,
  jobs: readonly Job[],
  results: Results,
  folder: string,
): Promise<ExitCode> {
  const { out, options, signal } = run;
  const { concurrency, maxPrice, submitTimeout, waitTimeout, poll } = options;
  const how: How = { session, out, folder, signal, maxPrice, submitTimeout, waitTimeout, poll };
  const lines = new Map<string, RowLine>(results.done);
  let running = 0;
  let isComplete = true;
  const end = (ended: readonly RowLine[]) => {
    try {
      results.add(ended);
    } catch (error) {
      // The journal and the folder have it all the same.
      const { code, message } = error as NodeJS.ErrnoException;
      const why = `${results.path} cannot be written (${code ?? message}): run the batch again, and it has its lines`;
      if (isComplete) out.emit({ type: "note", level: "alarm", message: why });
      isComplete = false;
    }
    for (const line of ended) {
      lines.set(line.id, line);
      if (out.kind !== "terminal" || line.state !== "saved") late.push(line);
    }
    if (out.kind !== "terminal") emitLate();
  };
  const late: RowLine[] = [];
  const emitLate = () => late.splice(0).forEach(out.emit);
  const todo = await stuckLast(
    session,
    jobs.filter(({ id }) => !lines.has(id)),
  );
  if (lines.size > 0) out.say(`${lines.size} rows are done already`);
  const work = todo.map((job) => async (show: (text: string) => void) => {
    if (signal.aborted) return;
    running++;
    const line = await runRow(job, how, show).finally(() => running--);
    if (line) end([line]);
  });
  try {
    await withScreen(out, work, { concurrency, head: () => headOf(lines, jobs.length, running) });
  } finally {
    emitLate();
  }
  if (signal.aborted) {
    const rest = jobs.filter(({ id }) => !lines.has(id));
    end(await Promise.all(rest.map((job) => interrupted(session, job))));
  }
  out.emit(summaryOf([...lines.values()].map(costOf)));
  if (!signal.aborted)
    return worstOf([...[...lines.values()].map(({ state }) => CODES[state]), isComplete ? EXIT.done : EXIT.open]);
  out.emit({ type: "error", exitCode: EXIT.interrupted, code: "aborted", message: "stopped", next: sameCommand() });
  return EXIT.interrupted;
}

const CODES: { readonly [state in RowLine["state"]]: ExitCode } = {
  saved: EXIT.done,
  failed: EXIT.failed,
  refused: EXIT.refused,
  unknown: EXIT.unknown,
  running: EXIT.open,
  "not-saved": EXIT.open,
  "not-started": EXIT.open,
};

/** What a killed run was about to send is in doubt for three minutes: the others do not wait for it. */
async function stuckLast({ journal }: Session, jobs: readonly Job[]): Promise<Job[]> {
  const rows = await Promise.all(jobs.map(async (job) => ({ job, state: (await journal.get(job.key))?.state })));
  const isStuck = (state: string | undefined) => state === "begun" || state === "sending";
  return [...rows.filter(({ state }) => !isStuck(state)), ...rows.filter(({ state }) => isStuck(state))].map(
    ({ job }) => job,
  );
}

/** Every row has its line, also those that were not reached. */
async function interrupted({ journal }: Session, { id, line, key }: Job): Promise<RowLine> {
  const row = await journal.get(key);
  const state =
    !row || row.state === "begun" || row.state === "refused" || row.state === "lost"
      ? "not-started"
      : row.state === "unknown" || row.state === "sending"
        ? "unknown"
        : "running";
  const price = state === "not-started" || row?.priceUsd === undefined ? {} : { priceUsd: row.priceUsd };
  return { type: "row", id, line, key, state, ...price };
}

function headOf(lines: ReadonlyMap<string, RowLine>, total: number, running: number): string {
  const { states, priceUsd } = summaryOf([...lines.values()].map(costOf));
  const others = Object.entries(states)
    .filter(([state]) => state !== "saved")
    .map(([state, count]) => ` · ${count} ${state}`);
  return `${states["saved"] ?? 0} of ${total} saved${others.join("")} · ${running} under way · ${usd(priceUsd)}`;
}

/** What a row has cost, or may have. */
const costOf = ({ state, priceUsd, error }: RowLine): Cost => ({
  state,
  isPaid: state !== "refused" && state !== "not-started" && error?.billed !== "no",
  priceUsd,
});
