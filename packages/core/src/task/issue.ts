/** One thing that is wrong with a request or an option: where, the rule it breaks, and a sentence for people. */
export type Issue = {
  /** The field or option, as `duration`, `apiKey`, `ref.id`. */
  path: string;
  /** What it must be, as `one of 5, 10`. */
  rule: string;
  message: string;
};

/** An issue whose message says the rule and, when it is given, the value, or what kind of value it is. */
export const issue = (path: string, rule: string, value?: unknown): Issue => ({
  path,
  rule,
  message: `must be ${rule}${value === undefined ? "" : `, not ${shown(value)}`}`,
});

/** Of a value of a wrong kind. A text is not shown: in the place of an object or a function it may be an API key. */
export const kindIssue = (path: string, rule: string, value: unknown): Issue =>
  typeof value === "string" ? { path, rule, message: `must be ${rule}, not a string` } : issue(path, rule, value);

/** The issue of something that may not be absent. */
export const requiredIssue = (path: string, rule: string): Issue => ({ path, rule, message: `is required: ${rule}` });

/** The issue of what throws when it is read: a getter, a proxy. */
export const unreadable = (path: string): Issue => issue(path, "something that can be read: this throws");

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value).slice(0, 80);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  return kindOf(value);
}

// Which object it is says what was forgotten: an `await` before a Promise.
function kindOf(value: object): string {
  try {
    if (Array.isArray(value)) return value.length > 0 ? "a list" : "an empty list";
    const [, kind = "Object"] = /^\[object ([A-Z]\w{0,39})\]$/.exec(Object.prototype.toString.call(value)) ?? [];
    return kind === "Object" ? "an object" : `an object of the kind ${kind}`;
  } catch {
    return "an object";
  }
}
