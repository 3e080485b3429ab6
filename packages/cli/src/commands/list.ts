import type { JournalEntry } from "vidtask";
import type { CommandRun } from "../clients/run.ts";
import type { Session } from "../clients/session.ts";
import { lineOfRow, lineOfTask } from "../clients/task-line.ts";
import { EXIT } from "../exit-codes.ts";
import type { TaskLine } from "../output/lines.ts";
import { summaryOf, type Cost } from "../output/summary.ts";

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
    if (row.error !== undefined) out.emit({ type: "note", level: "alarm", message: row.error });
  }
  lines.sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  if (lines.length === 0) out.say(`no tasks to show in ${session.journalPath}`);
  else {
    out.emitAll(lines);
    out.emit(summaryOf(lines.map(costOf)));
  }
  return EXIT.done;
};

async function asked({ router, keyed }: Session, row: JournalEntry, signal: AbortSignal): Promise<TaskLine> {
  if (!row.ref || !(keyed as readonly string[]).includes(row.vendor)) return lineOfRow(row);
  const task = await router.get(row.ref, { signal }).catch(() => signal.throwIfAborted());
  return task ? lineOfTask(task, row) : lineOfRow(row);
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

/** The planned prices of what was accepted or is unknown. */
const costOf = ({ state, priceUsd, failure }: TaskLine): Cost => ({
  state,
  isPaid: PAID.has(state) || (state === "failed" && failure?.billed !== "no"),
  priceUsd,
});

const PAID: ReadonlySet<TaskLine["state"]> = new Set(["running", "succeeded", "unknown", "sending"]);
