// Asks until a task ends, by the schedule, and tolerates faults that pass.
import type { ClientContext } from "../context/context.ts";
import {
  ConnectionError,
  ProtocolError,
  TaskFailedError,
  VidtaskError,
  VendorError,
  WaitTimeoutError,
} from "../task/errors.ts";
import { emitter, type OnEvent } from "../task/events.ts";
import { advance } from "../task/state.ts";
import { formatRef, isTerminal, type FailedTask, type SucceededTask, type Task, type TaskRef } from "../task/task.ts";
import { safeDelay, backoff } from "../time/clock.ts";
import { untilAborted } from "../time/until-aborted.ts";
import { whenAborted } from "../time/when-aborted.ts";
import type { Trace } from "../trace.ts";
import { warmStart } from "./learn.ts";
import { ownRef } from "./own-ref.ts";
import { readOwnTask, recall, type ReadOptions } from "./read.ts";
import { firstDelay, INTERVAL, pollDelay } from "./schedule.ts";
import { tracedWait } from "./traced-wait.ts";
import { saysUnreadableEnd, UNREADABLE_ANSWERS } from "./unreadable-end.ts";
import { stopped, type WaitContext } from "./wait-context.ts";
import type { WaitOptions } from "./wait-options.ts";

const WAIT_TIMEOUT = 20 * 60_000;
/** A vendor may not know its own task for a moment after the submit. */
const EARLY_MISSING_MS = 60_000;
const MISSING_TRIES = 3;

/**
 * Yields the task whenever its state or progress changes, and ends with its terminal state. Faults are tolerated until
 * the deadline and reported to `onEvent`.
 */
export function watchTask(
  context: ClientContext,
  ref: TaskRef,
  options: WaitOptions = {},
  about: WaitContext = { mayRepeat: true },
): AsyncGenerator<Task, void, undefined> {
  const { vendor } = context.adapter;
  const { key } = about;
  return tracedWait(
    () => ({ vendor, ...(key !== undefined && { idempotencyKey: key }), polls: 0, task: ref }),
    (trace) => untilEnd(context, ref, options, about, trace),
  );
}

async function* untilEnd(
  context: ClientContext,
  anyRef: TaskRef,
  options: WaitOptions,
  about: WaitContext,
  trace: Trace,
): AsyncGenerator<Task, void, undefined> {
  const { clock, options: client } = context;
  const { signal } = options;
  const poll = options.poll ?? client.poll ?? {};
  const timeout = safeDelay(options.waitTimeout ?? client.waitTimeout ?? WAIT_TIMEOUT);
  const emit = emitter(context.onEvent, options.onEvent);
  const started = clock.elapsed();
  const passed = () => clock.elapsed() - started;
  const begun = clock.now();
  /** A wall clock that is put forward makes no task older. */
  const now = () => Math.min(clock.now(), begun + passed());
  // From another process only the journal knows when the task was submitted and how long its video is to be.
  const given = ownRef(context, anyRef);
  const recalled = await untilAborted(recall(context, given, trace), signal, () => stopped(context, given, about));
  const { ref, duration } = recalled;
  // Of tasks that run at the same time the short ones end first: they say nothing of how long the others take.
  const endsNow = () => context.durations.of(ref.model, duration);
  let ends = endsNow();
  void warmStart(context, ref, duration)?.then(() => (ends = endsNow()));
  let faults: Faults | undefined;
  const stop = () => stopped(context, ref, about);
  const ending = context.ends.listen(ref);
  const forget = whenAborted(signal, () => {}); // it has one listener, and not one for each question
  // At the deadline the vendor is asked once more before the wait ends: the process may have slept through it. That
  // question waits for no limit and no cool-down, or the wait would last as long as they do.
  let isLast = false;
  let polls = 0;
  const onLeave = () => {
    isLast = passed() >= timeout;
    if (trace) trace.polls = ++polls;
  };
  const question: ReadOptions = {
    signal,
    interrupt: ending.whenHeard,
    key: about.key,
    duration,
    latest: started + timeout,
    onLeave,
    emit,
  };
  /** What is known of the end although the question failed. */
  const despite = async (error: unknown): Promise<Task> => {
    if (ending.heard && !signal?.aborted) return ending.heard;
    const found =
      VidtaskError.isInstance(error) && error.code === "not_found" ? await journaledEnd(context, ref) : undefined;
    if (found) return found;
    throw error;
  };
  let known: Task | undefined;
  let delay = firstDelay(context, { ref, now: now(), poll, duration, ends });

  try {
    for (;;) {
      if (signal?.aborted) throw stop();
      // Until it is time to ask, or another call has seen the end.
      if (!ending.heard) await context.alarm.sleep(Math.min(delay, timeout - passed()), signal, ending.whenHeard);
      if (signal?.aborted) throw stop();
      try {
        const seen = ending.heard ?? (await readOwnTask(context, ref, question).catch(despite));
        const { task, verdict } = advance(known, seen);
        const isNews = known?.state !== task.state || progressOf(known) !== progressOf(task);
        known = task;
        question.checkedAt = clock.now();
        delay = pollDelay(context, { ref, now: now(), poll, duration, ends });
        faults = undefined;
        if (verdict === "report") emit(oddTransition(task, seen));
        if (isNews) {
          emit({ type: "state", task });
          yield task;
        }
        if (isTerminal(task)) return;
      } catch (error) {
        if (signal?.aborted) throw stop();
        faults ??= faultCounter(now, ref, about, emit);
        delay = Math.max(faults.tolerate(error), safeDelay(poll.interval ?? INTERVAL));
      }
      if (isLast) throw timedOut(context, ref, timeout, { task: known, cause: faults?.last() }, about);
    }
  } finally {
    ending.close();
    forget();
  }
}

/** The end that another process has written: a vendor may delete a task that it cancels. */
async function journaledEnd({ journal }: ClientContext, ref: TaskRef): Promise<Task | undefined> {
  const row = await journal.findByTask(ref).catch(() => undefined);
  return row?.task && isTerminal(row.task) ? row.task : undefined;
}

/**
 * Waits for the end of a task.
 *
 * @throws TaskFailedError, WaitTimeoutError, AbortedError, the VendorError of a refused key or a vanished task, or the
 * ProtocolError of an end that cannot be read.
 */
export async function waitForTask(
  context: ClientContext,
  ref: TaskRef,
  options?: WaitOptions,
  about: WaitContext = { mayRepeat: true },
): Promise<SucceededTask> {
  for await (const task of watchTask(context, ref, options, about))
    if (isTerminal(task)) return endOf(context, task, about);
  throw new Error("a watch ended without a terminal state"); // unreachable: watchTask returns only after one
}

/** The result of a wait: the task, or its failure as an error. */
export function endOf(
  { adapter }: ClientContext,
  task: SucceededTask | FailedTask,
  { key }: WaitContext,
): SucceededTask {
  if (task.state === "succeeded") return task;
  throw new TaskFailedError({ vendor: adapter.vendor, phase: "poll", idempotencyKey: key, task });
}

type Faults = ReturnType<typeof faultCounter>;

/** Of faults that follow each other: an answer ends the count. */
function faultCounter(now: () => number, ref: TaskRef, about: WaitContext, emit: OnEvent) {
  let count = 0;
  let missing = 0;
  let unreadable = 0;
  let last: VidtaskError | undefined;
  const isEarly = () => ref.submittedAt !== undefined && now() - Date.parse(ref.submittedAt) < EARLY_MISSING_MS;
  return {
    /** The fault that has not passed yet. */
    last: () => last,
    /** The time to wait after this fault; throws the ones that end a wait. */
    tolerate(error: unknown): number {
      if (!VidtaskError.isInstance(error)) throw error;
      missing = error.code === "not_found" && !isEarly() ? missing + 1 : 0;
      const isGone = missing >= MISSING_TRIES;
      if (isGone || !(error.retryable || error.code === "not_found")) throw error;
      // Where no answer came, nothing new is known.
      if (!ConnectionError.isInstance(error)) unreadable = saysUnreadableEnd(error) ? unreadable + 1 : 0;
      if (unreadable >= UNREADABLE_ANSWERS) throw lastOf(error, about);
      last = error;
      count++;
      const waitMs = Math.max(retryAfterOf(error), backoff(count));
      const named = about.key === undefined ? {} : { idempotencyKey: about.key };
      emit({ type: "fault", phase: "poll", ref, ...named, attempt: count, waitMs, error: error.toJSON() });
      return waitMs;
    },
  };
}

/** The error that ends a wait, where it is one that passes for the question alone: `generate` is not to be repeated for it. */
const lastOf = (error: VidtaskError, { key, mayRepeat: retryable }: WaitContext): VidtaskError =>
  ProtocolError.isInstance(error)
    ? new ProtocolError({ ...error, cause: error.cause, idempotencyKey: key, retryable })
    : error;

const retryAfterOf = (error: VidtaskError): number =>
  VendorError.isInstance(error) ? Math.min(error.retryAfterMs ?? 0, 600_000) : 0;

const progressOf = (task: Task | undefined) => (task && "progress" in task ? task.progress : undefined);

const oddTransition = (known: Task, seen: Task) => ({
  type: "warning" as const,
  warning: {
    about: "state",
    kind: "odd-answer" as const,
    message: `${formatRef(known)} is ${known.state}; an answer that says ${seen.state} was not applied`,
  },
});

function timedOut(
  { adapter }: ClientContext,
  ref: TaskRef,
  timeout: number,
  last: { task: Task | undefined; cause: VidtaskError | undefined },
  about: WaitContext,
) {
  const message = `${formatRef(ref)} has not ended after ${Math.round(timeout / 1000)} s; it runs on: go on with wait()`;
  const { key, mayRepeat: retryable } = about;
  return new WaitTimeoutError(message, {
    vendor: adapter.vendor,
    phase: "poll",
    ref,
    idempotencyKey: key,
    ...last,
    retryable,
  });
}
