// What a program may watch from outside, by `node:diagnostics_channel`: one channel for each path of a client.
import type { Task, TaskRef } from "./task/task.ts";

/**
 * What the `tracingChannel`s `vidtask:submit`, `vidtask:get`, `vidtask:wait`, `vidtask:cancel`, `vidtask:download` and
 * `vidtask:callback` of `node:diagnostics_channel` publish: one object per call, which holds more at its end. What may hold a prompt or a URL is not
 * enumerable: a log of the whole does not show it. A listener that throws does not change the call; Node reports it as
 * an uncaught exception.
 */
export type TraceContext = {
  vendor: string;
  /** Of a submit: the model that is asked for, once the request is checked. */
  model?: string;
  /** The submit's name, where this call knows it. */
  idempotencyKey?: string;
  /** Of a submit: the plan's price in US dollars, where it is known. */
  priceUsd?: number;
  /** This submit has made a task: a repeated one that only found its task has not. */
  accepted?: boolean;
  /** How often a wait has asked. */
  polls?: number;
  /**
   * Of a submit, and yours to set at its `start`: a W3C `traceparent` (`00-…`, 55 characters; anything else is dropped). The journal keeps it with the
   * key.
   */
  traceparent?: string;
  /** The one of the submit that the call goes back to, as the journal has it: also in another process. */
  submitTraceparent?: string | undefined;
  /** Not enumerable. Of a submit. */
  prompt?: unknown;
  /** Not enumerable. The ref or task that a question, a wait, a cancel, a download or a callback is about, as it was given. */
  task?: TaskRef;
  /**
   * Not enumerable. What came of it: the task of a submit, a question or a cancel; the last that a wait has seen, `failed` too;
   * the length of a download, in `bytes`; the HTTP status that answered a callback.
   */
  result?: Task | { bytes?: number } | number | undefined;
  /** Not enumerable. What it has thrown. */
  error?: unknown;
};

/** The context of a call, to add to; absent where nobody listens. */
export type Trace = TraceContext | undefined;

type Path = "submit" | "get" | "wait" | "cancel" | "download" | "callback";
type Stage = { readonly hasSubscribers: boolean };
export type Channels = {
  readonly [stage in "start" | "end" | "asyncStart" | "asyncEnd" | "error"]: Stage;
} & {
  /** Tells of each stage, and puts `result` or `error` into the context. */
  tracePromise<T>(work: () => Promise<T>, about: TraceContext): Promise<T>;
};
type DiagnosticsChannel = { tracingChannel(name: string): Channels };
type Globals = { process: { getBuiltinModule(name: string): unknown } };

const found: { [path in Path]?: Partial<Channels> } = {};

/** Looked up when it is first used: many runtimes have none, and none is a reason to fail. */
export function channelsOf(path: Path): Channels | undefined {
  const channels = (found[path] ??= lookUp(path));
  const { start, end, asyncStart, asyncEnd, error } = channels;
  const isHeard = [start, end, asyncStart, asyncEnd, error].some((stage) => stage?.hasSubscribers); // Bun has no sum of them
  return isHeard ? (channels as Channels) : undefined;
}

function lookUp(path: Path): Partial<Channels> {
  try {
    return builtin<DiagnosticsChannel>("node:diagnostics_channel").tracingChannel(`vidtask:${path}`);
  } catch {
    return {};
  }
}

/** @throws whatever a runtime without it throws */
export const builtin = <T>(name: string): T => (globalThis as unknown as Globals).process.getBuiltinModule(name) as T;

const UNLISTED = { enumerable: false, writable: true };
export const unlisted = (about: TraceContext): TraceContext =>
  Object.defineProperties(about, { prompt: UNLISTED, task: UNLISTED, result: UNLISTED, error: UNLISTED });

/** Does the work, and tells who listens, as Node's `tracePromise` does. Without a listener nothing is built. */
export function traced<T extends TraceContext["result"]>(
  path: Path,
  begin: () => TraceContext,
  work: (trace?: TraceContext) => Promise<T>,
): Promise<T> {
  const channels = channelsOf(path);
  if (!channels) return work();
  const trace = unlisted(begin());
  return channels.tracePromise(() => work(trace), trace);
}

/** What a row keeps of it; nothing of what is no `traceparent`. */
export const traceparentOf = (trace: Trace): { traceparent?: string } => {
  const { traceparent } = trace ?? {};
  return typeof traceparent === "string" && /^[\da-f-]{55}$/.test(traceparent) ? { traceparent } : {};
};
