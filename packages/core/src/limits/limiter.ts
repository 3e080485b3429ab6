// One limiter per client: how many requests leave, how many tasks run. The vendor's 429 has the last word.
import type { VendorError } from "../task/errors.ts";
import { backoff, safeDelay, type Clock } from "../time/clock.ts";
import { createDepartures } from "./departures.ts";
import { createQueue, createTimer } from "./queue.ts";
import type { Slots } from "./shared-slots.ts";
import { createSlots, type Slot } from "./slots.ts";

/** The limits a client keeps. */
export type Limits = {
  /** Requests of every kind. */
  requestsPerMinute?: number | undefined;
  /** Tasks from before their submit to their end. */
  concurrentTasks?: number | undefined;
  /**
   * Where they are counted, for several processes on one account; without numbers of yours those of the vendor. When it
   * fails, submits are refused (`billed: "no"`, retryable), and polls go on under this client's own count.
   * @default in this client
   */
  shared?: Slots | undefined;
};

export type Limiter = {
  /**
   * Resolves when a request may leave; nothing where it may at once. Polls go before submits: a queue of submits must not
   * starve the waits. A poll leaves at `latest` (of `clock.elapsed()`) whatever holds it back: a wait's last one, when its
   * deadline has come.
   */
  pass(kind: "poll" | "submit", signal?: AbortSignal, latest?: number): Promise<void> | undefined;
  /** Whether a submit would pass at once. */
  isOpen(): boolean;
  /** Whether more than half of the requests of a minute have left in the last one. */
  isBusy(): boolean;
  /** A poll that had passed has been answered. */
  left(): void;
  /** After a 429 nothing leaves for this long; then the rate grows step by step. */
  coolDown(ms: number, error: VendorError): void;
  /** How long a request that comes now would be held back, in ms, if no other came before it. */
  opensIn(): number;
  /** The 429 that holds requests back now: nothing leaves because of it, or little. */
  limitedBy(): VendorError | undefined;
  /** Resolves with a slot for one more task. */
  take(signal?: AbortSignal): Promise<Slot>;
  /** Whether `take` would resolve at once. */
  hasSlot(): boolean;
  /** A task has ended, and its slot is free. */
  ended(taskId: string): void;
};

const MINUTE = 60_000;
const MAX_POLLS = 32;
/** After a cool-down one request leaves in the first second, two in the next, four, … for this long. */
const RAMP = 10_000;

export function createLimiter(clock: Clock, limits: Limits): Limiter {
  const requestsPerMinute = atLeastOne(limits.requestsPerMinute);
  const polls = createQueue(pump);
  const submits = createQueue(pump);
  const departures = createDepartures(Number.isFinite(requestsPerMinute) ? requestsPerMinute : 1);
  let polling = 0;
  let coolUntil = -Infinity;
  let limit: VendorError | undefined;
  const wakeAt = createTimer(clock, pump);

  /** When a request may leave next. */
  function freeAt(now: number): number {
    if (now < coolUntil) return coolUntil;
    const forLimit = Number.isFinite(requestsPerMinute) ? departures.last(requestsPerMinute) + MINUTE : -Infinity;
    const gap = now - coolUntil < RAMP ? 1000 / 2 ** Math.floor((now - coolUntil) / 1000) : 0;
    return Math.max(forLimit, departures.last(1) + gap);
  }

  function pump(): void {
    for (;;) {
      const now = clock.elapsed();
      const isDue = polls.earliest() <= now;
      const queue = isDue || (polling < MAX_POLLS && polls.size > 0) ? polls : submits;
      const at = isDue ? now : queue.size === 0 ? Infinity : freeAt(now);
      if (at > now) return wakeAt(Math.min(at, polls.earliest()));
      departures.note(now);
      if (queue === polls) polling++;
      queue.next(isDue ? "latest" : undefined);
    }
  }

  return {
    pass(kind, signal, latest) {
      signal?.throwIfAborted();
      const now = clock.elapsed();
      const isFree = polls.size === 0 && (kind === "poll" ? polling < MAX_POLLS : submits.size === 0);
      if (!isFree || freeAt(now) > now) return (kind === "poll" ? polls : submits).enter({ signal, latest });
      departures.note(now);
      if (kind === "poll") polling++;
      return undefined;
    },
    isOpen() {
      const now = clock.elapsed();
      return polls.size === 0 && submits.size === 0 && freeAt(now) <= now;
    },
    isBusy: () =>
      Number.isFinite(requestsPerMinute) &&
      departures.last(Math.ceil(requestsPerMinute / 2)) > clock.elapsed() - MINUTE,
    left() {
      polling--;
      pump();
    },
    coolDown(ms, error) {
      coolUntil = Math.max(coolUntil, clock.elapsed() + safeDelay(ms));
      limit = error;
    },
    opensIn() {
      const now = clock.elapsed();
      let at = now;
      for (let next = freeAt(at); next > at; next = freeAt(at)) at = next;
      return at - now;
    },
    limitedBy: () => (clock.elapsed() - coolUntil < RAMP ? limit : undefined),
    ...createSlots(clock, atLeastOne(limits.concurrentTasks)),
  };
}

// With less than one nothing would ever leave.
const atLeastOne = (limit = Infinity): number => (limit >= 1 ? Math.floor(limit) : 1);

/** How long nothing leaves after a 429: what the vendor asks for, at most ten minutes, else a short random time. */
export const coolDownMs = (retryAfterMs: number | undefined): number =>
  retryAfterMs === undefined ? 500 + backoff(1) : Math.min(retryAfterMs, 600_000);
