import type { TaskRef } from "../task/task.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import { checkListFilter } from "./list-options.ts";
import type { JournalState } from "./states.ts";

/** How many ended submits with a generated key stay in memory, for callbacks that come late or twice. */
const ENDED_KEPT = 10_000;

const ENDS: ReadonlySet<JournalState> = new Set(["refused", "lost", "succeeded", "failed"]);

/** Rows are plain JSON: for these this takes a seventh of the time of `structuredClone`. */
function copyOf<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  const copy = { ...value } as { [name: string]: unknown };
  for (const name of Object.keys(copy)) {
    const member = copy[name];
    if (typeof member === "object") copy[name] = copyOf(member);
  }
  return copy as T;
}

/**
 * Creates a journal in memory, about a kilobyte per submit. It protects keys within this process; use a durable journal to
 * survive a restart. Submits with a key of yours are kept as long as the process lives; of the others, those that have not ended
 * and the last ten thousand that have.
 */
export function memoryJournal(): Journal {
  const rows = new Map<string, JournalEntry>();
  const byRef = new Map<string, string>();
  /** Generated keys of ended submits, oldest end first. */
  const ended = new Set<string>();
  const refKey = (ref: TaskRef) => JSON.stringify([ref.vendor, ref.id]);
  const forgetRef = (key: string): void => {
    const { ref } = rows.get(key) ?? {};
    if (ref) byRef.delete(refKey(ref));
  };
  /** Of a row that nobody else has. */
  const store = (row: JournalEntry): void => {
    forgetRef(row.key);
    rows.set(row.key, row);
    if (row.ref) byRef.set(refKey(row.ref), row.key);
    ended.delete(row.key);
    if (row.generatedKey && ENDS.has(row.state)) ended.add(row.key);
    for (const oldest of ended) {
      if (ended.size <= ENDED_KEPT) break;
      forgetRef(oldest);
      rows.delete(oldest);
      ended.delete(oldest);
    }
  };
  return {
    async begin(entry) {
      const found = rows.get(entry.key);
      const isReplaceable = found?.state === "refused" || found?.state === "lost";
      if (found && !(isReplaceable && entry.version > found.version)) return copyOf(found);
      store(copyOf(entry));
      return undefined;
    },
    async update(key, version, patch) {
      const found = rows.get(key);
      if (found?.version !== version) return undefined;
      const holder = patch.ref && byRef.get(refKey(patch.ref));
      if (holder !== undefined && holder !== key) return undefined;
      const row = { ...found, ...copyOf(patch), key, version: version + 1 };
      store(row);
      return copyOf(row);
    },
    async get(key) {
      const found = rows.get(key);
      return found && copyOf(found);
    },
    async findByTask(ref) {
      const key = byRef.get(refKey(ref));
      return key === undefined ? undefined : copyOf(rows.get(key));
    },
    async *list(filter) {
      const { state, since, newestFirst } = checkListFilter(filter);
      for (const row of newestFirst ? [...rows.values()].toReversed() : rows.values())
        if ((!state || state.includes(row.state)) && (since === undefined || row.updatedAt >= since)) yield copyOf(row);
    },
  };
}
