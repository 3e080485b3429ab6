// Who may send under a key: the row of the key decides before anything leaves.
import { isoTime } from "../clock.ts";
import { InvalidRequestError, SubmitUnknownError, AbortedError } from "../errors.ts";
import type { JournalEntry } from "../journal/journal.ts";
import { moveRow, mustWrite } from "../journal/rows.ts";
import { issue } from "../request/request.ts";
import { isTerminal, type JsonObject, type Task } from "../task/task.ts";
import type { Adapter } from "../vendor.ts";
import { readTask } from "../wait/read.ts";
import { nextPollAt } from "../wait/schedule.ts";
import { submitAborted, type SubmitRun } from "./run.ts";

/** A row this run owns and may send under, or the task the key already has. */
export type Claim = { row: JournalEntry } | { task: Task };

/** A POST starts within this time of the row saying so, or not at all. */
export const SEND_WITHIN = 10_000;
/** A `begun` row whose owner is this late has sent nothing. */
export const BEGUN_GRACE = 60_000;
/** A `sending` row this old has no live POST any more: every POST is bounded to 120 s. */
export const SENDING_LIFE = 180_000;
const LOOK_AGAIN = 250;
/** A task's place is free after this, whoever looks: above every documented duration. */
export const LONGEST_TASK = 20 * 60_000;
/** Above the redelivery of every vendor. */
const REDELIVERY = 3_600_000;

/** Takes the key, or finds what it already stands for. */
export async function claimKey(run: SubmitRun): Promise<Claim> {
  const { context, key } = run;
  const { journal, clock } = context;
  for (;;) {
    if (run.stop.aborted) throw submitAborted(run);
    const found = await mustWrite(context, key, () => journal.get(key));
    run.mayBeAccepted = !!found && found.state !== "refused" && found.state !== "lost";
    if (!found || !run.mayBeAccepted) {
      if (run.tooDear) throw run.tooDear;
      const entry = newEntry(run, found);
      const holder = await mustWrite(context, key, () => journal.begin(entry));
      if (!holder) return { row: entry };
      continue; // another was first: look at what it holds
    }
    checkSameSubmit(run, found);
    const claim = await decide(run, found);
    if (claim) return claim;
    if (run.remaining() <= 0) throw unknownSubmit(run, found, "another call is still sending under this key");
    await clock.sleep(LOOK_AGAIN, run.stop).catch(() => {});
  }
}

function newEntry(
  { context, plan, key, keyless, kept, hash }: SubmitRun,
  earlier: JournalEntry | undefined,
): JournalEntry {
  const now = context.clock.now();
  const previous = earlier ? [...(earlier.previous ?? []), attemptOf(earlier)] : undefined;
  return {
    key,
    ...(keyless ? { keyless } : {}),
    vendor: plan.vendor,
    model: plan.request.model,
    account: context.account(),
    request: kept,
    requestHash: hash,
    state: "begun",
    version: (earlier?.version ?? 0) + 1,
    attempt: earlier?.attempt ?? 0,
    owner: context.owner,
    sendBefore: isoTime(now + SEND_WITHIN),
    ...(plan.price ? { usd: plan.price.usd } : {}),
    ...(previous ? { previous } : {}),
    createdAt: isoTime(now),
    updatedAt: isoTime(now),
  };
}

const attemptOf = ({ vendor, model, state, attempt, sentAt, updatedAt }: JournalEntry): JsonObject => ({
  vendor,
  model,
  state,
  attempt,
  updatedAt,
  ...(sentAt === undefined ? {} : { sentAt }),
});

/** What a row says of its key; nothing when it has to be looked at again. */
async function decide(run: SubmitRun, row: JournalEntry): Promise<Claim | undefined> {
  const { context, key } = run;
  const now = context.clock.now();
  const isPast = (since: string | undefined, ms: number) => now > Date.parse(since ?? row.updatedAt) + ms;
  const move = (patch: Partial<JournalEntry>) => mustWrite(context, key, () => moveRow(context, row, patch));
  switch (row.state) {
    case "begun": {
      if (!isPast(row.sendBefore, BEGUN_GRACE)) return undefined;
      if (run.tooDear) throw run.tooDear;
      const taken = await move({ owner: context.owner, sendBefore: isoTime(now + SEND_WITHIN) });
      return taken && { row: taken };
    }
    case "sending":
      if (isPast(row.sentAt, SENDING_LIFE)) await move({ state: "unknown" });
      return undefined;
    case "unknown":
      throw unknownSubmit(
        run,
        row,
        "an earlier submit under this key ended without an answer",
        isRecoverable(run, row),
      );
    default:
      return { task: await taskOfRow(run, row) };
  }
}

/**
 * The task of a row: its end if it has one, else what the vendor says now, or what the journal has when the vendor
 * cannot be asked.
 */
export async function taskOfRow(run: SubmitRun, { ref, key, task }: JournalEntry): Promise<Task> {
  const { context, plan, emit, stop } = run;
  if (task && isTerminal(task)) return task;
  if (!ref)
    throw new InvalidRequestError({
      ...place(run),
      issues: [issue("journal", `a journal that keeps the ref of ${key}`)],
    });
  try {
    return await readTask(context, ref, { signal: stop, key, emit, duration: plan.request.duration });
  } catch (error) {
    if (AbortedError.isInstance(error)) throw submitAborted(run);
    const { adapter, clock } = context;
    if (task) return task;
    return {
      ...ref,
      state: "pending",
      nextPollAt: nextPollAt(adapter, { ref, now: clock.now(), duration: plan.request.duration }),
    };
  }
}

function checkSameSubmit(run: SubmitRun, row: JournalEntry): void {
  const { context, hash, key } = run;
  const isComparable = row.requestHash.split(":")[0] === hash.split(":")[0];
  const rule =
    row.vendor !== context.adapter.vendor || row.account !== context.account()
      ? `another key: this one belongs to a submit of ${row.vendor} on account "${row.account}"`
      : isComparable && row.requestHash !== hash
        ? `another key: this one belongs to another request (${row.state}); a wanted second video needs a key of its own`
        : undefined;
  if (rule) throw new InvalidRequestError({ ...place(run), ref: row.ref, issues: [issue("key", rule, key)] });
}

const place = ({ context, key }: SubmitRun) => ({ vendor: context.adapter.vendor, phase: "submit" as const, key });

/** How long after its POST a task can still make itself known: it may run so long, and be told of for so long. */
export const knownWithin = ({ longestMs = LONGEST_TASK, redeliveryMs = REDELIVERY }: Adapter): number =>
  longestMs + redeliveryMs;

/** Whether the callback of a submit can still come. */
const isRecoverable = ({ context, mayRecover }: SubmitRun, { sentAt, updatedAt }: JournalEntry): boolean =>
  mayRecover && context.clock.now() < Date.parse(sentAt ?? updatedAt) + knownWithin(context.adapter);

const unknownSubmit = (
  run: SubmitRun,
  { ref, candidate }: JournalEntry,
  why: string,
  retryable = false,
): SubmitUnknownError => new SubmitUnknownError(why, { ...place(run), ref, candidate, retryable });
