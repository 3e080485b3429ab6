// The kinds of rules that vendors state about a field. A rule says what is wrong with a value, or nothing.
import type { AspectRatio } from "../video.ts";

export type Check = (value: unknown) => string | undefined;
export type Fields = Record<string, unknown>;

export const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** No page says it: `null` is read as "not given" where a field is required, and is a wrong value elsewhere. */
export const isMissing = (value: unknown) => value === undefined || value === null;

export const oneOf =
  <T extends string | number>(allowed: readonly T[]): Check =>
  (value) =>
    allowed.includes(value as T)
      ? undefined
      : `must be ${allowed.slice(0, -1).join(", ")} or ${String(allowed.at(-1))}`;

export const trueOrFalse: Check = (value) => (typeof value === "boolean" ? undefined : "must be true or false");

/** How long a result URL lives. */
export const lifeMs: Check = (value) =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? undefined : "must be milliseconds above 0";

/** Counted in characters, not in UTF-16 units: no page says which, and this refuses less. */
export const text =
  (min: number, max: number): Check =>
  (value) => {
    const length = typeof value === "string" ? (value.length <= max ? value.length : [...value].length) : -1;
    return length >= min && length <= max ? undefined : `must be a string of ${min} to ${max} characters`;
  };

/** Whether an address can be reached is found out later, by the task. */
export const someText: Check = (value) =>
  typeof value === "string" && value !== "" ? undefined : "must be a string that is not empty";

export const webAddress: Check = (value) =>
  /^https?:$/.test((typeof value === "string" && URL.parse(value)?.protocol) || "")
    ? undefined
    : "must be an http or https URL";

/** Names, as paths, that are in a body and not among the known fields. */
export const unknownFields = (value: unknown, known: object, path = ""): string[] =>
  isObject(value) ? Object.keys(value).flatMap((name) => (Object.hasOwn(known, name) ? [] : [`${path}${name}`])) : [];

/** The first field, in the order of the table, that is needed and missing (no `rule`) or that breaks its rule. */
export function firstWrong<Field>(
  table: Readonly<Record<string, Field>>,
  given: Fields,
  needed: (field: Field) => boolean,
  wrong: (field: Field, value: unknown) => string | undefined,
): { name: string; rule?: string } | undefined {
  for (const [name, field] of Object.entries(table)) {
    const value = given[name];
    if (isMissing(value) && needed(field)) return { name };
    const rule = value === undefined ? undefined : wrong(field, value);
    if (rule !== undefined) return { name, rule };
  }
  return undefined;
}

/** assumed, of every vendor: a result has the picture's own ratio; as no picture is read, one has to be chosen. */
export const PICTURE_ASPECT_RATIO: AspectRatio = "16:9";

/** False for what is no web address, or has a host that by RFC 6761 never exists. */
export function isAccessible(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && /^https?:$/.test(url.protocol) && !/\.invalid\.?$/.test(url.hostname);
}
