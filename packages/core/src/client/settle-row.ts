// How `settleSubmit` closes the row of a submit.
import { findLost } from "../callback/find.ts";
import { contextOf } from "../context/context.ts";
import { checkedJournal } from "../journal/checked-journal.ts";
import type { JournalEntry } from "../journal/journal.ts";
import { nowFor } from "../journal/row-time.ts";
import { knownWithin, mayFollow, type JournalState } from "../journal/states.ts";
import { updateRow } from "../journal/write.ts";
import { readTask } from "../poll/read.ts";
import { redactor, safeCause } from "../redact.ts";
import { ofVariant } from "../request/plan.ts";
import { InvalidRequestError, JournalError, VendorError } from "../task/errors.ts";
import { emitter } from "../task/events.ts";
import { issue } from "../task/issue.ts";
import { parseRef } from "../task/parse-ref.ts";
import { refOf, type TaskRef } from "../task/task.ts";
import { isoTime, systemClock } from "../time/clock.ts";
import type { VideoClient } from "./client.ts";
import { settingsOf } from "./members.ts";
import type { CheckedSettle } from "./settle-options.ts";

/** In ms, whatever a vendor promises: a process that froze while connecting may still send when it wakes. */
const LOST_AFTER = 3_600_000;

/** Closes the row of a checked call. */
export async function settle({
  journal: given,
  idempotencyKey: key,
  outcome,
  force = false,
  client,
}: CheckedSettle): Promise<void> {
  const journal = checkedJournal(given);
  const row = await use(key, () => journal.get(key));
  if (!row) throw invalid("", key, "idempotencyKey", "a key of the journal");
  const { clock, mayTurnUpMs, shared } = timesOf(row, client);
  const timed = { journal, clock };
  const now = await use(key, () => nowFor(timed, row), row.vendor);
  const patches = outcome === "lost" ? lost(row, force ? undefined : { now, mayTurnUpMs }) : [found(row, outcome)];
  const [{ ref } = {}] = patches;
  if (ref && client && (await isFound(row, ref, client))) return;
  const updatedAt = isoTime(now ?? clock.now());
  let moved: JournalEntry | undefined = row;
  for (const patch of patches) {
    const from: JournalEntry = moved;
    const change = { ...patch, writeId: crypto.randomUUID(), updatedAt };
    moved = await use(key, () => updateRow(journal, from, change), row.vendor);
    if (!moved) throw hasMoved(row);
  }
  if (outcome === "lost") await shared?.end(key, false);
}

function hasMoved({ key, vendor }: JournalEntry): JournalError {
  const message = `the row of ${key} has changed, or another key has this task: check it again before you settle it`;
  return new JournalError(message, { vendor, phase: "submit", idempotencyKey: key, billed: "unknown" });
}

function timesOf({ key, vendor }: JournalEntry, client: VideoClient | undefined) {
  if (!client) return { clock: systemClock, mayTurnUpMs: LOST_AFTER };
  const { clock, adapter, shared } = contextOf(settingsOf(client, vendor));
  if (adapter.vendor !== vendor) throw invalid(vendor, key, "client", `a client of ${vendor}, whose submit this is`);
  return { clock, shared, mayTurnUpMs: Math.max(LOST_AFTER, knownWithin(adapter)) };
}

/** Whatever a journal throws is a `JournalError`: it settles nothing, so the same call may be made again. */
async function use<T>(key: string, work: () => Promise<T>, vendor = ""): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const cause = safeCause(
      error,
      redactor(() => []),
    );
    const message = `the journal failed (${cause.message}); repair it and settle ${key} again`;
    throw new JournalError(message, { vendor, phase: "submit", idempotencyKey: key, billed: "unknown", cause });
  }
}

/** The states on the way to `lost`, of the submits that `force` gives up. */
const GIVEN_UP: { readonly [state in JournalState]?: readonly JournalState[] } = {
  begun: ["sending", "unknown", "lost"],
  sending: ["unknown", "lost"],
  unknown: ["lost"],
};

function lost(
  { key, vendor, state, sentAt, resentAt, updatedAt }: JournalEntry,
  unlessYoung?: { now: number | undefined; mayTurnUpMs: number },
): Partial<JournalEntry>[] {
  const states = GIVEN_UP[state];
  if (!states || (unlessYoung && state !== "unknown"))
    throw invalid(vendor, key, "idempotencyKey", `the key of an unknown submit; this one is ${state}`);
  if (unlessYoung) {
    const { now, mayTurnUpMs } = unlessYoung;
    const until = Date.parse(resentAt ?? sentAt ?? updatedAt) + mayTurnUpMs;
    if (now === undefined || Number.isNaN(until)) throw invalid(vendor, key, "outcome", AGELESS);
    const rule = `a ref, or "lost" after ${isoTime(until)}: until then it may turn up, and only \`force\` declares it lost`;
    if (now < until) throw invalid(vendor, key, "outcome", rule);
  }
  return states.map((next) => ({ state: next }));
}

const AGELESS =
  'a ref, or "lost" with `force`: another process sent it, and the journal has no `now` that tells how long ago';

function found(row: JournalEntry, outcome: TaskRef): Partial<JournalEntry> {
  const ref = refOf({ ...ofVariant(row.variant), ...parseRef(outcome) });
  if (ref.vendor !== row.vendor) throw invalid(row.vendor, row.key, "outcome.vendor", row.vendor);
  if (!mayFollow(row.state, "accepted") || row.state === "accepted")
    throw invalid(row.vendor, row.key, "idempotencyKey", `the key of an open submit; this one is ${row.state}`);
  return { state: "accepted", ref };
}

/**
 * Asks the vendor for the task. True where the id is the name that the submit itself gave it: the vendor's list then has the
 * vendor's own, which is written.
 */
async function isFound(row: JournalEntry, ref: TaskRef, client: VideoClient): Promise<boolean> {
  const context = contextOf(settingsOf(client, row.vendor));
  const emit = emitter(context.onEvent);
  const unheard = invalid(row.vendor, row.key, "outcome", `the ref of a task that ${row.vendor} has`);
  if (ref.id === row.token) {
    if (await findLost(context, row, emit)) return true;
    throw unheard;
  }
  await readTask(context, { ...ofVariant(row.variant), ...ref }, { key: row.key, emit }).catch((error: unknown) => {
    throw VendorError.isInstance(error) && error.code === "not_found" ? unheard : error;
  });
  return false;
}

const invalid = (vendor: string, key: string, path: string, rule: string): InvalidRequestError =>
  new InvalidRequestError({
    vendor,
    phase: "submit",
    idempotencyKey: key,
    issues: [issue(path, rule)],
    billed: "unknown",
  });
