// The options of a wait, and of one look, each with its rule.
import { aPoll } from "../context/client-options.ts";
import type { PollOptions } from "../context/options.ts";
import type { ClientSettings } from "../context/settings.ts";
import { readOptions, type Rules } from "../task/check-options.ts";
import { InvalidRequestError } from "../task/errors.ts";
import type { VidtaskEvent } from "../task/events.ts";
import type { Issue } from "../task/issue.ts";
import { aBoolean, aFunction, aSignal, milliseconds } from "../task/option-rules.ts";
import type { TaskRef } from "../task/task.ts";
import type { CancelOptions } from "./cancel.ts";
import { ownRef } from "./own-ref.ts";

/** Options of a wait. Times are in milliseconds. */
export type WaitOptions = {
  /** Stops the wait at once with an `AbortedError`; the task runs on. */
  signal?: AbortSignal | undefined;
  /** Limit of this wait, in milliseconds; 0 asks once. A task that takes longer runs on, and you can wait for it again. @default 20 minutes */
  waitTimeout?: number | undefined;
  /** `first`: ms after the submit before the first poll; `interval`: ms between polls. @default the model's documented times */
  poll?: PollOptions | undefined;
  /** Called with what this call does, in addition to the client's own `onEvent`. */
  onEvent?: ((event: VidtaskEvent) => void) | undefined;
};

/** The rule of each option of a wait. */
export const WAIT_RULES: Rules<WaitOptions> = {
  signal: aSignal,
  waitTimeout: milliseconds(0),
  poll: aPoll,
  onEvent: aFunction,
};

export const CANCEL_RULES: Rules<CancelOptions> = { destroy: aBoolean, signal: aSignal };

export const GET_RULES: Rules<Pick<WaitOptions, "signal">> = { signal: aSignal };

type Asking<T> = { given: T | null | undefined; rules: Rules<T>; of: string; issues?: Issue[] };

/**
 * The ref and the options of a call about a task, copied; `issues` are those of what else was given.
 *
 * @throws InvalidRequestError with everything that is wrong
 */
export function checkAsking<T extends object>(
  settings: ClientSettings,
  anyRef: TaskRef,
  { given, rules, of, issues = [] }: Asking<T>,
): { ref: TaskRef; options: T } {
  let ref: TaskRef | undefined;
  try {
    ref = ownRef(settings, anyRef);
  } catch (error) {
    if (!InvalidRequestError.isInstance(error)) throw error;
    issues.push(...error.issues);
  }
  const options = readOptions(given, rules, { of, issues });
  if (ref && issues.length === 0) return { ref, options };
  throw new InvalidRequestError({ vendor: settings.adapter.vendor, phase: "poll", issues, billed: "unknown" });
}
