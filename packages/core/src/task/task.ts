// What a task is, in plain JSON.
import type { Failure } from "./failure.ts";

/** What JSON can hold. Every task, ref, event and error of vidtask is assignable to it. */
export type Json = null | string | number | boolean | { [key: string]: Json | undefined } | readonly Json[];
/** A JSON object; a member that is `undefined` is left out when it is written. */
export type JsonObject = { [key: string]: Json | undefined };

/**
 * What is needed to find a task again, from any process: store it, send it, pass it to any client of the same vendor.
 */
export type TaskRef = {
  vendor: string;
  /** The vendor's name of the model, even if a router was asked for a family. */
  model: string;
  /** The vendor's id of the task. */
  id: string;
  /** The kind of task, if the vendor needs it to find a task. Vendor and id alone identify the task. */
  variant?: string;
  /** When it was submitted (ISO 8601), so that a wait can start to poll at the right moment. Without it polls start at once. */
  submittedAt?: string;
};

/** One finished video; what a vendor does not send is absent. */
export type Video = {
  /** The mp4, on a host of the vendor's choice; `saveVideo` and `openVideo` download it safely. */
  url: string;
  /**
   * The URL needs the account's credentials: `saveVideo` and `openVideo` send them, but only to the vendor's own origins and
   * not after a redirect to another; a plain `fetch` is refused.
   */
  auth?: true;
  /** When the URL expires (ISO 8601), according to the vendor's pages; absent if they say never. */
  expiresAt?: string;
  /** Seconds. */
  duration?: number;
  /** Pixels. */
  width?: number;
  /** Pixels. */
  height?: number;
  thumbnailUrl?: string;
};

type Base = TaskRef & { createdAt?: string; completedAt?: string };
/** Not finished. */
export type RunningTask = Base & {
  state: "pending" | "processing";
  /** 0 to 1, if the vendor reports it. */
  progress?: number;
  /** How many tasks come before it, if the vendor says so. */
  queuePosition?: number;
  /** When it makes sense to ask again (ISO 8601): for a queue or a cron. */
  nextPollAt: string;
};
/** Finished, with at least one video. */
export type SucceededTask = Base & {
  state: "succeeded";
  videos: [Video, ...Video[]];
  /** How long the vendor worked on it, in milliseconds, if it says so: APIXO's `costTime` (model page kling-2-6). */
  processingMs?: number;
  /** What made it, in the vendor's words: AIVideoAPI's `output.metadata.model`, `"kling-2.6/image-to-video"` (model page kling-2-6). */
  madeBy?: string;
};
/** Ended without a video. A value for `get` and `watch`; `wait` and `generate` throw it as `TaskFailedError`. */
export type FailedTask = Base & { state: "failed"; failure: Failure };
/** A ref plus what the vendor last said about the task. Plain JSON. */
export type Task = RunningTask | SucceededTask | FailedTask;

/** A task at its end. */
export type EndedTask = SucceededTask | FailedTask;

/** True for the two states that never change again. */
export const isTerminal = (task: Task): task is SucceededTask | FailedTask =>
  task.state === "succeeded" || task.state === "failed";

/** The part of a task that finds it again, without what the vendor said of it. */
export const refOf = ({ vendor, model, id, variant, submittedAt }: TaskRef): TaskRef => ({
  vendor,
  model,
  id,
  ...(variant === undefined ? {} : { variant }),
  ...(submittedAt === undefined ? {} : { submittedAt }),
});

/** True for a kind of task as a vendor's description may name it. */
export const isVariant = (value: unknown): value is string =>
  typeof value === "string" && /^[A-Za-z0-9-]{1,40}$/.test(value);

/**
 * One string for a column, a URL or a job: `apixo:kling-2-6:task_1`. It contains vendor, model, id and, if there
 * is one, the variant, but not `submittedAt`. Colons and percent signs inside a part are percent-encoded.
 */
export const formatRef = (ref: TaskRef): string =>
  [ref.vendor, ref.model, ref.id, ...(ref.variant === undefined ? [] : [ref.variant])].map(encodePart).join(":");

const encodePart = (part: string) => part.replace(/[:%\s]/g, encodeURIComponent);
