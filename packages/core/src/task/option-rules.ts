// The rules that options share: what each must be, in words and as a check. What makes one has no side effects, and is marked so:
// a bundle leaves out the rules of what it does not call.
import { readOptions, type Rule, type Rules } from "./check-options.ts";
import { issue, kindIssue } from "./issue.ts";

/** A rule of its own words; its issue shows a value that is a text, a number or a boolean. */
/* @__NO_SIDE_EFFECTS__ */
export function rule(words: string, holds: (value: unknown) => boolean): Rule {
  return (value, path, issues) => {
    if (!holds(value)) issues.push(issue(path, words, value));
    return value;
  };
}

/** As `rule`, for what no text can be. */
/* @__NO_SIDE_EFFECTS__ */
export function kindRule(words: string, holds: (value: unknown) => boolean): Rule {
  return (value, path, issues) => {
    if (!holds(value)) issues.push(kindIssue(path, words, value));
    return value;
  };
}

/** As `rule`, for values that no message may show. */
/* @__NO_SIDE_EFFECTS__ */
export function secretRule(words: string, holds: (value: unknown) => boolean): Rule {
  return (value, path, issues) => {
    if (!holds(value)) issues.push(issue(path, words));
    return value;
  };
}

/** An option that may not be absent. */
/* @__NO_SIDE_EFFECTS__ */
export function required(words: string, of: Rule): Rule {
  return Object.assign((...given: Parameters<Rule>) => of(...given), { required: words });
}

/** An object with options of its own. */
/* @__NO_SIDE_EFFECTS__ */
export function group<T extends object>(of: string, rules: Rules<T>): Rule {
  return (value, path, issues) => readOptions(value, rules, { of, issues, path });
}

/** A number that is one: NaN is a number to the compiler, and so is what `Number(process.env.UNSET)` gives. */
/* @__NO_SIDE_EFFECTS__ */
export function aNumber(words: string, holds: (value: number) => boolean): Rule {
  return rule(words, (value) => typeof value === "number" && !Number.isNaN(value) && holds(value));
}

/** Milliseconds, from `least` on, and finite. */
/* @__NO_SIDE_EFFECTS__ */
export function milliseconds(least: 0 | 1): Rule {
  return aNumber(`milliseconds, ${least} or more`, (ms) => ms >= least && Number.isFinite(ms));
}

export const isText = (value: unknown): value is string => typeof value === "string";
export const isFunction = (value: unknown): boolean => typeof value === "function";

/** True for a text that a journal gives back as it was: half a surrogate pair is no UTF-8. */
export const isStorable = (text: string): boolean => !/[\p{Cc}\p{Cs}]/u.test(text);

export const isIsoTime = (value: unknown): value is string =>
  isText(value) && /^\d{4}-\d\d-\d\d/.test(value) && !Number.isNaN(Date.parse(value));

export const aFunction: Rule = kindRule("a function", isFunction);
export const aBoolean: Rule = rule("true or false", (value) => typeof value === "boolean");
export const aFilledText: Rule = rule("a string with at least one character", (value) => isText(value) && value !== "");
/** A name under which something is stored. */
export const aName: Rule = rule(
  "a string with at least one character, without control characters and lone surrogates",
  (value) => isText(value) && value !== "" && isStorable(value),
);

/** An `AbortSignal`, of any realm. */
export const aSignal: Rule = kindRule("an AbortSignal: of an AbortController, its `signal`", (value) => {
  const { aborted, addEventListener } = value as Partial<AbortSignal>;
  return typeof aborted === "boolean" && isFunction(addEventListener);
});

/** An object that has these methods; the issue names the ones it lacks. */
/* @__NO_SIDE_EFFECTS__ */
export function methods(what: string, names: readonly string[]): Rule {
  return (value, path, issues) => {
    const missing = names.filter((name) => !isFunction((value as { [name: string]: unknown })[name]));
    if (missing.length > 0) issues.push(issue(path, `${what}; this has no method ${missing.join(", ")}`));
    return value;
  };
}

/** What reads time and sleeps. */
export const aClock: Rule = methods("a clock", ["now", "elapsed", "sleep"]);
