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

/** Slots for running tasks and a budget of requests, shared by every process that has a handle on one store. */
export interface Slots {
  /** A slot, or when to ask again. Linearizable: never more than `limit` live holders. @throws when the store is down */
  take(ask: SlotAsk): Promise<SlotAnswer>;
  /** Lengthens the holder's slot; without one it takes one, above the limit too: the task runs, and is counted. */
  hold(ask: Omit<SlotAsk, "requestsPerMinute">): Promise<void>;
  /** The task has ended, or there is none. Freeing what is not held changes nothing. */
  free(account: string, holder: string): Promise<void>;
  /** One request of the budget: 0 when it may leave, else how long to wait before asking again, in milliseconds. */
  pass(account: string, requestsPerMinute: number): Promise<number>;
}
