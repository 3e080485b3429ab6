// Who may send under a key: the row of the key decides before anything leaves.
import type { JournalEntry } from "../journal/journal.ts";
import { mustWrite } from "../journal/must-write.ts";
import { ageOf, noteTimes, nowFor, storeNow } from "../journal/row-time.ts";
import { moveRow, withdrawRow } from "../journal/rows.ts";
import { SEND_WITHIN, BEGUN_GRACE, SENDING_LIFE, knownWithin } from "../journal/states.ts";
import { beginRow } from "../journal/write.ts";
import { possibleRef } from "../poll/possible-ref.ts";
import { readTask } from "../poll/read.ts";
import { nextPollAt } from "../poll/schedule.ts";
import { InvalidRequestError, SubmitUnknownError, AbortedError } from "../task/errors.ts";
import { issue } from "../task/issue.ts";
import { isTerminal, type JsonObject, type Task, type TaskRef } from "../task/task.ts";
import { isoTime } from "../time/clock.ts";
import { traceparentOf } from "../trace.ts";
import { sendingPatch, type Ready } from "./ready.ts";
import { submitAborted, type Submission } from "./submission.ts";

/**
 * A row this run owns and may send under, with what is `ready` to leave where the row says already that it is sending; the
 * task the key already has; or a submit whose answer was lost.
 */
export type Claim = { row: JournalEntry; ready?: Ready | undefined } | { task: Task } | { lost: JournalEntry };
/** Makes a POST of this attempt ready, where nothing has to be waited for. */
export type MakeReady = (attempt: number) => Promise<Ready | undefined>;
const LOOK_AGAIN = 250;

/** Takes the key, or finds what it already stands for. */
export async function claimKey(run: Submission, makeReady: MakeReady): Promise<Claim> {
  const { context, key } = run;
  const { journal, clock } = context;
  for (;;) {
    if (run.stop.aborted) throw submitAborted(run);
    const found = await mustWrite(context, key, () => journal.get(key));
    run.mayBeAccepted = !!found && found.state !== "refused" && found.state !== "lost";
    if (!found || !run.mayBeAccepted) {
      if (run.tooDear) throw run.tooDear;
      const ready = await makeReady((found?.attempt ?? 0) + 1);
      const now = ready?.at ?? (await mustWrite(context, key, () => storeNow(context)));
      const begun = newEntry(run, found, now);
      // One write for both, where nothing is between them: of a process that dies after it the row says what it would after two.
      const entry = ready ? { ...begun, ...sendingPatch(ready, begun.attempt + 1) } : begun;
      noteTimes(context, key);
      try {
        const holder = await mustWrite(context, key, () => beginRow(journal, entry));
        if (!holder) return { row: entry, ready };
      } catch (error) {
        ready?.slot.free();
        if (ready) withdrawRow(context, entry);
        throw error;
      }
      ready?.slot.free();
      run.hasRoom = false; // what the key holds is that call's
      continue; // another call was first: look at its row
    }
    checkSameSubmit(run, found);
    if (run.trace) run.trace.submitTraceparent = found.traceparent;
    const claim = await decide(run, found);
    if (claim) return claim;
    if (run.remaining() <= 0) throw await inFlight(run, found);
    await clock.sleep(LOOK_AGAIN, run.stop).catch(() => {});
  }
}

function newEntry(
  { context, plan, key, variant, generatedKey, kept, hash, trace }: Submission,
  earlier: JournalEntry | undefined,
  now: number,
): JournalEntry & { writeId: string } {
  const previousAttempts = earlier ? [...(earlier.previousAttempts ?? []), attemptOf(earlier)] : undefined;
  return {
    key,
    ...(generatedKey ? { generatedKey } : {}),
    vendor: plan.vendor,
    model: plan.request.model,
    ...variant,
    account: context.account(),
    request: kept,
    requestHash: hash,
    state: "begun",
    version: (earlier?.version ?? 0) + 1,
    attempt: earlier?.attempt ?? 0,
    owner: context.owner,
    writeId: crypto.randomUUID(),
    sendBefore: isoTime(now + SEND_WITHIN),
    ...(plan.price ? { priceUsd: plan.price.usd } : {}),
    ...(previousAttempts ? { previousAttempts } : {}),
    ...traceparentOf(trace),
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
async function decide(run: Submission, row: JournalEntry): Promise<Claim | undefined> {
  const { context, key } = run;
  const inJournal = <T>(work: () => Promise<T>) => mustWrite(context, key, work);
  // Of a row whose age cannot be told another process may still be sending.
  const isPast = async (since: string | undefined, ms: number) =>
    ((await inJournal(() => ageOf(context, row, since))) ?? -Infinity) > ms;
  switch (row.state) {
    case "begun": {
      if (!(await isPast(row.sendBefore, BEGUN_GRACE))) return undefined;
      if (run.tooDear) throw run.tooDear;
      const taken = await inJournal(async () => {
        const sendBefore = isoTime((await storeNow(context)) + SEND_WITHIN);
        noteTimes(context, key);
        return moveRow(context, row, { owner: context.owner, sendBefore, ...traceparentOf(run.trace) });
      });
      return taken && { row: taken };
    }
    case "sending":
      if (await isPast(row.sentAt, SENDING_LIFE)) await inJournal(() => moveRow(context, row, { state: "unknown" }));
      return undefined;
    case "unknown": {
      const ref = run.step && possibleRef(row);
      const found = ref && (await readTask(context, ref, { key, emit: run.emit }).catch(() => undefined));
      if (found && (await inJournal(() => moveRow(context, row, { state: "accepted", ref })))) return { task: found };
      return { lost: row };
    }
    default:
      return { task: await taskOfRow(run, row) };
  }
}

/**
 * The task of a row: its end if it has one, else what the vendor says now, or what the journal has when the vendor
 * cannot be asked.
 */
export async function taskOfRow(run: Submission, { ref, key, task }: JournalEntry): Promise<Task> {
  const { context, plan, emit, stop } = run;
  if (task && isTerminal(task)) return task;
  if (run.step && ref) {
    const waitMs = context.limiter.isOpen() ? await context.shared.request() : context.limiter.opensIn();
    run.step.holdsBack(waitMs);
    if (waitMs > 0 || !context.limiter.isOpen()) return openTask(run, ref);
  }
  if (!ref)
    throw new InvalidRequestError({
      ...where(run),
      issues: [issue("journal", `a journal that keeps the ref of ${key}`)],
    });
  try {
    const hasPassed = run.step !== undefined;
    return await readTask(context, ref, { signal: stop, key, emit, duration: plan.request.duration, hasPassed });
  } catch (error) {
    if (AbortedError.isInstance(error)) throw submitAborted(run);
    if (run.step) throw error;
    return task ?? openTask(run, ref);
  }
}

/** A task of which nothing is known but that it was accepted. */
export const openTask = ({ context, plan }: Submission, ref: TaskRef): Task => ({
  ...ref,
  state: "pending",
  nextPollAt: nextPollAt(context, { ref, now: context.clock.now(), duration: plan.request.duration }),
});

function checkSameSubmit(run: Submission, row: JournalEntry): void {
  const { context, hash, key } = run;
  const isComparable = row.requestHash.split(":")[0] === hash.split(":")[0];
  const rule =
    row.vendor !== context.adapter.vendor || row.account !== context.account()
      ? `another key: this one belongs to a submit of ${row.vendor} on account "${row.account}" (${row.state})`
      : isComparable && row.requestHash !== hash
        ? `another key: this one belongs to another request (${row.state}); a second video needs another key`
        : undefined;
  if (rule)
    throw new InvalidRequestError({ ...where(run), ref: row.ref, issues: [issue("idempotencyKey", rule, key)] });
}

const where = ({ context, key }: Submission) => ({
  vendor: context.adapter.vendor,
  phase: "submit" as const,
  idempotencyKey: key,
});

/** Whether the callback of a submit can still come; where its age cannot be told it may. */
export async function isRecoverable(run: Submission, row: JournalEntry): Promise<boolean> {
  if (!run.mayRecover) return false;
  const age = await ageOf(run.context, row, row.resentAt ?? row.sentAt).catch(() => undefined);
  return (age ?? 0) < knownWithin(run.context.adapter);
}

/** The other call settles it: the same call, made later, finds the task or sends where nothing was sent. */
async function inFlight(run: Submission, row: JournalEntry): Promise<SubmitUnknownError> {
  run.step?.isInFlight();
  const isJudged = (await nowFor(run.context, row).catch(() => undefined)) !== undefined;
  const why = isJudged
    ? "another call is still sending under this key"
    : "another process began a submit under this key, and only that process can tell how long ago: the journal has no `now`. " +
      "Once it is gone for certain, settleSubmit() declares the submit lost with `force`";
  return unknownSubmit(run, row, why, run.mayRepeat);
}

export const unknownSubmit = (
  run: Submission,
  { ref, unconfirmedTaskId }: JournalEntry,
  why: string,
  retryable = false,
): SubmitUnknownError => new SubmitUnknownError(why, { ...where(run), ref, unconfirmedTaskId, retryable });
