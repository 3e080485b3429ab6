// The options of a submit, each with its rule.
import { aCallbackUrl } from "../context/client-options.ts";
import { readOptions, type Rules } from "../task/check-options.ts";
import type { VidtaskEvent } from "../task/events.ts";
import type { Issue } from "../task/issue.ts";
import { aFunction, aNumber, aSignal, isStorable, isText, milliseconds, rule } from "../task/option-rules.ts";

/** Options of one submit. Times are in milliseconds. */
export type SubmitOptions = {
  /**
   * Your name for this submit, such as a row id or a job id: 1 to 64 characters, no control characters, no personal
   * data. Within one journal, the same key never pays twice. @default a random UUID
   */
  idempotencyKey?: string | undefined;
  /**
   * Refuses the request before it is sent if its price in US dollars is higher than this, or not known; `Infinity` accepts any
   * known price. A key that already has a task sends nothing.
   */
  maxPrice?: number | undefined;
  /** `false`: no callback for this submit, although the client has one. */
  callback?: false | undefined;
  /** Your own endpoint for the vendor's callback, sent as it is instead of the client's. https, or loopback if `baseUrl` is on loopback too. */
  callbackUrl?: string | undefined;
  /** Settles the call at once. A paid request that has left runs on, and its answer goes to the journal. */
  signal?: AbortSignal | undefined;
  /** How long queueing and safe retries may take before the paid request starts, in milliseconds; 0 means one try, at once. @default 120 s */
  submitTimeout?: number | undefined;
  /** Called with what this call does, in addition to the client's own `onEvent`. */
  onEvent?: ((event: VidtaskEvent) => void) | undefined;
};

const MAX_KEY = 64;

// A vendor finds it in a URL too.
const isKey = (value: unknown): boolean =>
  isText(value) && value.length > 0 && value.length <= MAX_KEY && isStorable(value);

/** The rule of each option of a submit. */
export const SUBMIT_RULES: Rules<SubmitOptions> = {
  idempotencyKey: rule(`a string of 1 to ${MAX_KEY} characters, without control characters and lone surrogates`, isKey),
  maxPrice: aNumber("US dollars, 0 or more", (usd) => usd >= 0),
  callback: rule(
    "false, or absent: the client's own `callback` is used where there is one",
    (value) => value === false,
  ),
  callbackUrl: aCallbackUrl(), // whether the base URL is on loopback too is the plan's to say
  signal: aSignal,
  submitTimeout: milliseconds(0),
  onEvent: aFunction,
};

/** The options of a submit, and what is wrong with them: it is told together with what is wrong with the request. */
export type CheckedSubmit<T extends SubmitOptions = SubmitOptions> = { options: T; issues: Issue[] };

/** Reads the options of `submit`, or, with `WAIT_RULES` among the rules, those of `generate`. */
export function readSubmitOptions<T extends SubmitOptions>(
  given: T | null | undefined,
  rules: Rules<T>,
  of: string,
): CheckedSubmit<T> {
  const issues: Issue[] = [];
  return { options: readOptions(given, rules, { of, issues }), issues };
}
