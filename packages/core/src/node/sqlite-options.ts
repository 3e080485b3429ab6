// What `sqliteJournal` is given, with its rules.
import { readOptions, type Rules } from "../task/check-options.ts";
import { InvalidRequestError } from "../task/errors.ts";
import type { Issue } from "../task/issue.ts";
import { aBoolean, isText, rule } from "../task/option-rules.ts";

/** What the journal keeps. */
export type SqliteJournalOptions = {
  /** `false` keeps the SHA-256 of `prompt`, `negativePrompt` and `extraBody` instead of them. @default true */
  prompts?: boolean | undefined;
};

const PATH_RULE = "the path of a file: a journal in memory is memoryJournal()";
const isPath = (value: unknown): boolean => isText(value) && value !== "" && !/^(:memory:|file:)|\0/.test(value);

const aPath = rule(PATH_RULE, isPath);
const RULES: Rules<SqliteJournalOptions> = { prompts: aBoolean };

/** @throws InvalidRequestError with everything that is wrong */
export function checkSqliteOptions(path: string, given: SqliteJournalOptions | undefined): SqliteJournalOptions {
  const issues: Issue[] = [];
  aPath(path ?? "", "path", issues);
  const options = readOptions(given, RULES, { of: "sqliteJournal", issues });
  if (issues.length > 0) throw new InvalidRequestError({ vendor: "", phase: "plan", issues });
  return options;
}
