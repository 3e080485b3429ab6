import type { Interrupt } from "./alarm.ts";
import { whenAborted } from "./when-aborted.ts";
import { whenLate } from "./when-late.ts";

/** The error of an exchange that took its whole time. */
export const tooLong = (ms: number): DOMException =>
  new DOMException(`no whole answer within ${ms} ms`, "TimeoutError");

/**
 * One exchange with a peer, step by step: over before its end when its time is, when its caller leaves, or when something
 * else makes it needless. There is one for every question, so it is made of few things.
 */
export class Exchange {
  /** Whether its caller has left, or something else has made it needless: nobody waits for what comes of it. */
  isLeft = false;
  readonly #controller = new AbortController();
  readonly #forget: (() => void) | undefined;
  readonly #takeBack: (() => void) | undefined;
  #inTime: (() => void) | undefined;
  /** Ends the step that is under way. */
  #stop: ((reason: unknown) => void) | undefined;

  constructor(outer?: AbortSignal, interrupt?: Interrupt) {
    const leave = () => {
      this.isLeft = true;
      this.#abort(outer?.aborted ? outer.reason : "needless"); // without a reason every abort makes an error, with its stack
    };
    if (outer?.aborted) leave();
    else this.#forget = whenAborted(outer, leave);
    this.#takeBack = interrupt?.(leave);
  }

  /** For a `fetch`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** From now on it may take so many ms of real time: it is real even when the client's clock is not. */
  start(ms: number): this {
    this.#inTime = whenLate(ms, () => this.#abort(tooLong(ms)));
    return this;
  }

  /** A step: settles with `work`, or rejects the moment the exchange is over. `work` is not cancelled by that. */
  until<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#stop = reject;
      if (this.signal.aborted) reject(this.signal.reason as Error);
      work.then(resolve, reject);
    });
  }

  /** Lets go of everything that outlives it. */
  end(): void {
    this.#stop = undefined;
    this.#inTime?.();
    this.#forget?.();
    this.#takeBack?.();
  }

  #abort(reason: unknown): void {
    if (this.signal.aborted) return;
    this.#controller.abort(reason);
    this.#stop?.(reason);
  }
}
