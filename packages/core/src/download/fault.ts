// What goes wrong with a download, and what follows from it.

/**
 * `passing`: the same again may work. `stale`: the URL may be dead, a fresh one is asked for. `damaged`: what has arrived
 * is not the file, so it starts again, from a fresh URL. `final`: trying again cannot help.
 */
export type FaultKind = "passing" | "stale" | "damaged" | "final";

export class Fault extends Error {
  override name = "Fault";
  readonly kind: FaultKind;
  /** What the host asks to wait, in ms. */
  declare readonly retryAfterMs?: number;
  constructor(kind: FaultKind, message: string, more: { retryAfterMs?: number | undefined; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.kind = kind;
    if (more.retryAfterMs !== undefined) this.retryAfterMs = more.retryAfterMs;
  }
}
