import { InvalidRequestError } from "./errors.ts";
import { refOf, type TaskRef } from "./task.ts";

/**
 * Reads what `formatRef` wrote, or a ref that went through JSON. Anything beside the ref's own fields is dropped.
 *
 * @throws InvalidRequestError naming every part that is wrong, when the value is neither.
 */
export function parseRef(value: unknown): TaskRef {
  if (typeof value === "string") return parseRefString(value);
  const ref = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const issues = ["vendor", "model", "id"]
    .filter((part) => typeof ref[part] !== "string" || ref[part] === "")
    .map((part) => refIssue(`ref.${part}`, "a non-empty string"));
  const { submittedAt } = ref;
  if (submittedAt !== undefined && submittedAt !== null && !isIsoTime(submittedAt))
    issues.push(refIssue("ref.submittedAt", "an ISO 8601 time, or absent"));
  if (issues.length > 0) throw invalidRef(issues, typeof ref["vendor"] === "string" ? ref["vendor"] : "");
  return refOf({ ...(ref as TaskRef), submittedAt: (submittedAt ?? undefined) as string });
}

function parseRefString(text: string): TaskRef {
  const parts = text.split(":");
  try {
    const [vendor, model, id] = parts.map(decodeURIComponent);
    if (parts.length === 3 && vendor && model && id) return { vendor, model, id };
  } catch {
    // A broken percent-escape: reported below like any other malformed string.
  }
  throw invalidRef([refIssue("ref", "`vendor:model:id`, as formatRef writes it")], "");
}

const isIsoTime = (value: unknown) =>
  typeof value === "string" && /^\d{4}-\d\d-\d\d/.test(value) && !Number.isNaN(Date.parse(value));
const refIssue = (path: string, rule: string) => ({ path, rule, message: `${path} must be ${rule}` });
const invalidRef = (issues: { path: string; rule: string; message: string }[], vendor: string) =>
  new InvalidRequestError({ vendor, phase: "poll", issues });
