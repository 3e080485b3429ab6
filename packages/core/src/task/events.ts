import { callQuietly } from "./call-quietly.ts";
import type { JsonObject, Task, TaskRef } from "./task.ts";

/** Something you should know before or after money is spent. */
export type Warning = {
  /** What it is about: a field of the request, `price`, `journal`, `state`. */
  about: string;
  /**
   * `dropped`, `changed`: a field was left out or changed for a vendor; `experimental`: a name that the vendor does not
   * document; `contested`: its pages contradict each other; `unpriced`: something that the price may not include; `unchecked`: a model that this version does not list; `not-durable`: a key on a journal that does not outlive the
   * process; `odd-answer`: an answer that fits no documented order.
   */
  kind: "dropped" | "changed" | "experimental" | "contested" | "unpriced" | "unchecked" | "not-durable" | "odd-answer";
  message: string;
};

/**
 * What a client does. Events contain no secrets, and a listener cannot change anything.
 *
 * - `request`, `response`: one exchange with the vendor. `retry`: the paid request is sent again, because it provably never
 *   left or was rate limited. `fault`: something went wrong, but the call goes on.
 * - `route`: a router has chosen a vendor. `accepted`: the task exists. `state`: it has changed.
 * - `warning`: worth knowing.
 * - `alarm`: worth waking a person. `double_charge`: two tasks under one key; `late_accept`: a task turned up for a submit
 *   that had been closed; `callback_mismatch`: a callback names another task than its key has; `journal_failed`: what is
 *   known could not be written; `limits_failed`: shared limits or a budget could not be asked, and polls go on without them.
 */
export type VidtaskEvent =
  | {
      type: "request" | "response" | "retry" | "fault";
      /** Where it happened: `submit`, `poll`, `callback`, `download`. */
      phase: string;
      ref?: TaskRef;
      idempotencyKey?: string;
      /** The HTTP status of a response. */
      status?: number;
      /** Counts from 1. */
      attempt?: number;
      /** Milliseconds until the next try. */
      waitMs?: number;
      error?: JsonObject;
    }
  | { type: "route"; vendor: string; model: string; reason: string; idempotencyKey: string }
  | { type: "accepted"; idempotencyKey: string; ref: TaskRef }
  | { type: "state"; task: Task }
  | { type: "warning"; warning: Warning; idempotencyKey?: string }
  | {
      type: "alarm";
      alarm: "double_charge" | "late_accept" | "callback_mismatch" | "journal_failed" | "limits_failed";
      message: string;
      idempotencyKey?: string;
      ref?: TaskRef;
    };

/** A listener of events. */
export type OnEvent = (event: VidtaskEvent) => void;

/** One function that tells every listener; a listener that throws, rejects or hangs disturbs nothing. */
export const emitter = (...listeners: readonly (OnEvent | undefined)[]): OnEvent =>
  listeners.some((listener) => listener)
    ? (event) => {
        for (const listener of listeners) if (listener) callQuietly(() => listener(structuredClone(event)));
      }
    : toNobody;

const toNobody: OnEvent = () => {};

/** Whether anybody listens: where events are many, those for nobody are not made. */
export const isHeard = (emit: OnEvent): boolean => emit !== toNobody;
