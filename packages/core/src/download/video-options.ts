// What fetching a video is given, each option with its rule.
import type { ClientSettings } from "../context/settings.ts";
import { checkAsking } from "../poll/wait-options.ts";
import type { Rules } from "../task/check-options.ts";
import { aNumber, aSignal } from "../task/option-rules.ts";
import type { TaskRef } from "../task/task.ts";

/** How a video is fetched. */
export type OpenVideoOptions = {
  /** Which video of the task, counted from 0. @default 0 */
  index?: number | undefined;
  /** Stops at once with an `AbortedError`. */
  signal?: AbortSignal | undefined;
  /** A larger video is refused; in bytes, 1 or more. @default 4 GiB */
  maxBytes?: number | undefined;
};

export const OPEN_RULES: Rules<OpenVideoOptions> = {
  index: aNumber("a whole number, 0 or more", (index) => Number.isSafeInteger(index) && index >= 0),
  signal: aSignal,
  maxBytes: aNumber("a number of bytes, 1 or more", (bytes) => bytes >= 1 && Number.isFinite(bytes)),
};

/** @throws InvalidRequestError with everything that is wrong with the options and the ref */
export const checkOpen = (
  settings: ClientSettings,
  task: TaskRef,
  given: OpenVideoOptions | undefined,
): OpenVideoOptions => checkAsking(settings, task, { given, rules: OPEN_RULES, of: "openVideo" }).options;
