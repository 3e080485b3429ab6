import { isoTime } from "../clock.ts";
import { InvalidRequestError, JournalError } from "../errors.ts";
import { issue } from "../request/request.ts";
import { parseRef } from "../task/parse-ref.ts";
import { refOf, type TaskRef } from "../task/task.ts";
import { mayFollow, type Journal, type JournalEntry } from "./journal.ts";

/** The longest task and the last redelivery of every vendor are over after this. */
const LOST_AFTER = 3_600_000;

/**
 * Closes an unknown submit by hand, after a look into the vendor's dashboard: with the ref of its task, or as `"lost"`,
 * which frees the key for another paid request. Declaring it lost waits until no task and no callback of it can be under
 * way any more (an hour after it was sent), unless `force` is set.
 *
 * @throws InvalidRequestError when the key is not there, not open, or too young; JournalError when the row moved meanwhile
 */
export async function settle(
  journal: Journal,
  key: string,
  outcome: TaskRef | "lost",
  { force = false }: { force?: boolean } = {},
): Promise<void> {
  const row = await journal.get(key);
  if (!row) throw invalid("", key, "key", "a key of the journal");
  const updatedAt = isoTime(Date.now());
  const patch = outcome === "lost" ? lost(row, force) : found(row, outcome);
  if (await journal.update(key, row.version, { ...patch, updatedAt })) return;
  const message = `the row of ${key} moved, or another key has this task: look at it again before you settle it`;
  throw new JournalError(message, { vendor: row.vendor, phase: "submit", key, billed: "unknown" });
}

function lost(row: JournalEntry, force: boolean): Partial<JournalEntry> {
  if (!mayFollow(row.state, "lost") || row.state === "lost")
    throw invalid(row.vendor, row.key, "key", `the key of an unknown submit; this one is ${row.state}`);
  const until = Date.parse(row.sentAt ?? row.updatedAt) + LOST_AFTER;
  if (!force && Date.now() < until)
    throw invalid(
      row.vendor,
      row.key,
      "outcome",
      `a ref, or "lost" after ${isoTime(until)}: until then it may turn up`,
    );
  return { state: "lost" };
}

function found(row: JournalEntry, outcome: TaskRef): Partial<JournalEntry> {
  const ref = refOf(parseRef(outcome));
  if (ref.vendor !== row.vendor) throw invalid(row.vendor, row.key, "outcome.vendor", row.vendor);
  if (!mayFollow(row.state, "accepted") || row.state === "accepted")
    throw invalid(row.vendor, row.key, "key", `the key of an open submit; this one is ${row.state}`);
  return { state: "accepted", ref };
}

const invalid = (vendor: string, key: string, path: string, rule: string): InvalidRequestError =>
  new InvalidRequestError({ vendor, phase: "submit", key, issues: [issue(path, rule)], billed: "unknown" });
