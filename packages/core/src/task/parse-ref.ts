import { InvalidRequestError } from "./errors.ts";
import { issue, requiredIssue, unreadable, type Issue } from "./issue.ts";
import { isIsoTime } from "./option-rules.ts";
import { isVariant, refOf, type TaskRef } from "./task.ts";

const VARIANT_RULE = "1 to 40 letters, digits or `-`";

/**
 * Reads what `formatRef` wrote, or a ref that went through JSON. Anything beside the ref's own fields is dropped.
 *
 * @throws InvalidRequestError naming every part that is wrong, when the value is neither.
 */
export function parseRef(value: unknown): TaskRef {
  if (typeof value === "string") return parseRefString(value);
  const ref = partsOf(value);
  const issues = ["vendor", "model", "id"].flatMap((part) => partIssues(`ref.${part}`, ref[part]));
  const submittedAt = ref["submittedAt"] ?? undefined;
  if (submittedAt !== undefined && !isIsoTime(submittedAt))
    issues.push(issue("ref.submittedAt", "an ISO 8601 time, or absent", submittedAt));
  const variant = ref["variant"] ?? undefined;
  if (variant !== undefined && !isVariant(variant))
    issues.push(issue("ref.variant", `${VARIANT_RULE}, or absent`, variant));
  const { vendor } = ref;
  if (issues.length > 0) throw invalidRef(issues, typeof vendor === "string" ? vendor : "");
  return refOf({ ...ref, submittedAt, variant } as TaskRef);
}

function partsOf(value: unknown): Record<string, unknown> {
  try {
    const parts = Object(value) as TaskRef & { then?: unknown };
    if (typeof parts.then !== "function") return refOf(parts);
  } catch {
    throw invalidRef([unreadable("ref")]);
  }
  throw invalidRef([issue("ref", "awaited")]); // a promise
}

function parseRefString(text: string): TaskRef {
  const parts = text.split(":");
  try {
    const [vendor, model, id, variant] = parts.map(decodeURIComponent);
    const isWhole = parts.length === 3 || (parts.length === 4 && isVariant(variant));
    if (isWhole && vendor && model && id)
      return refOf({ vendor, model, id, ...(variant === undefined ? {} : { variant }) });
  } catch {
    // A broken percent-escape: reported below like any other malformed string.
  }
  throw invalidRef([issue("ref", "`vendor:model:id`, as formatRef writes it")]);
}

function partIssues(path: string, part: unknown): Issue[] {
  if (part === undefined || part === null) return [requiredIssue(path, "a non-empty string")];
  return typeof part === "string" && part !== "" ? [] : [issue(path, "a non-empty string", part)];
}

const invalidRef = (issues: Issue[], vendor = "") => new InvalidRequestError({ vendor, phase: "poll", issues });
