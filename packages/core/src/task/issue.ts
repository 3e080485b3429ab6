/** One thing that is wrong with a request: where, the rule it breaks, and a sentence for people. */
export type Issue = {
  /** The field or option, as `duration`, `apiKey`, `ref.id`. */
  path: string;
  /** What it must be, as `one of 5, 10`. */
  rule: string;
  message: string;
};

/** An issue whose message says the rule and, when there is one worth showing, the value. */
export function issue(path: string, rule: string, value?: unknown): Issue {
  const shown = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return { path, rule, message: `must be ${rule}${shown ? `, not ${JSON.stringify(value).slice(0, 80)}` : ""}` };
}
