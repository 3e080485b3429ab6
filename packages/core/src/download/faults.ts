// Which faults a download survives, how long it waits after each, and the error when it gives up.
import type { ClientContext } from "../context/context.ts";
import { PRIVATE_ADDRESS } from "../http/hosts.ts";
import { reason, safeCause } from "../redact.ts";
import { AbortedError, DownloadError, VidtaskError } from "../task/errors.ts";
import type { OnEvent } from "../task/events.ts";
import { formatRef, refOf, type TaskRef } from "../task/task.ts";
import { safeDelay, backoff } from "../time/clock.ts";
import { untilAborted } from "../time/until-aborted.ts";
import { NotMp4 } from "./mp4.ts";
import type { Progress } from "./progress.ts";
import type { Source } from "./source.ts";

/**
 * `passing`: repeating may work. `stale`: the URL may be dead, a fresh one is asked for. `damaged`: what has arrived
 * is not the file, so it starts again, from a fresh URL. `final`: trying again cannot help.
 */
export type FaultKind = "passing" | "stale" | "damaged" | "final";

type More = { retryAfterMs?: number | undefined; canRepeat?: boolean; cause?: unknown };

export class Fault extends Error {
  override name = "Fault";
  readonly kind: FaultKind;
  /** What the host asks to wait, in ms. */
  declare readonly retryAfterMs?: number;
  /** Whether the same call may succeed, made again. */
  readonly canRepeat: boolean;
  constructor(kind: FaultKind, message: string, more: More = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.kind = kind;
    this.canRepeat = more.canRepeat ?? kind !== "final";
    if (more.retryAfterMs !== undefined) this.retryAfterMs = more.retryAfterMs;
  }
}

/** A download under way. */
export type Download = {
  context: ClientContext;
  task: TaskRef;
  source: Source;
  progress: Progress;
  signal: AbortSignal;
  emit: OnEvent;
};

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

export function countFaults(download: Download): FaultCounter {
  const { context, task, progress, signal, emit } = download;
  let [best, row, doubts, all] = [progress.at, 0, 0, 0];
  return {
    read(error) {
      if (signal.aborted) throw abortedDownload(download);
      if (DownloadError.isInstance(error)) throw error;
      if (progress.at > best) row = doubts = 0;
      best = Math.max(best, progress.at);
      return faultOf(download, error);
    },
    async wait(fault) {
      row++;
      all++;
      if (fault.kind !== "passing") doubts++;
      if (fault.kind === "final" || row >= MAX_FAULTS || doubts >= MAX_DOUBTS || all >= MAX_IN_ALL)
        throw givenUp(download, fault, row);
      const waitMs = safeDelay(Math.max(backoff(row), fault.retryAfterMs ?? 0));
      emit({
        type: "fault",
        phase: "download",
        ref: refOf(task),
        attempt: row,
        waitMs,
        error: { message: fault.message },
      });
      await untilAborted(context.clock.sleep(waitMs, signal), signal, () => abortedDownload(download));
    },
  };
}

type About = Pick<Download, "context" | "task">;

/** Common to every error of a download: the video is paid for, and fetching it again costs nothing. */
export const aboutDownload = ({ context, task }: About) =>
  ({ vendor: context.adapter.vendor, phase: "download", ref: task, billed: "yes", retryable: true }) as const;

/** The error of a download whose signal aborted. */
export const abortedDownload = (download: About): AbortedError =>
  new AbortedError(`stopped fetching ${formatRef(download.task)}; fetch it again`, aboutDownload(download));

function faultOf({ context }: Download, error: unknown): Fault {
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

function givenUp({ context, task, source }: Download, fault: Fault, row: number): DownloadError {
  const { expiresAt } = source;
  const times = row > 1 ? `, ${row} times in a row` : "";
  const life = expiresAt === undefined ? "" : ` (it lives until ${expiresAt})`;
  const next = {
    passing: "; fetch it again",
    stale: `; a fresh URL did not help${life}: see with get() whether the vendor still has the video`,
    damaged: "; fetch it again from the start",
    final: "",
  }[fault.kind];
  const about = { ...aboutDownload({ context, task }), retryable: fault.canRepeat, cause: fault.cause };
  return new DownloadError(`${formatRef(task)}: ${fault.message}${times}${next}`, about);
}
