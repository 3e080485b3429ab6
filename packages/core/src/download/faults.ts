// Which faults a download survives, how long it waits after each, and what it says when it gives up.
import { untilAborted } from "../abort.ts";
import { safeDelay } from "../clock.ts";
import { AbortedError, DownloadError, VidtaskError } from "../errors.ts";
import { PRIVATE_ADDRESS } from "../hosts.ts";
import { reason } from "../http.ts";
import { safeCause } from "../redact.ts";
import { formatRef, refOf } from "../task/task.ts";
import { backoff } from "../wait/schedule.ts";
import { Fault } from "./fault.ts";
import { NotMp4 } from "./mp4.ts";
import type { Run } from "./pieces.ts";

/** Faults in a row, without a new byte between them: about a minute of back-off. */
const MAX_FAULTS = 8;
/** Of these, faults that a fresh URL should have mended. */
const MAX_DOUBTS = 5;
/** Faults in all: a host that gives a byte at a time must not hold a download for ever. */
const MAX_IN_ALL = 1000;

export type FaultCounter = {
  /** What an error means for the download. @throws AbortedError, or the DownloadError that it is */
  read(error: unknown): Fault;
  /** Waits as long as is due after it. @throws DownloadError when it is one too many, AbortedError */
  wait(fault: Fault): Promise<void>;
};

export function countFaults(run: Run): FaultCounter {
  const { context, task, had, signal, emit } = run;
  let [best, row, doubts, all] = [had.at, 0, 0, 0];
  return {
    read(error) {
      if (signal.aborted) throw abortedDownload(run);
      if (DownloadError.isInstance(error)) throw error;
      if (had.at > best) row = doubts = 0;
      best = Math.max(best, had.at);
      return faultOf(run, error);
    },
    async wait(fault) {
      row++;
      all++;
      if (fault.kind !== "passing") doubts++;
      if (fault.kind === "final" || row >= MAX_FAULTS || doubts >= MAX_DOUBTS || all >= MAX_IN_ALL)
        throw givenUp(run, fault, row);
      const waitMs = safeDelay(Math.max(backoff(row), fault.retryAfterMs ?? 0));
      emit({
        type: "fault",
        phase: "download",
        ref: refOf(task),
        attempt: row,
        waitMs,
        error: { message: fault.message },
      });
      await untilAborted(context.clock.sleep(waitMs, signal), signal, () => abortedDownload(run));
    },
  };
}

type Download = Pick<Run, "context" | "task">;

/** What every error of a download says of itself: the video is paid for, and fetching it again costs nothing. */
export const aboutDownload = ({ context, task }: Download) =>
  ({ vendor: context.adapter.vendor, phase: "download", ref: task, billed: "yes", retryable: true }) as const;

/** The error of a download whose signal aborted. */
export const abortedDownload = (download: Download): AbortedError =>
  new AbortedError(`stopped fetching ${formatRef(download.task)}; fetch it again`, aboutDownload(download));

function faultOf({ context }: Run, error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof NotMp4) return new Fault("damaged", error.message);
  const cause = safeCause(error, context.redact);
  if (VidtaskError.isInstance(error)) {
    const kind = error.retryable ? "passing" : "final";
    return new Fault(kind, `asking for a fresh URL failed: ${error.message}`, { cause });
  }
  const why = reason(cause);
  const isPrivate = codes(cause).includes(PRIVATE_ADDRESS);
  return isPrivate
    ? new Fault("final", why, { cause })
    : new Fault("passing", `the bytes broke off: ${why}`, { cause });
}

function codes(error: Error): unknown[] {
  return [(error as { code?: unknown }).code, ...(error.cause instanceof Error ? codes(error.cause) : [])];
}

function givenUp({ context, task, source }: Run, fault: Fault, row: number): DownloadError {
  const { expiresAt } = source;
  const times = row > 1 ? `, ${row} times in a row` : "";
  const life = expiresAt === undefined ? "" : ` (it lives until ${expiresAt})`;
  const next = {
    passing: "; fetch it again",
    stale: `; a fresh URL did not help${life}: see with get() whether the vendor still has the video`,
    damaged: "; fetch it again from the start",
    final: "",
  }[fault.kind];
  const about = { ...aboutDownload({ context, task }), cause: fault.cause };
  return new DownloadError(`${formatRef(task)}: ${fault.message}${times}${next}`, about);
}
