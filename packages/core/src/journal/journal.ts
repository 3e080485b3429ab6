// Where submits are remembered, so that none is paid for twice and none is lost.
import type { JsonObject, Task, TaskRef } from "../task/task.ts";
import type { JournalState } from "./states.ts";

/** One logical submit. All plain JSON, ISO times; it holds no API key, no callback token and no media bytes. */
export type JournalEntry = {
  key: string;
  /** The key was drawn, because the caller gave none: no later call submits under it. */
  generatedKey?: true;
  vendor: string;
  model: string;
  /** The kind of task, as in its ref. */
  variant?: string;
  /** The client's `account`. Rows of another account are left alone. */
  account: string;
  /** The canonical request, with files replaced by hash and length. */
  request: JsonObject;
  /** Shows whether another call under this key asks for the same request. */
  requestHash: string;
  state: JournalState;
  /** Grows by one with every write of this key, over all its attempts. */
  version: number;
  /** How many POSTs were begun under this key. */
  attempt: number;
  /** The client that works on the row. */
  owner?: string;
  /** Drawn for every write: whether a write whose answer was lost is in the row, this says and nothing else. */
  writeId?: string;
  /** Until when the owner may start its POST; past it the row is set back. */
  sendBefore?: string;
  /** When the last POST was started. */
  sentAt?: string;
  /** What that POST was given to be found by, where its vendor can be asked for it. */
  token?: string;
  /** When that POST left, by the store's own clock: what its vendor's idempotency window is counted from. */
  windowFrom?: string;
  /** Shows whether a second sending is the same as the first in all that leaves, and in the secrets behind it. */
  postHash?: string;
  /** When the same POST was sent again. */
  resentAt?: string;
  ref?: TaskRef;
  /** A task id from a damaged answer, not confirmed. */
  unconfirmedTaskId?: string;
  /** The task's end. */
  task?: Task;
  /** The planned price in US dollars, where the vendor prints one. */
  priceUsd?: number;
  /** The W3C trace context of the submit that began last, where a listener of `vidtask:submit` has set it. */
  traceparent?: string;
  /** Until when a process may be running `onTask`. */
  deliveryLeaseUntil?: string;
  /** When `onTask` was done. */
  deliveredAt?: string;
  /** Earlier attempts that were refused or lost. */
  previousAttempts?: readonly JsonObject[];
  createdAt: string;
  updatedAt: string;
  /**
   * Only in a list: the stored row cannot be used, and this says why. Beside it the key counts, and what else the store
   * knows of the row without it.
   */
  error?: string;
};

/**
 * A store of submits: one linearizable database, no cache and no read replica in front of it. A call without an answer after
 * 10 s of real time has failed, `findByTask` after 5 s; what it does later is looked for by its `writeId`. A list may take
 * its time.
 */
export interface Journal {
  /** Present when entries survive the process; without it a key protects one process only. */
  readonly durable?: true;
  /**
   * The store's own clock, in ms since 1970: every process then judges by it how old a row is, however far apart the clocks
   * of their machines are. Without it only the process that wrote a row can judge, by a clock that never jumps; to all
   * others a submit that has begun is in flight, `settleSubmit` declares it lost with `force` only, and no other process sends
   * a lost submit again, whatever its vendor documents.
   */
  now?(): Promise<number>;
  /** Atomic insert; replaces a `refused` or `lost` entry of a lower version; otherwise returns the entry that is there. */
  begin(entry: JournalEntry): Promise<JournalEntry | undefined>;
  /**
   * Compare-and-set: applies the patch at that version only, adds one to the version and returns the new entry.
   * Changes nothing and returns nothing at another version, or when another entry has the patch's ref.
   *
   * `from` is the entry as the caller has just read or written it: a store that cannot merge in one statement may use it
   * instead of reading again. It is a hint, and one of another key or version must be ignored.
   */
  update(
    key: string,
    version: number,
    patch: Partial<JournalEntry>,
    from?: JournalEntry,
  ): Promise<JournalEntry | undefined>;
  /** The entry whose `ref` has this vendor and id. */
  findByTask(ref: TaskRef): Promise<JournalEntry | undefined>;
  /** The entry of a key. @throws when it is there and cannot be read: it is not as if it were not there */
  get(key: string): Promise<JournalEntry | undefined>;
  /**
   * The entries in one of these states that were last written at `since` (ISO 8601) or later; without a filter, all. A row
   * that cannot be read is an item with `error`, and does not end the list.
   *
   * `newestFirst`: those that were begun last come first, for a reader that leaves early. It is a hint: a store that keeps no
   * order may ignore it.
   */
  list(filter?: {
    state?: readonly JournalState[] | undefined;
    since?: string | undefined;
    newestFirst?: boolean | undefined;
  }): AsyncIterable<JournalEntry>;
}
