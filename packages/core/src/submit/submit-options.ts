// The options of a submit, each with its rule.
import { aCallbackUrl } from "../context/client-options.ts";
import { readOptions, type Rules } from "../task/check-options.ts";
import type { VidtaskEvent } from "../task/events.ts";
import type { Issue } from "../task/issue.ts";
import { aFunction, aNumber, aSignal, isStorable, isText, milliseconds, rule } from "../task/option-rules.ts";

/** Options of one submit. Times in milliseconds. */
export type SubmitOptions = {
  /**
   * Your name for this submit: a row id, a job id. 1 to 64 characters, none of them a control character, without personal
   * data. The same key never pays twice under one journal. @default a random UUID
   */
  idempotencyKey?: string | undefined;
  /**
   * Refuse before sending when the price in US dollars is above this, or is not known; `Infinity` takes any price that is
   * known. A key that has its task sends nothing.
   */
  maxPrice?: number | undefined;
  /** `false`: no callback for this submit, although the client has one. */
  callback?: false | undefined;
  /** An endpoint of your own for the vendor's callback, sent verbatim in place of the client's. https, or loopback when `baseUrl` is too. */
  callbackUrl?: string | undefined;
  /** Settles the call at once. A POST that has left runs on and is journaled. */
  signal?: AbortSignal | undefined;
  /** How long queueing and safe retries may take before a POST starts; 0 is one try, at once. @default 120 s */
  submitTimeout?: number | undefined;
  /** Sees what this call does, beside the client's own `onEvent`. */
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
