// What a user passes is described by tables, option by option with its rule, and checked where it is given.
import { InvalidRequestError, type Phase } from "./errors.ts";
import { kindIssue, requiredIssue, unreadable, type Issue } from "./issue.ts";

/**
 * The rule of one option: returns the value to use, and adds to `issues` what is wrong with it. It is not asked about an
 * option that is absent; `undefined` and `null` are.
 */
export type Rule = {
  (value: unknown, path: string, issues: Issue[]): unknown;
  /** What it must be, where it may not be absent. */
  readonly required?: string;
};

/** Every option of an object, with its rule. */
export type Rules<T> = { readonly [K in keyof T]-?: Rule };

/** Whose options they are, for the message; and what the error says of the call. */
type About = { of: string; vendor: string; phase: Phase; idempotencyKey?: string | undefined };

/**
 * The options without what is absent, copied, so that a later change of the caller's object changes nothing.
 *
 * @throws InvalidRequestError with everything that is wrong: values, names that are no options, required ones that are absent
 */
export function checkOptions<T extends object>(
  given: T | null | undefined,
  rules: Rules<T>,
  { of, ...about }: About,
): T {
  const issues: Issue[] = [];
  const options = readOptions(given, rules, { of, issues });
  if (issues.length > 0) throw new InvalidRequestError({ ...about, issues });
  return options;
}

/** As `checkOptions`; what is wrong is added to `issues` and left out. `path` is where the object itself is. */
export function readOptions<T extends object>(
  given: unknown,
  rules: Rules<T>,
  { of, issues, path = "" }: { of: string; issues: Issue[]; path?: string },
): T {
  if (!areOptions(given) && given !== undefined && given !== null) {
    issues.push(kindIssue(path || "options", `an object: the options of ${of}`, given));
    return {} as T;
  }
  const options = (given ?? {}) as { readonly [name: string]: unknown };
  const at = (name: string) => (path ? `${path}.${name}` : name);
  const known = Object.keys(rules);
  for (const name of Object.keys(options))
    if (!known.includes(name) && isGiven(valueOf(options, name))) issues.push(unknownName(at(name), name, known, of));
  const used: { [name: string]: unknown } = {};
  for (const name of known) {
    const rule = rules[name as keyof T] as Rule;
    const before = issues.length;
    try {
      const value = options[name];
      if (isGiven(value)) {
        const read = rule(value, at(name), issues);
        if (issues.length === before) used[name] = read;
      } else if (rule.required !== undefined) issues.push(requiredIssue(at(name), rule.required));
    } catch {
      issues.push(unreadable(at(name)));
    }
  }
  return used as T;
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

function valueOf(options: { readonly [name: string]: unknown }, name: string): unknown {
  try {
    return options[name];
  } catch {
    return undefined; // says nothing
  }
}

// A Map, a Promise that is not awaited, a Date or a list has none of the options that it seems to hold. An instance of a
// class and an imported module may have them.
function areOptions(value: unknown): boolean {
  try {
    return (
      /^\[object (Object|Module)\]$/.test(Object.prototype.toString.call(value)) &&
      Boolean(Object.keys(value as object))
    );
  } catch {
    return false; // it cannot be read at all
  }
}

/** The issue of a name that is none of the known ones: with the one that was probably meant, or with all of them. */
export function unknownName(path: string, name: string, known: readonly string[], of: string): Issue {
  const meant = nearest(name, known);
  const all = known.join(", ");
  const message = `is not an option of ${of}${meant === undefined ? `, which takes ${all}` : didYouMean(name, known)}`;
  return { path, rule: meant ?? `one of ${all}`, message };
}

/** The end of a sentence about an unknown name: the known one that was probably meant, if any. */
export function didYouMean(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return meant === undefined ? "" : `: did you mean ${meant}?`;
}

/** The known name that was probably meant: written in another way, mistyped, or a part of it. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const wanted = plain(name);
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const other = plain(candidate);
    const isPart = wanted.length > 2 && (other.includes(wanted) || wanted.includes(other));
    const distance = isPart ? Math.min(1, other === wanted ? 0 : 1) : edits(wanted, other);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** How many letters are to be put in, left out or changed to make one word the other (Levenshtein). */
function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++)
      next.push(Math.min((row[j] ?? 0) + Number(letter !== to[j]), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    row = next;
  }
  return row.at(-1) ?? 0;
}
