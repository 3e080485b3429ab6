// Which exchanges are open: a request has begun and its response's body was neither read nor cancelled.
// Time under control moves only while none is open: jumping to the next timer while an answer is on its way
// would turn that answer into the caller's time-out.

export interface Exchange {
  /** "GET /api/v1/…", for messages. */
  readonly name: string;
  /** The response was handed over; what is missing is its reading. */
  answered(): void;
  /** Its answer will not come, or at an unknown time: time waits for it only while anything happens. */
  release(): void;
  /** Read, cancelled, failed or aborted. May be called more than once. */
  end(): void;
}

/**
 * Real milliseconds in which nothing happens. Long enough for a caller with a short time-out of its own, which is real even when
 * time is not; short enough for a caller that waits for the emulator's clock.
 */
export const PATIENCE = 500;

export interface Exchanges {
  open(name: string): Exchange;
  /** How many exchanges are open. */
  readonly size: number;
  /** Grows with everything that happens to an exchange. */
  readonly activity: number;
  /** Ends those that will never be answered. */
  readonly hangUps: Set<() => void>;
  /** Names of the open exchanges whose response was handed over but not read. */
  unread(): string[];
  /** Waits no longer for those that were released. False when there is none. */
  giveUp(): boolean;
}

export function createExchanges(): Exchanges {
  const all = new Set<OpenExchange>();
  let activity = 0;

  class OpenExchange implements Exchange {
    readonly name: string;
    isAnswered = false;
    isReleased = false;

    constructor(name: string) {
      this.name = name;
    }

    answered(): void {
      if (this.isAnswered || !all.has(this)) return;
      this.isAnswered = true;
      activity++;
    }

    release(): void {
      if (this.isReleased) return;
      this.isReleased = true;
      activity++;
    }

    end(): void {
      if (all.delete(this)) activity++;
    }
  }

  return {
    open(name) {
      const exchange = new OpenExchange(name);
      all.add(exchange);
      activity++;
      return exchange;
    },
    get size() {
      return all.size;
    },
    get activity() {
      return activity;
    },
    hangUps: new Set(),
    giveUp() {
      const released = [...all].filter(({ isReleased }) => isReleased);
      for (const exchange of released) exchange.end();
      return released.length > 0;
    },
    unread: () => [...all].flatMap(({ name, isAnswered }) => (isAnswered ? [name] : [])),
  };
}
