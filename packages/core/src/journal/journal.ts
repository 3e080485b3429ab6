// Where submits are remembered, so that none is paid for twice and none is lost.
import type { JsonObject, Task, TaskRef } from "../task/task.ts";
import type { JournalState } from "./states.ts";

/** One logical submit, as plain JSON with ISO times. It never contains an API key, a callback token or the bytes of a file. */
export type JournalEntry = {
  key: string;
  /** The caller gave no key, so vidtask generated one: no later call submits under it. */
  generatedKey?: true;
  vendor: string;
  model: string;
  /** The kind of task, the same as in its ref. */
  variant?: string;
  /** The client's `account`. A client never touches rows of another account. */
  account: string;
  /** The canonical request, with files replaced by hash and length. */
  request: JsonObject;
  /** A hash that shows whether another call under this key makes the same request. */
  requestHash: string;
  state: JournalState;
  /** Increases by one with every write under this key, across all its attempts. */
  version: number;
  /** The number of POSTs started under this key. */
  attempt: number;
  /** The client that is working on the row. */
  owner?: string;
  /** New for every write. It alone shows whether a write whose answer was lost has reached the row. */
  writeId?: string;
  /** The time by which the owner must start its POST; after that the row is reset. */
  sendBefore?: string;
  /** When the last POST started. */
  sentAt?: string;
  /** The token of that POST, kept if a lost task can be found by it. */
  token?: string;
  /** When that POST left, by the store's own clock: the vendor's idempotency window starts here. */
  windowFrom?: string;
  /** A hash that shows whether a second POST would send exactly what the first one sent, with the same secrets. */
  postHash?: string;
  /** When the same POST was sent again. */
  resentAt?: string;
  ref?: TaskRef;
  /** A task id from a damaged answer, not confirmed. */
  unconfirmedTaskId?: string;
  /** The task as it ended. */
  task?: Task;
  /** The planned price in US dollars, if the vendor publishes one. */
  priceUsd?: number;
  /** The W3C trace context of the latest submit, if a listener of `vidtask:submit` set it. */
  traceparent?: string;
  /** The time until which a process may be running `onTask`. */
  deliveryLeaseUntil?: string;
  /** When `onTask` finished. */
  deliveredAt?: string;
  /** Earlier attempts, which were refused or lost. */
  previousAttempts?: readonly JsonObject[];
  createdAt: string;
  updatedAt: string;
  /**
   * Only in a list: why the stored row cannot be used. Then only the key is reliable, and whatever the store knows about the
   * row from elsewhere.
   */
  error?: string;
};

/**
 * A store of submits: one linearizable database, with no cache and no read replica in front of it. vidtask treats a call as
 * failed if it has no answer after 10 s of real time, `findByTask` after 5 s; by its `writeId` it recognizes a write that
 * succeeds later. `list` has no time limit.
 */
export interface Journal {
  /** True if entries survive the process. Without it, a key protects only within one process. */
  readonly durable?: true;
  /**
   * The store's own clock, in ms since 1970. With it, all processes agree on the age of a row, however far apart the clocks
   * of their machines are. Without it, only the process that wrote a row knows its age, by a clock that never jumps: for all
   * others a started submit stays in flight, `settleSubmit` needs `force` to declare it lost, and no other process sends a
   * lost submit again, whatever its vendor documents.
   */
  now?(): Promise<number>;
  /** Inserts atomically. Replaces a `refused` or `lost` entry of a lower version; otherwise returns the existing entry. */
  begin(entry: JournalEntry): Promise<JournalEntry | undefined>;
  /**
   * Compare-and-set: if the entry has this version, applies the patch, adds one to the version and returns the new entry.
   * Otherwise, or if another entry has the patch's ref, changes nothing and returns `undefined`.
   *
   * `from` is the entry as the caller last read or wrote it: a store that cannot merge in one statement may use it instead of
   * reading again. It is a hint; ignore it if its key or version differs.
   */
  update(
    key: string,
    version: number,
    patch: Partial<JournalEntry>,
    from?: JournalEntry,
  ): Promise<JournalEntry | undefined>;
  /** Returns the entry whose `ref` has this vendor and id. */
  findByTask(ref: TaskRef): Promise<JournalEntry | undefined>;
  /** Returns the entry of a key. @throws if it exists but cannot be read: that is not the same as no entry */
  get(key: string): Promise<JournalEntry | undefined>;
  /**
   * Lists the entries in one of these states that were last written at `since` (ISO 8601) or later; all, without a filter. A
   * row that cannot be read becomes an item with `error`, and the list goes on.
   *
   * `newestFirst` lists the latest submits first, for a reader that stops early. It is a hint: a store without an order may
   * ignore it.
   */
  list(filter?: {
    state?: readonly JournalState[] | undefined;
    since?: string | undefined;
    newestFirst?: boolean | undefined;
  }): AsyncIterable<JournalEntry>;
}
