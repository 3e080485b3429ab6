// The kinds of rules that APIXO's pages state about a field. A rule says what is wrong, or nothing.

export type Check = (value: unknown) => string | undefined;

export const oneOf =
  <T extends string | number>(allowed: readonly T[]): Check =>
  (value) =>
    allowed.includes(value as T)
      ? undefined
      : `must be ${allowed.slice(0, -1).join(", ")} or ${String(allowed.at(-1))}`;

export const trueOrFalse: Check = (value) => (typeof value === "boolean" ? undefined : "must be true or false");

/** Counted in characters, not in UTF-16 units: the pages do not say, and this one refuses less. */
export const text =
  (min: number, max: number): Check =>
  (value) => {
    const length = typeof value === "string" ? (value.length <= max ? value.length : [...value].length) : -1;
    return length >= min && length <= max ? undefined : `must be a string of ${min} to ${max} characters`;
  };

/** Whether an address can be reached is found out later, by the task. */
export const imageUrls: Check = (value) =>
  Array.isArray(value) &&
  (value.length === 1 || value.length === 2) &&
  value.every((url) => typeof url === "string" && url !== "")
    ? undefined
    : "must be an array of 1 or 2 URLs";

export const cfgScale: Check = (value) =>
  typeof value === "number" && value >= 0 && value <= 1 && Math.abs(value * 10 - Math.round(value * 10)) < 1e-9
    ? undefined
    : "must be a number from 0 to 1 in steps of 0.1";
