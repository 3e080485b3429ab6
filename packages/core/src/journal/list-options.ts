// What the `list` and `prune` of a journal are given, with its rules.
import { checkOptions, type Rule, type Rules } from "../task/check-options.ts";
import { issue } from "../task/issue.ts";
import { aBoolean, isIsoTime, required, rule } from "../task/option-rules.ts";
import type { Journal } from "./journal.ts";
import { isJournalState } from "./states.ts";

type ListFilter = NonNullable<Parameters<Journal["list"]>[0]>;

/** A time as rows have it, whatever zone it was written in. */
const anIsoTime: Rule = (value, path, issues) => {
  if (isIsoTime(value)) return new Date(value).toISOString();
  issues.push(issue(path, "an ISO 8601 time, as toISOString() writes it", value));
  return undefined;
};

const LIST_RULES: Rules<ListFilter> = {
  state: rule("a list of states of a submit", (value) => Array.isArray(value) && value.every(isJournalState)),
  since: anIsoTime,
  newestFirst: aBoolean,
};

const PRUNE_RULES: Rules<{ before: string }> = { before: required("an ISO 8601 time", anIsoTime) };

const about = { vendor: "", phase: "plan" } as const;

/** The filter of a list. @throws InvalidRequestError */
export const checkListFilter = (filter: ListFilter | undefined): ListFilter =>
  checkOptions(filter, LIST_RULES, { of: "list", ...about });

/** What is pruned. @throws InvalidRequestError */
export const checkPrune = (options: { before: string }): { before: string } =>
  checkOptions(options, PRUNE_RULES, { of: "prune", ...about });
