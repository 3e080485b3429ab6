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
  /** The vendor's name of the model, also where a router was asked for a family. */
  model: string;
  /** The vendor's id of the task. */
  id: string;
  /** The kind of task, where the vendor asks for tasks by kind. A task is still one by vendor and id. */
  variant?: string;
  /** ISO 8601; lets a wait start at the right moment. Without it polls start at once. */
  submittedAt?: string;
};

/** One finished video; what a vendor does not send is absent. */
export type Video = {
  /** The mp4, on whatever host the vendor uses; `saveVideo` and `openVideo` fetch it whole. */
  url: string;
  /**
   * The URL wants the account's credentials: `saveVideo` and `openVideo` send them, to the vendor's own origins only and
   * not through a redirect to another; a plain `fetch` is refused.
   */
  auth?: true;
  /** When the URL dies (ISO 8601), by the life the vendor documents; absent where it says never. */
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
  /** 0 to 1, where the vendor reports it. */
  progress?: number;
  /** How many tasks are before it, where the vendor says it. */
  queuePosition?: number;
  /** When asking again makes sense (ISO 8601), by the model's documented times: for a queue, or a cron. */
  nextPollAt: string;
};
/** Finished, with at least one video. */
export type SucceededTask = Base & {
  state: "succeeded";
  videos: [Video, ...Video[]];
  /** How long the vendor worked on it, in milliseconds, where it says so: APIXO's `costTime` (model page kling-2-6). */
  processingMs?: number;
  /** What made it, in the vendor's words: AIVideoAPI's `output.metadata.model`, `"kling-2.6/image-to-video"` (model page kling-2-6). */
  madeBy?: string;
};
/** Ended without a video. A value for `get` and `watch`; `wait` and `generate` throw it as `TaskFailedError`. */
export type FailedTask = Base & { state: "failed"; failure: Failure };
/** A ref and what the vendor last said of it. Plain JSON. */
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
 * One string for a column, a URL or a job: `apixo:kling-2-6:task_1`. It holds vendor, model, id and, where there
 * is one, the variant; `submittedAt` is not part of it. Colons and percent signs inside a part are percent-encoded.
 */
export const formatRef = (ref: TaskRef): string =>
  [ref.vendor, ref.model, ref.id, ...(ref.variant === undefined ? [] : [ref.variant])].map(encodePart).join(":");

const encodePart = (part: string) => part.replace(/[:%\s]/g, encodeURIComponent);
