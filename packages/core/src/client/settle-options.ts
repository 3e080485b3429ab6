// What `settleSubmit` is given, with its rules.
import { aJournal } from "../journal/journal-options.ts";
import type { Journal } from "../journal/journal.ts";
import { readOptions, type Rule, type Rules } from "../task/check-options.ts";
import { InvalidRequestError } from "../task/errors.ts";
import { issue, type Issue } from "../task/issue.ts";
import { aBoolean, aFilledText, required } from "../task/option-rules.ts";
import { parseRef } from "../task/parse-ref.ts";
import type { TaskRef } from "../task/task.ts";
import type { VideoClient } from "./client.ts";
import { aClient } from "./members.ts";

/** How `settleSubmit` closes a submit. */
export type SettleSubmitOptions = {
  /** Declares it lost at once, at your own risk: if its task turns up later, you have paid for it and for the next one. */
  force?: boolean | undefined;
  /**
   * The vendor's client, or a router. It provides the clock, and how long a task may take to turn up. Give it if tasks may take
   * longer than the default. @default real time, and an hour
   */
  client?: VideoClient | undefined;
};

type Given = { journal: Journal; idempotencyKey: string; outcome: TaskRef | "lost" };

/** `"lost"`, or a ref, also as `formatRef` writes it. */
const anOutcome: Rule = (value, path, issues) => {
  if (value === "lost") return value;
  try {
    return parseRef(value);
  } catch (error) {
    if (!InvalidRequestError.isInstance(error)) throw error;
    const isRef = typeof value === "object";
    if (!isRef) issues.push(issue(path, '"lost", or the ref of its task', value));
    else for (const found of error.issues) issues.push({ ...found, path: found.path.replace(/^ref/, path) });
    return undefined;
  }
};

// A key of the journal may be older than the rules for new ones.
const GIVEN_RULES: Rules<Given> = {
  journal: /* @__PURE__ */ required("the journal of the submit", aJournal),
  idempotencyKey: /* @__PURE__ */ required("the key of the submit", aFilledText),
  outcome: /* @__PURE__ */ required('"lost", or the ref of its task', anOutcome),
};
const RULES: Rules<SettleSubmitOptions> = { force: aBoolean, client: aClient };

/** A call of `settleSubmit`. */
export type CheckedSettle = Given & SettleSubmitOptions;

/** @throws InvalidRequestError with everything that is wrong */
export function checkSettle(given: Given, givenOptions: SettleSubmitOptions | undefined): CheckedSettle {
  const issues: Issue[] = [];
  const about = { of: "settleSubmit", issues };
  const all = { ...readOptions(given, GIVEN_RULES, about), ...readOptions(givenOptions, RULES, about) };
  if (issues.length > 0) throw new InvalidRequestError({ vendor: "", phase: "submit", issues, billed: "unknown" });
  return all;
}
