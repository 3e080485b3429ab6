import type { JournalEntry } from "vidtask";
import type { CommandRun } from "../clients/run.ts";
import { lineOfRow, lineOfTask } from "../clients/task-line.ts";
import { EXIT } from "../exit-codes.ts";
import type { SummaryLine, TaskLine } from "../output/lines.ts";

type Options = {
  state?: "open" | "running" | "unknown" | "finished" | "expiring";
  since: number;
  within: number;
  refresh?: boolean;
};

/** What needs a person is first, what is over last. */
const ORDER: readonly TaskLine["state"][] = [
  "unknown",
  "sending",
  "unsent",
  "running",
  "succeeded",
  "failed",
  "refused",
  "lost",
];
const OPEN: ReadonlySet<TaskLine["state"]> = new Set(["unknown", "sending", "unsent", "running"]);

/** What the journal knows: all that is open, and what has ended lately. */
export const run: CommandRun<Options> = async ({ out, options, signal, open }) => {
  const { state, since, within, refresh } = options;
  const session = await open({ needsPast: true });
  const now = Date.now();
  const rows: JournalEntry[] = [];
  for await (const row of session.journal.list()) rows.push(row);
  const lines: TaskLine[] = [];
  for (const row of rows) {
    const isOld = now - Date.parse(row.updatedAt) > since;
    const line = refresh && row.state === "accepted" ? await asked(session, row, signal) : lineOfRow(row);
    if ((OPEN.has(line.state) || !isOld) && isWanted(line, state, now, within)) lines.push(line);
    if (row.error !== undefined)
      out.emit({ type: "note", level: "alarm", message: `the row of ${row.key} cannot be used: ${row.error}` });
  }
  lines.sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  if (lines.length === 0) out.say(`nothing to show in ${session.journalPath}`);
  else {
    out.emitAll(lines);
    out.emit(summaryOf(lines));
  }
  return EXIT.done;
};

async function asked(
  { router, keyed }: { router: { get(ref: never, options: object): Promise<unknown> }; keyed: readonly string[] },
  row: JournalEntry,
  signal: AbortSignal,
): Promise<TaskLine> {
  if (!row.ref || !keyed.includes(row.vendor)) return lineOfRow(row);
  const task = await router.get(row.ref as never, { signal }).catch(() => undefined);
  return task ? lineOfTask(task as Parameters<typeof lineOfTask>[0], row) : lineOfRow(row);
}

function isWanted(line: TaskLine, wanted: Options["state"], now: number, within: number): boolean {
  switch (wanted) {
    case undefined:
      return true;
    case "open":
      return OPEN.has(line.state);
    case "finished":
      return !OPEN.has(line.state);
    case "expiring": {
      const left = Date.parse(line.expiresAt ?? "") - now;
      return line.state === "succeeded" && left > 0 && left <= within;
    }
    default:
      return line.state === wanted;
  }
}

/** What was paid, or may have been: the planned prices of what was accepted or is unknown. */
function summaryOf(lines: readonly TaskLine[]): SummaryLine {
  const states: { [state: string]: number } = {};
  for (const { state } of lines) states[state] = (states[state] ?? 0) + 1;
  const paid = lines.filter(
    ({ state, failure }) =>
      ["running", "succeeded", "unknown", "sending"].includes(state) ||
      (state === "failed" && failure?.billed !== "no"),
  );
  return {
    type: "summary",
    states,
    priceUsd: paid.reduce((sum, { priceUsd = 0 }) => sum + Math.round(priceUsd * 1e6), 0) / 1e6,
    unpriced: paid.filter(({ priceUsd }) => priceUsd === undefined).length,
  };
}
