// What `saveVideo` is given, each option with its rule.
import type { ClientSettings } from "../context/settings.ts";
import { OPEN_RULES, type OpenVideoOptions } from "../download/video-options.ts";
import { checkAsking } from "../poll/wait-options.ts";
import type { Rules } from "../task/check-options.ts";
import { requiredIssue, type Issue } from "../task/issue.ts";
import { aFunction, isText, rule } from "../task/option-rules.ts";
import type { TaskRef } from "../task/task.ts";

/** Options of `saveVideo`. */
export type SaveVideoOptions = OpenVideoOptions & {
  /** Called after every chunk with the bytes so far and, if the host gives it, the total. Errors that it throws are ignored. */
  onProgress?: ((bytes: number, total: number | undefined) => void) | undefined;
};

const PATH_RULE = "the path of the file to write";
const aPath = rule(PATH_RULE, (value) => isText(value) && value !== "" && !value.includes("\0"));

const SAVE_RULES: Rules<SaveVideoOptions> = { ...OPEN_RULES, onProgress: aFunction };

/** @throws InvalidRequestError with everything that is wrong with the options, the path and the ref */
export function checkSave(
  settings: ClientSettings,
  { task, path }: { task: TaskRef; path: string },
  given: SaveVideoOptions | undefined,
): SaveVideoOptions {
  const issues: Issue[] = [];
  if (path === undefined || path === null) issues.push(requiredIssue("path", PATH_RULE));
  else aPath(path, "path", issues);
  return checkAsking(settings, task, { given, rules: SAVE_RULES, of: "saveVideo", issues }).options;
}
