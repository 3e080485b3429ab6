// What several processes need to keep one limit together.

/** What one submit asks of the store. Every time is a length, in milliseconds: the store alone reads a clock. */
export type SlotAsk = {
  /** The client's `account`. */
  account: string;
  /** The submit's key: asking again under it renews its slot and never takes a second. */
  holder: string;
  /** How many there are, 1 or more. Every ask counts against its own number. */
  limit: number;
  /** How long it lives unless it is renewed. */
  forMs: number;
  /** Takes one request of this budget too (a burst of one second), or neither. */
  requestsPerMinute?: number | undefined;
};

/** The slot is taken; or when to ask again, in milliseconds: 50 ms to 30 s. */
export type SlotAnswer = { ok: true } | { ok: false; waitMs: number };

/** Slots for running tasks and a limit of requests, shared by every process that uses the same store. */
export interface Slots {
  /** Takes a slot, or says when to ask again. Linearizable: never more than `limit` live holders. @throws if the store is down */
  take(ask: SlotAsk): Promise<SlotAnswer>;
  /** Extends the holder's slot. Without one it takes one, even above the limit, because the task runs and must be counted. */
  hold(ask: Omit<SlotAsk, "requestsPerMinute">): Promise<void>;
  /** Frees the holder's slot: its task has ended, or there is none. Without a slot it does nothing. */
  free(account: string, holder: string): Promise<void>;
  /** Counts one request: returns 0 if it may leave, else how long to wait before asking again, in milliseconds. */
  pass(account: string, requestsPerMinute: number): Promise<number>;
}
