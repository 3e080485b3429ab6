import type { ClientContext } from "./client-context.ts";
import { AbortedError, TaskFailedError, VidtaskError, VendorError, WaitTimeoutError } from "./errors.ts";
import { emitter, type OnEvent, type VidtaskEvent } from "./events.ts";
import { ownRef, readTask } from "./read.ts";
import { backoff, pollDelay, type Poll } from "./schedule.ts";
import { advance } from "./state.ts";
import { formatRef, isTerminal, type SucceededTask, type Task, type TaskRef } from "./task.ts";

/** How a wait behaves. Times in milliseconds. */
export type WaitOptions = {
  /** Stops the wait at once with an `AbortedError`; the task runs on. */
  signal?: AbortSignal | undefined;
  /** The wait's own limit. @default 20 minutes, above every documented duration */
  timeout?: number | undefined;
  /** `first`: ms after the submit before the first poll; `interval`: ms between polls. @default the model's documented times */
  poll?: Poll | undefined;
  onEvent?: ((event: VidtaskEvent) => void) | undefined;
};

const WAIT_TIMEOUT = 20 * 60_000;
/** A vendor may not know its own task for a moment after the submit. */
const EARLY_MISSING_MS = 60_000;
const MISSING_TRIES = 3;

/** What `generate` knows beyond the ref: the key, and whether the same call may be repeated without paying twice. */
export type WaitContext = { key?: string | undefined; mayRepeat: boolean; duration?: unknown };

/**
 * Yields the task whenever its state or progress changes, and ends with its terminal state. Faults are tolerated until
 * the deadline and told in `onEvent`.
 */
export async function* watchTask(
  context: ClientContext,
  anyRef: TaskRef,
  options: WaitOptions = {},
  about: WaitContext = { mayRepeat: true },
): AsyncGenerator<Task, void, undefined> {
  const { clock, adapter, options: client } = context;
  const ref = ownRef(context, anyRef);
  const { signal } = options;
  const poll = options.poll ?? client.poll ?? {};
  const timeout = options.timeout ?? client.timeout ?? WAIT_TIMEOUT;
  const emit = emitter(context.onEvent, options.onEvent);
  const started = clock.elapsed();
  const passed = () => clock.elapsed() - started;
  const faults = faultCounter(context, ref, about, emit);
  const duration = about.duration ?? (await journaledDuration(context, ref));
  let known: Task | undefined;
  let delay = ref.submittedAt === undefined ? (poll.first ?? 0) : pollDelay(adapter, ref, clock.now(), poll, duration);

  for (;;) {
    await sleep(context, ref, Math.min(delay, timeout - passed()), signal, about);
    // The deadline ends nothing without one answer asked for after it: the process may have slept through it.
    const isLast = passed() >= timeout;
    try {
      const seen = await readTask(context, ref, { signal, key: about.key, emit });
      const { task, verdict } = advance(known, seen);
      const isNews = known?.state !== task.state || progressOf(known) !== progressOf(task);
      known = task;
      delay = pollDelay(adapter, ref, clock.now(), poll, duration);
      faults.clear();
      if (verdict === "report") emit(oddTransition(task, seen));
      if (isNews) {
        emit({ type: "state", task });
        yield task;
      }
      if (isTerminal(task)) return;
    } catch (error) {
      if (signal?.aborted) throw stopped(context, ref, about);
      delay = Math.max(faults.tolerate(error), poll.interval ?? 0);
    }
    if (isLast) throw timedOut(context, ref, timeout, known, about);
  }
}

/**
 * Waits for the end of a task.
 *
 * @throws TaskFailedError, WaitTimeoutError, AbortedError, or the VendorError of a refused key or a vanished task.
 */
export async function waitForTask(
  context: ClientContext,
  ref: TaskRef,
  options?: WaitOptions,
  about: WaitContext = { mayRepeat: true },
): Promise<SucceededTask> {
  for await (const task of watchTask(context, ref, options, about)) {
    if (task.state === "succeeded") return task;
    if (task.state === "failed")
      throw new TaskFailedError({ vendor: context.adapter.vendor, phase: "poll", key: about.key, task });
  }
  throw new Error("a watch ended without a terminal state"); // unreachable: watchTask returns only after one
}

function faultCounter({ clock }: ClientContext, ref: TaskRef, about: WaitContext, emit: OnEvent) {
  let count = 0;
  let missing = 0;
  const isEarly = () => ref.submittedAt !== undefined && clock.now() - Date.parse(ref.submittedAt) < EARLY_MISSING_MS;
  return {
    clear: () => void (count = missing = 0),
    /** The time to wait after this fault; throws the ones that end a wait. */
    tolerate(error: unknown): number {
      if (!VidtaskError.isInstance(error)) throw error;
      missing = error.code === "not_found" && !isEarly() ? missing + 1 : 0;
      const isGone = missing >= MISSING_TRIES;
      if (isGone || !(error.retryable || error.code === "not_found")) throw error;
      count++;
      const waitMs = Math.max(retryAfterOf(error), backoff(count));
      const key = about.key === undefined ? {} : { key: about.key };
      emit({ type: "fault", phase: "poll", ref, ...key, attempt: count, waitMs, error: error.toJSON() });
      return waitMs;
    },
  };
}

const retryAfterOf = (error: VidtaskError): number =>
  VendorError.isInstance(error) ? Math.min(error.retryAfterMs ?? 0, 600_000) : 0;

async function sleep(
  context: ClientContext,
  ref: TaskRef,
  ms: number,
  signal: AbortSignal | undefined,
  about: WaitContext,
) {
  if (signal?.aborted) throw stopped(context, ref, about);
  try {
    await context.clock.sleep(Math.max(0, ms), signal);
  } catch (error) {
    throw signal?.aborted ? stopped(context, ref, about) : error;
  }
}

function stopped({ adapter }: ClientContext, ref: TaskRef, { key, mayRepeat: retryable }: WaitContext): AbortedError {
  const message = `stopped waiting; ${formatRef(ref)} runs on: go on with wait()`;
  return new AbortedError(message, { vendor: adapter.vendor, phase: "poll", ref, key, retryable });
}

// From another process only the journal knows how long the video is to be, and so when to ask first.
const journaledDuration = async ({ journal }: ClientContext, ref: TaskRef): Promise<unknown> =>
  (await journal.find(ref).catch(() => undefined))?.request["duration"];

const progressOf = (task: Task | undefined) => (task && "progress" in task ? task.progress : undefined);

const oddTransition = (known: Task, seen: Task) => ({
  type: "warning" as const,
  warning: {
    field: "state",
    kind: "odd-answer" as const,
    message: `${formatRef(known)} is ${known.state}; an answer that says ${seen.state} was not applied`,
  },
});

function timedOut(
  { adapter }: ClientContext,
  ref: TaskRef,
  timeout: number,
  task: Task | undefined,
  about: WaitContext,
) {
  const message = `${formatRef(ref)} has not ended after ${Math.round(timeout / 1000)} s; it runs on: go on with wait()`;
  const { key, mayRepeat: retryable } = about;
  return new WaitTimeoutError(message, { vendor: adapter.vendor, phase: "poll", ref, key, task, retryable });
}
