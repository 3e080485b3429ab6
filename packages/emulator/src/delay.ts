// What every clock asks of a number of milliseconds.

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
