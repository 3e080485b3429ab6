// Text that is no text: half a surrogate pair cannot be written in UTF-8, and what reads JSON refuses it, or makes another
// character of it; the NUL character is refused by many databases. Either would be found out by paying.
import { issue, type Issue } from "../task/issue.ts";

const RULE =
  "text without NUL characters and half surrogate pairs (a cut emoji): leave them out, or `text.toWellFormed()`";
const ILL_FORMED = /[\0\p{Cs}]/u;
/** Deeper than any request; it also ends a cycle. */
const MAX_DEPTH = 64;

/** The texts of a request, and the names of its members, that no vendor is to be sent. */
export function illFormedTexts(value: unknown, path = "", depth = MAX_DEPTH): Issue[] {
  if (typeof value === "string") return ILL_FORMED.test(value) ? [issue(path, RULE)] : [];
  if (typeof value !== "object" || value === null || depth === 0) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    ILL_FORMED.test(name)
      ? [issue(path || "request", `an object whose members have names of ${RULE}`)]
      : illFormedTexts(member, path ? `${path}.${name}` : name, depth - 1),
  );
}
