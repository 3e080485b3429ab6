// The emulator's clocks. The client takes the same object, so both live in one time.
import type { Clock } from "@vidtask/core";

/**
 * How time passes: `"real"`, `"manual"` (only in `advance` and `until`), or `speed` times as fast as real time: what takes a
 * minute takes a second at `{ speed: 60 }`. The dates that a vendor tells then stay those of the calendar.
 */
export type ClockMode = "real" | "manual" | { speed: number };

export interface EmulatorClock extends Clock {
  /**
   * Lets `ms` milliseconds pass and settles what became due on the way. Manual: goes from due sleeper to due
   * sleeper at once, each time after everything that was woken has come to rest and no exchange with the emulator is
   * open. Real and accelerated: sleeps that long on this clock.
   *
   * @throws RangeError when `ms` is negative or not finite.
   */
  advance(ms: number): Promise<void>;
  /**
   * The outcome of `promise`. Manual: moves from timer to timer until it settles; rejects when nothing is left that
   * could settle it (no timer, no open exchange, nothing happening for 4 s of real time). Real and accelerated: just
   * waits for it.
   */
  until<T>(promise: Promise<T>): Promise<T>;
}

/** The clock as the emulator itself uses it. */
export interface OwnClock extends EmulatorClock {
  /** The real milliseconds that a receiver of a callback has in any case, however fast this clock goes. */
  readonly patience: number;
  /** @param background the process need not stay alive for it. @default false */
  sleep(ms: number, signal?: AbortSignal, background?: boolean): Promise<void>;
  /**
   * The date that a vendor tells for a time of this clock. Accelerated: the calendar's, which goes on at its own pace, so that a
   * process that lives in real time takes what it is told for today's.
   */
  dateOf(at: number): number;
  /** Moves this clock, dates included, at once, and wakes who is due by then. Manual: as `advance`. */
  skip(ms: number): Promise<void>;
}

/** `setTimeout` fires at once for a delay above 2^31 - 1 ms, so every delay goes through here. */
export function delayOf(ms: number): number {
  return Math.min(Math.max(0, ms || 0), 2 ** 30);
}

export function checkAdvance(ms: number): void {
  if (!Number.isFinite(ms) || ms < 0) {
    throw new RangeError(
      `advance: ms must be a finite number of milliseconds, 0 or more, not ${String(ms)}; time never goes back`,
    );
  }
}

/** @throws TypeError for what is nothing that can be waited for */
export function checkPromise(value: unknown): void {
  if (typeof (value as PromiseLike<unknown> | null | undefined)?.then !== "function")
    throw new TypeError(`until: the argument must be a promise, not ${typeof value}; call what gives one`);
}
