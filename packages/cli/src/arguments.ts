// The words of the command line as values.
import { InvalidArgumentError } from "commander";

const UNITS: { readonly [unit: string]: number } = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `20m`, `2h`, `7d`, `500ms`; a number alone is seconds. In milliseconds. */
export function aTime(text: string): number {
  const [, count = "", unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim()) ?? [];
  if (count === "") throw new InvalidArgumentError("It must be a time, such as 90s, 20m, 2h or 7d.");
  return Number(count) * (UNITS[unit] ?? 1_000);
}

export function aNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number)) throw new InvalidArgumentError("It must be a number.");
  return number;
}

export function dollars(text: string): number {
  const number = Number(text.replace(/^\$/, ""));
  if (text.trim() === "" || !Number.isFinite(number) || number < 0)
    throw new InvalidArgumentError("It must be US dollars, such as 0.5 or 20.");
  return number;
}

export function wholeFrom(least: number, most = Infinity): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (text.trim() === "" || !Number.isSafeInteger(number) || number < least || number > most)
      throw new InvalidArgumentError(
        `It must be a whole number, ${least} ${most === Infinity ? "or more" : `to ${most}`}.`,
      );
    return number;
  };
}

/** An option that may be given several times. */
export const many = (text: string, before: string[] | undefined): string[] => [...(before ?? []), text];

/**
 * `--emulate` may have an address, and what follows it is often a prompt or a key: only an address is taken for one. What
 * comes behind `--` is left alone.
 */
export function normalized(words: readonly string[]): string[] {
  const end = words.indexOf("--");
  const own = end < 0 ? words : words.slice(0, end);
  const normal = own.flatMap((word, index) => {
    if (isAddressOfEmulator(own, index)) return [];
    if (word !== "--emulate") return [word];
    return [isAddressOfEmulator(own, index + 1) ? `--emulate=${own[index + 1] ?? ""}` : "--emulate="];
  });
  return [...normal, ...(end < 0 ? [] : words.slice(end))];
}

const isAddressOfEmulator = (words: readonly string[], index: number): boolean =>
  words[index - 1] === "--emulate" && /^https?:\/\//i.test(words[index] ?? "");
