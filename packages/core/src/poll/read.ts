import type { ClientContext } from "../context/context.ts";
import { abortedError } from "../http/aborted.ts";
import type { Answer } from "../http/answer.ts";
import { isAllowedHost } from "../http/hosts.ts";
import { recordEnd } from "../journal/rows.ts";
import { excerptOf, type Redact } from "../redact.ts";
import { InvalidRequestError } from "../task/errors.ts";
import type { OnEvent } from "../task/events.ts";
import type { Failure } from "../task/failure.ts";
import { issue } from "../task/issue.ts";
import { formatRef, isTerminal, refOf, type EndedTask, type Task, type TaskRef, type Video } from "../task/task.ts";
import type { Interrupt } from "../time/alarm.ts";
import { untilAborted } from "../time/until-aborted.ts";
import type { Trace } from "../trace.ts";
import { lengthOf } from "../vendor-spec/models.ts";
import type { TaskStatus } from "../vendor-spec/readings.ts";
import { isHttpUrl } from "../vendor-spec/wire.ts";
import { askStatus } from "./ask.ts";
import { learn, warmStart } from "./learn.ts";
import { ownRef } from "./own-ref.ts";
import { nextPollAt } from "./schedule.ts";

export type ReadOptions = {
  signal?: AbortSignal | undefined;
  key?: string | undefined;
  /** The video's length in seconds, for the time of the next poll. */
  duration?: unknown;
  /** When the check before this one was, in ms of the wall clock. */
  checkedAt?: number | undefined;
  /** Drops the question: the wait behind it has heard the end from another call. */
  interrupt?: Interrupt;
  /** When the question leaves at the latest, by `clock.elapsed()`, through any limit. */
  latest?: number;
  /** The shared limits have let it pass already. */
  hasPassed?: boolean;
  /** Called when it leaves. */
  onLeave?: () => void;
  /** Sees the answer before it is read. */
  onAnswer?: (answer: Answer) => void;
  /** Sees what the adapter has read, before it becomes a task. */
  seen?: (read: TaskStatus) => void;
  emit: OnEvent;
};

/** Asks the vendor once what it says of a task now, and journals a terminal answer. */
export async function readTask(context: ClientContext, anyRef: TaskRef, options: ReadOptions): Promise<Task> {
  const ref = ownRef(context, anyRef);
  const { signal, duration } = options;
  const learning = warmStart(context, ref, duration);
  const task = await readOwnTask(context, ref, options);
  // A client that lives for one question has no later one in which what the journal knows could count.
  if (isTerminal(task) || !learning) return task;
  await untilAborted(learning, signal, () => abortedError(context, { ...options, phase: "poll", ref }));
  return { ...task, nextPollAt: nextPollAt(context, { ref, now: context.clock.now(), duration }) };
}

/** As `readTask`, of a ref that `ownRef` has given. */
export function readOwnTask(context: ClientContext, ref: TaskRef, options: ReadOptions): Promise<Task> {
  if (context.adapter.variant && ref.variant === undefined)
    throw new InvalidRequestError({
      vendor: ref.vendor,
      phase: "poll",
      ref,
      issues: [issue("ref.variant", "given: the fourth part of the ref that formatRef writes, or the journal's")],
      billed: "unknown",
    });
  const toTask = (found: TaskStatus): Task => {
    options.seen?.(found);
    return taskOf(context, ref, found, options);
  };
  return askStatus(context, ref, options, toTask).then((task) =>
    isTerminal(task) ? atItsEnd(context, task, options) : task,
  );
}

/** Tells everybody of an end, and journals it. */
async function atItsEnd(context: ClientContext, task: EndedTask, options: ReadOptions): Promise<Task> {
  const { duration, checkedAt, signal, key, emit } = options;
  context.limiter.ended(task.id);
  context.ends.tell(task);
  if (task.state === "succeeded") learn(context, task, duration, { at: context.clock.now(), before: checkedAt });
  await untilAborted(recordEnd(context, task, emit), signal, () =>
    abortedError(context, { phase: "poll", ref: refOf(task), key }),
  );
  return task;
}

/** A ref with what the journal adds to it: when it was submitted, and how long its video is to be. */
export async function recall(
  context: ClientContext,
  anyRef: TaskRef,
  trace?: Trace,
): Promise<{ ref: TaskRef; duration?: unknown }> {
  const ref = ownRef(context, anyRef);
  try {
    const row = await context.journal.findByTask(ref);
    if (trace) trace.submitTraceparent = row?.traceparent;
    return {
      ref: ownRef(context, { ...row?.ref, ...ref }),
      ...(row && { duration: lengthOf(context.adapter.models, ref.model, row.request) }),
    };
  } catch {
    return { ref }; // reading needs no journal
  }
}

export type Reading = Pick<ReadOptions, "duration" | "emit">;

// The adapter's reading is checked like the body it came from: adapters come from outside, too.
export function taskOf(context: ClientContext, ref: TaskRef, read: TaskStatus, { duration, emit }: Reading): Task {
  const { adapter, clock, redact } = context;
  // A time that cannot be read is left out: it must not cost a paid video.
  const times: { createdAt?: string; completedAt?: string } = {
    ...(isTime(read.createdAt) && { createdAt: read.createdAt }),
    ...(isTime(read.completedAt) && { completedAt: read.completedAt }),
  };
  const base = { ...ref, ...times };
  switch (read.state) {
    case "pending":
    case "processing": {
      const { progress, queuePosition } = read;
      return {
        ...base,
        state: read.state,
        ...(Number.isFinite(progress) && { progress }),
        ...(Number.isFinite(queuePosition) && { queuePosition }),
        nextPollAt: nextPollAt(context, { ref, now: clock.now(), duration }),
      };
    }
    case "failed":
      return { ...base, state: "failed", failure: failureOf(read.failure, redact) };
    case "succeeded": {
      const { good, left } = goodVideos(context, read.videos);
      const since = times.completedAt ?? ref.submittedAt;
      const [first, ...rest] = good.map((video) => withExpiry(video, since, adapter.resultUrlLifeMs));
      if (good.some(({ url, auth }) => auth && !context.isOwn(new URL(url))))
        throw misread("videos.url", "a URL at one of the vendor's own origins, because it wants credentials");
      if (!first) throw misread("videos", "at least one http(s) URL of a succeeded task's video");
      if (left > 0) emit(someLeft(ref, left));
      const { processingMs, madeBy } = read;
      return {
        ...base,
        state: "succeeded",
        videos: [first, ...rest],
        ...(Number.isFinite(processingMs) && { processingMs }),
        ...(typeof madeBy === "string" && { madeBy: excerptOf(madeBy, redact) }),
      };
    }
    default:
      throw misread("state", "a state that this vendor documents");
  }
}

const isTime = (value: unknown): value is string => typeof value === "string" && !Number.isNaN(Date.parse(value));

// A failure ends a wait even when the vendor gives no words; the words it gives are redacted.
function failureOf(failure: Partial<Failure> | undefined, redact: Redact): Failure {
  const { code = "unknown", vendorCode, message, billed = "unknown" } = failure ?? {};
  return {
    code,
    ...(typeof vendorCode === "string" && { vendorCode: excerptOf(vendorCode, redact) }),
    message: typeof message === "string" && message ? excerptOf(message, redact) : "the vendor gives no reason",
    billed,
  };
}

type Found = Omit<Video, "expiresAt">;

/** The videos whose URLs can be fetched, each once; those of other http(s) URLs only where there is no better one. */
function goodVideos({ baseUrl }: ClientContext, videos: readonly Found[]): { good: Found[]; left: number } {
  const all = new Map<string, Found>();
  for (const video of Array.isArray(videos) ? (videos as readonly Partial<Found>[]) : []) {
    const url = typeof video?.url === "string" ? video.url.trim() : "";
    if (isHttpUrl(url) && !all.has(url)) all.set(url, { ...video, url });
  }
  const base = new URL(baseUrl());
  const fetchable = [...all.values()].filter(({ url }) => isAllowedHost(new URL(url), base));
  const good = fetchable.length > 0 ? fetchable : [...all.values()];
  return { good, left: all.size - good.length };
}

const someLeft = (ref: TaskRef, left: number) => ({
  type: "warning" as const,
  warning: {
    about: "videos",
    kind: "odd-answer" as const,
    message: `${left} more of the result URLs of ${formatRef(ref)} are not on https at a public address, and were left out`,
  },
});

// Without a completion time the time of the submit is used: a URL never dies earlier than that plus its life.
function withExpiry(video: Found, since: string | undefined, lifeMs: number | undefined): Video {
  const dies = new Date(Date.parse(since ?? "") + (lifeMs ?? Number.NaN));
  return Number.isNaN(dies.getTime()) ? video : { ...video, expiresAt: dies.toISOString() };
}

const misread = (path: string, expected: string) =>
  Object.assign(new Error(expected), { issues: [{ path: path.split("."), message: expected }] });
