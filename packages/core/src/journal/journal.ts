import type { JsonObject, Task, TaskRef } from "../task/task.ts";

/**
 * Where a submit stands. `begun`: nothing has left; `sending`: the paid request may be on its way; `accepted`: the task
 * exists; `refused`: it does not; `unknown`: nobody can say; `lost`: declared not to exist; the last two are the task's end.
 */
export type JournalState = "begun" | "sending" | "accepted" | "refused" | "unknown" | "lost" | "succeeded" | "failed";

/** One logical submit. All plain JSON, ISO times; it holds no API key, no token and no media bytes. */
export type JournalEntry = {
  key: string;
  /** The key was drawn, because the caller gave none: nobody submits under it again. */
  keyless?: true;
  vendor: string;
  model: string;
  /** The client's `account`: a row of another one is left alone. */
  account: string;
  /** The canonical request, with files replaced by hash and length. */
  request: JsonObject;
  /** What tells another request under the same key. */
  requestHash: string;
  state: JournalState;
  /** Grows by one with every write of this key, over all its attempts. */
  version: number;
  /** How many POSTs were begun under this key. */
  attempt: number;
  /** The client that works on the row. */
  owner?: string;
  /** Until when the owner may start its POST; past it the row is set back. */
  sendBefore?: string;
  /** When the last POST was started. */
  sentAt?: string;
  ref?: TaskRef;
  /** A task id from a damaged answer, not confirmed. */
  candidate?: string;
  /** The task's end. */
  task?: Task;
  /** The planned price in US dollars, where the vendor prints one. */
  usd?: number;
  /** Until when a process may be running `onTask`. */
  handlingUntil?: string;
  /** When `onTask` was done. */
  handledAt?: string;
  /** Earlier attempts that were refused or lost. */
  previous?: readonly JsonObject[];
  createdAt: string;
  updatedAt: string;
};

/** A store of submits: one linearizable database, no cache and no read replica in front of it. */
export interface Journal {
  /** Present when entries survive the process; without it a key protects one process only. */
  readonly durable?: true;
  /** Atomic insert; replaces a `refused` or `lost` entry of a lower version; otherwise returns the entry that is there. */
  begin(entry: JournalEntry): Promise<JournalEntry | undefined>;
  /**
   * Compare-and-set: applies the patch at that version only, adds one to the version and returns the new entry.
   * Changes nothing and returns nothing at another version, or when another entry has the patch's ref.
   */
  update(key: string, version: number, patch: Partial<JournalEntry>): Promise<JournalEntry | undefined>;
  /** The entry whose `ref` has this vendor and id. */
  find(ref: TaskRef): Promise<JournalEntry | undefined>;
  /** The entry of a key. */
  get(key: string): Promise<JournalEntry | undefined>;
  /** The entries in one of these states that were last written at `since` (ISO 8601) or later; without a filter, all. */
  list(filter?: { state?: readonly JournalState[]; since?: string }): AsyncIterable<JournalEntry>;
}

// What may follow what: `accepted` is never overwritten by less.
const NEXT: { readonly [state in JournalState]: readonly JournalState[] } = {
  begun: ["sending", "refused"],
  sending: ["begun", "accepted", "refused", "unknown"],
  accepted: ["succeeded", "failed"],
  refused: ["accepted"],
  unknown: ["accepted", "lost"],
  lost: ["accepted"],
  succeeded: [],
  failed: [],
};

/** True when a row may go from one state to another; staying is always allowed. */
export const mayFollow = (from: JournalState, to: JournalState): boolean => from === to || NEXT[from].includes(to);

/** Ended submits without a key that a journal in memory keeps, for callbacks that come late or twice. */
const ENDED_KEPT = 10_000;
const ENDS: ReadonlySet<JournalState> = new Set(["refused", "lost", "succeeded", "failed"]);

/**
 * A journal in memory, about a kilobyte per submit. It protects a key within this process; use a durable one to survive
 * a restart. Submits with a key stay for as long as the process lives, others until they have ended, and then the last
 * ten thousand of them.
 */
export function memoryJournal(): Journal {
  const rows = new Map<string, JournalEntry>();
  const byRef = new Map<string, string>();
  /** Keys of ended submits without a caller's key, the longest ended first. */
  const ended = new Set<string>();
  const refKey = (ref: TaskRef) => JSON.stringify([ref.vendor, ref.id]);
  const forgetRef = (key: string): void => {
    const { ref } = rows.get(key) ?? {};
    if (ref) byRef.delete(refKey(ref));
  };
  const store = (entry: JournalEntry): JournalEntry => {
    const row = structuredClone(entry);
    forgetRef(row.key);
    rows.set(row.key, row);
    if (row.ref) byRef.set(refKey(row.ref), row.key);
    ended.delete(row.key);
    if (row.keyless && ENDS.has(row.state)) ended.add(row.key);
    for (const oldest of ended) {
      if (ended.size <= ENDED_KEPT) break;
      forgetRef(oldest);
      rows.delete(oldest);
      ended.delete(oldest);
    }
    return structuredClone(row);
  };
  return {
    async begin(entry) {
      const found = rows.get(entry.key);
      const isReplaceable = found?.state === "refused" || found?.state === "lost";
      if (found && !(isReplaceable && entry.version > found.version)) return structuredClone(found);
      store(entry);
      return undefined;
    },
    async update(key, version, patch) {
      const found = rows.get(key);
      if (found?.version !== version) return undefined;
      const holder = patch.ref && byRef.get(refKey(patch.ref));
      if (holder !== undefined && holder !== key) return undefined;
      return store({ ...found, ...patch, key, version: version + 1 });
    },
    async get(key) {
      const found = rows.get(key);
      return found && structuredClone(found);
    },
    async find(ref) {
      const key = byRef.get(refKey(ref));
      return key === undefined ? undefined : structuredClone(rows.get(key));
    },
    async *list({ state, since } = {}) {
      for (const row of rows.values())
        if ((!state || state.includes(row.state)) && (since === undefined || row.updatedAt >= since))
          yield structuredClone(row);
    },
  };
}
