// The tasks of one vendor. Nothing runs: a task's state follows from the time.
import type { Clock } from "@vidtask/core";
import type { OwnClock } from "../time/clock.ts";
import type { Clip } from "../video.ts";
import { createDueQueue } from "./due-queue.ts";

export type State = "pending" | "processing" | "succeeded" | "failed";

/** Times are wall-clock milliseconds. */
export interface StoredTask {
  readonly id: string;
  readonly model: string;
  readonly createdAt: number;
  /** When `pending` becomes `processing`. */
  readonly startsAt: number;
  /** When it ends, as succeeded or, with a `failure`, as failed. */
  readonly endsAt: number;
  readonly failure?: { readonly code?: string; readonly message?: string } | undefined;
  /** A planted task stays in this state whatever the time. */
  readonly pinned?: State | undefined;
  /** What it was charged, US dollars. */
  readonly usd: number;
  readonly clip: Clip;
  /** What of its submit the vendor's answers say again. */
  readonly echo?: Readonly<Record<string, unknown>>;
  /** Instead of the emulator's own result. */
  readonly resultUrl?: string | undefined;
  /** Its result is at another address than at first, and another file: each time one more. @default 0 */
  readonly moves?: number;
  readonly replacements?: number;
}

/** A task with the dates that its vendor tells. */
export const dated = (task: StoredTask, { dateOf }: Pick<OwnClock, "dateOf">): StoredTask => ({
  ...task,
  createdAt: dateOf(task.createdAt),
  startsAt: dateOf(task.startsAt),
  endsAt: dateOf(task.endsAt),
});

export interface Store {
  get(id: string): StoredTask | undefined;
  put(task: StoredTask): void;
  /** Forgets it. */
  remove(id: string): void;
  state(task: StoredTask): State;
  all(): Iterable<StoredTask>;
  /** The tasks that are pending or processing now. */
  running(): StoredTask[];
  /** How many they are, and what they were charged, US dollars. */
  readonly runningCount: number;
  readonly runningUsd: number;
  /** The tasks that ended since the last call. */
  takeEnded(): StoredTask[];
  /** Grows with each `put` and `reset`. */
  readonly revision: number;
  /** The tasks that were put after this revision, each once, the newest first. */
  changedSince(revision: number): Iterable<StoredTask>;
  reset(): void;
}

/** The oldest tasks go when there are more, so that a long-running emulator does not grow. */
const MAX_TASKS = 100_000;
/** How many ends of tasks that are open no more may be kept. */
const SPARE = 1_000;

export const isRunning = (state: State | undefined): boolean => state === "pending" || state === "processing";

export function createStore(clock: Clock): Store {
  const tasks = new Map<string, StoredTask>();
  /** Not known to have ended. */
  const open = new Set<StoredTask>();
  let openMicros = 0;
  /** When each was changed last; and all changes in their order, of which those that a later one replaced are passed over. */
  const changedAt = new Map<string, number>();
  let changes: { id: string; at: number }[] = [];
  let revision = 0;
  /** The ends of open tasks, and of such as are open no more: each request asks, and most of them while thousands run. */
  const ends = createDueQueue<StoredTask>();
  /** Those that nobody has taken yet. */
  const ended = new Set<StoredTask>();

  const micros = ({ usd }: StoredTask) => Math.round(usd * 1e6);
  function close(task: StoredTask): boolean {
    if (!open.delete(task)) return false;
    openMicros -= micros(task);
    return true;
  }

  /** What is open then runs. */
  function lookAtEnds(): void {
    if (ends.size === 0) return;
    for (const task of ends.take(clock.now())) if (close(task)) ended.add(task);
  }

  function forget(task: StoredTask | undefined): void {
    if (!task) return;
    close(task);
    ended.delete(task);
  }
  function note(id: string): void {
    changedAt.set(id, ++revision);
    changes.push({ id, at: revision });
    if (changes.length > 2 * changedAt.size + SPARE)
      changes = changes.filter((one) => changedAt.get(one.id) === one.at);
  }

  const state = (task: StoredTask): State => {
    if (task.pinned) return task.pinned;
    const now = clock.now();
    if (now < task.startsAt) return "pending";
    if (now < task.endsAt) return "processing";
    return task.failure ? "failed" : "succeeded";
  };

  return {
    get: (id) => tasks.get(id),
    put(task) {
      forget(tasks.get(task.id));
      tasks.set(task.id, task);
      open.add(task);
      openMicros += micros(task);
      if (!isRunning(task.pinned)) ends.add(task, task.pinned ? -Infinity : task.endsAt);
      if (ends.size > 2 * open.size + SPARE) ends.keep((one) => open.has(one));
      note(task.id);
      for (const [id, old] of tasks) {
        if (tasks.size <= MAX_TASKS) break;
        tasks.delete(id);
        forget(old);
        changedAt.delete(id);
      }
    },
    remove(id) {
      forget(tasks.get(id));
      tasks.delete(id);
      changedAt.delete(id);
      revision++;
    },
    state,
    get revision() {
      return revision;
    },
    changedSince(since) {
      const changed: StoredTask[] = [];
      for (let index = changes.length - 1; index >= 0; index--) {
        const change = changes[index];
        if (!change || change.at <= since) break;
        const task = changedAt.get(change.id) === change.at ? tasks.get(change.id) : undefined;
        if (task) changed.push(task);
      }
      return changed;
    },
    all: () => tasks.values(),
    running() {
      lookAtEnds();
      return [...open];
    },
    get runningCount() {
      lookAtEnds();
      return open.size;
    },
    get runningUsd() {
      lookAtEnds();
      return openMicros / 1e6;
    },
    takeEnded() {
      lookAtEnds();
      if (ended.size === 0) return [];
      const taken = [...ended];
      ended.clear();
      return taken;
    },
    reset() {
      tasks.clear();
      open.clear();
      openMicros = 0;
      ends.keep(() => false);
      ended.clear();
      changedAt.clear();
      changes = [];
      revision++;
    },
  };
}
