// One submit, run once: from the claimed key to a task, or to the one error that says what became of the money.
import type { JournalEntry } from "../journal/journal.ts";
import { mustWrite } from "../journal/must-write.ts";
import { noteTimes, storeNow } from "../journal/row-time.ts";
import { moveRow, recordOutcome } from "../journal/rows.ts";
import { LONGEST_TASK, SEND_WITHIN } from "../journal/states.ts";
import { coolDownMs } from "../limits/limiter.ts";
import { reason } from "../redact.ts";
import { JournalError } from "../task/errors.ts";
import { isTerminal, type Task } from "../task/task.ts";
import { linkSignals } from "../time/abort.ts";
import { backoff, isoTime, stopwatch } from "../time/clock.ts";
import { claimKey, isRecoverable, unknownSubmit } from "./claim.ts";
import { filesOf, wayFor } from "./file-way.ts";
import { finish, judge, taken, type Retryable } from "./finish.ts";
import { holdSlot } from "./hold-slot.ts";
import { preparePost, type PostOf } from "./prepare.ts";
import { readyAtOnce, readyPost, sendingPatch, type Ready } from "./ready.ts";
import type { Resend } from "./recover.ts";
import { recoveryPart } from "./recovery-part.ts";
import type * as recoveryOf from "./recovery.ts";
import type { Age } from "./resend.ts";
import { noRoom, reserveMoney, roomOfStep, takeRoom } from "./room.ts";
import { sendOnce } from "./send.ts";
import { notSubmitted, rateLimited, submitAborted, type Submission } from "./submission.ts";

/** What it takes to find a submit whose answer was lost. */
type Recovery = typeof recoveryOf;

export async function payOnce(run: Submission): Promise<Task> {
  const { context, key } = run;
  const { vendor, find, idempotencyWindowMs } = context.adapter;
  const canRecover = find !== undefined || idempotencyWindowMs !== undefined;
  // Before anything is sent: afterwards no part may be missing.
  const recovery = canRecover ? await recoveryPart({ vendor, phase: "submit", key }) : undefined;
  for (;;) {
    const claim = await claimKey(run, async (attempt) => {
      await roomOfStep(run);
      return readyAtOnce(run, attempt);
    }).catch(async (error: unknown) => {
      if (run.hasRoom) await context.shared.end(key, true);
      throw error;
    });
    if ("task" in claim) return claim.task;
    if ("lost" in claim) return recoverLater(run, claim.lost, recovery);
    const task = await sendUnder(run, { row: claim.row, ready: claim.ready, recovery });
    if (task) return task; // else another process took the row over: look again
  }
}

/** A submit of an earlier call whose answer was lost: it may have turned up, and where its vendor promises it, is sent again. */
async function recoverLater(run: Submission, row: JournalEntry, recovery: Recovery | undefined): Promise<Task> {
  const { context } = run;
  if (recovery) {
    const wayOf = wayFor(context);
    // A file that is uploaded again has another URL: that would be another request.
    const isSame = filesOf(run).every(({ file }) => wayOf(file) === "inline");
    const age = isSame
      ? await recovery.ageInStore(context.journal, row, context.clock).catch(() => undefined)
      : undefined;
    const resend = age && resenderOf(recovery, run, await preparePost(run), age);
    const task = await recovery.recover(run, row, resend, resend && !run.step ? undefined : [0]);
    if (task) return task;
  }
  if (run.stop.aborted) throw submitAborted(run);
  throw unknownSubmit(
    run,
    row,
    "an earlier submit under this key ended without an answer",
    await isRecoverable(run, row),
  );
}

const resenderOf = (recovery: Recovery, run: Submission, postOf: PostOf, age: Age): Resend | undefined =>
  recovery.resender(run, { postOf, age, judge: (sent) => judge(run, sent), taken: taken(run) });

/** A row that is this run's, what is ready to leave under it, and how a lost answer is looked for. */
type Mine = { row: JournalEntry; ready?: Ready | undefined; recovery: Recovery | undefined };

/** Sends under this run's row until the outcome is final. Nothing when another process has the row now. */
async function sendUnder(run: Submission, { row: claimed, ready: first, recovery }: Mine): Promise<Task | undefined> {
  const { context, key, emit } = run;
  const { clock, limiter } = context;
  let row: JournalEntry | undefined = claimed;
  run.mayBeAccepted = false;
  let slot = first?.slot;
  let ready = first;
  /** Of the move whose answer is not there yet. */
  let lostWrite: string | undefined;
  const move = async (from: JournalEntry, patch: Partial<JournalEntry>, times?: { now?: number; waitMs?: number }) => {
    lostWrite = crypto.randomUUID();
    const moved = await mustMove(run, from, patch, lostWrite, times);
    lostWrite = undefined;
    return moved;
  };
  try {
    if (ready) run.hasRoom = false; // it is this POST's
    else await reserveMoney(run);
    const postOf = ready?.postOf ?? (await preparePost(run));
    // The slot comes before the queue: with one queue for both, submits that wait for slots would block the polls that free them.
    slot ??= await inTime(run, limiter.hasSlot(), (signal) => limiter.take(signal));
    for (let tries = 1; ; tries++) {
      if (!ready) {
        const heldUp = limiter.opensIn() > Math.max(0, run.remaining()) ? rateLimited(run) : undefined;
        if (heldUp) throw heldUp; // now, not when the time is over
        await inTime(run, limiter.isOpen(), async (signal) => limiter.pass("submit", signal));
        await takeRoom(run);
        if (run.stop.aborted) throw submitAborted(run);
        ready = await readyPost(run, slot, postOf, row.attempt + 1);
        row = await move(row, sendingPatch(ready, row.attempt + 1), { now: ready.at });
        if (!row) return undefined;
      }
      const { post, passed } = ready;
      ready = undefined;
      emit({ type: "request", phase: "submit", idempotencyKey: key, attempt: row.attempt });

      // From here to the wire nothing is awaited. A process that was stopped in the write above is past `sendBefore` now;
      // for one that is stopped from now on, the transport looks at the time once more, where it can.
      if (run.stop.aborted) throw submitAborted(run);
      let again: Retryable | undefined;
      const age = stopwatch();
      const leftMs = SEND_WITHIN - passed();
      if (leftMs >= 0) {
        run.mayBeAccepted = true;
        const outcome = judge(run, await sendOnce(post, () => age() > leftMs, context.options.fetch));
        if (outcome.kind !== "not-sent" && outcome.kind !== "limited") {
          // Begun before the journal says so: from then on another process may see the task's end, and free its slot.
          const holding = outcome.kind === "accepted" ? holdSlot(context, key) : undefined;
          const task = await finish(run, row, outcome, (lost) => {
            const resend = recovery && resenderOf(recovery, run, postOf, passed);
            return recovery?.recover(run, lost, resend, run.step ? [0] : undefined);
          });
          await (holding ?? holdSlot(context, key));
          if (isTerminal(task)) {
            await context.shared.end(key, true);
            return task;
          }
          // Where running tasks are counted elsewhere, this client only limits how many submits ask there at a time.
          if (context.limits.shared) return task;
          slot.hold(task.id, context.adapter.maxTaskMs ?? LONGEST_TASK);
          slot = undefined;
          return task;
        }
        run.mayBeAccepted = false;
        again = outcome;
      }
      const waitMs = again ? pause(run, again, tries) : 0;
      row = await move(row, { state: "begun" }, { waitMs });
      if (!row) return undefined;
      if (!again && run.remaining() <= 0) throw tooSlow(run);
      await clock.sleep(waitMs, run.stop).catch(() => {});
    }
  } catch (error) {
    // However it ended: with no POST under way that could be accepted, the key is free again.
    if (row && !run.mayBeAccepted) await recordOutcome(context, row, { state: "refused" }, emit, lostWrite);
    if (row) await context.shared.end(key, run.mayBeAccepted);
    throw error;
  } finally {
    slot?.free();
  }
}

/** Waits for the client's own limits for as long as a POST may still start. */
async function inTime<T>(run: Submission, isFree: boolean, wait: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { context, stop } = run;
  const link = linkSignals(stop);
  if (!isFree) void context.clock.sleep(run.remaining(), link.signal).then(link.abort, () => {});
  try {
    return await wait(link.signal);
  } catch {
    if (stop.aborted) throw submitAborted(run);
    const limited = rateLimited(run);
    if (limited) throw limited;
    throw noRoom(run, context.limiter.opensIn());
  } finally {
    link.abort("over");
    link.end();
  }
}

const mustMove = (
  { context, key }: Submission,
  row: JournalEntry,
  patch: Partial<JournalEntry>,
  writeId: string,
  { now: at, waitMs = 0 }: { now?: number; waitMs?: number } = {},
) => {
  const write = async () => {
    const now = at ?? (await storeNow(context));
    const sendBefore = isoTime(now + waitMs + SEND_WITHIN);
    noteTimes(context, key);
    const timed = { ...patch, sendBefore, owner: context.owner, updatedAt: isoTime(now) };
    return moveRow(context, row, timed, writeId);
  };
  return mustWrite(context, key, write);
};

function tooSlow({ context, key }: Submission): JournalError {
  const message = "the journal took too long for a safe submit, so nothing was sent; repair it and submit again";
  return new JournalError(message, { vendor: context.adapter.vendor, phase: "submit", idempotencyKey: key });
}

/** How long to wait before the next safe try; throws when that would be too late. */
function pause(run: Submission, outcome: Retryable, tries: number): number {
  const { context, key, emit } = run;
  const { vendor } = context.adapter;
  const { limiter } = context;
  if (outcome.kind === "limited") limiter.coolDown(coolDownMs(outcome.error.retryAfterMs), outcome.error);
  const retryAfterMs = outcome.kind === "limited" ? (outcome.error.retryAfterMs ?? 0) : 0;
  // With what the limiter will add: the event says it, and a wait that ends too late is not begun.
  const waitMs = Math.ceil(Math.max(retryAfterMs, backoff(tries), limiter.opensIn()));
  if (waitMs >= run.remaining()) {
    if (outcome.kind === "limited") {
      run.step?.lacksRoom(waitMs);
      throw outcome.error;
    }
    const { cause } = outcome;
    throw notSubmitted(
      run,
      `${notReached(vendor, cause)}, ${tries} ${tries === 1 ? "try" : "tries"}; nothing was sent: submit again`,
      cause,
    );
  }
  const error = outcome.kind === "limited" ? outcome.error.toJSON() : { message: notReached(vendor, outcome.cause) };
  emit({ type: "retry", phase: "submit", idempotencyKey: key, attempt: tries, waitMs, error });
  return waitMs;
}

const notReached = (vendor: string, cause: Error) => `${vendor} could not be reached (${reason(cause)})`;
