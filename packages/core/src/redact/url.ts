// Secrets in a URL that is written here, of a base URL and a path: as they are, or escaped as in URLs. A text that others have
// written may hold them in many other ways (echoes.ts).
import { JWT, SHORTEST } from "./credentials.ts";

/** The URL with `***` in place of each secret. */
export function urlWithout(secrets: readonly string[], url: string): string {
  const texts = [url, unescaped(url)].map((text) => text?.toLowerCase());
  return secrets
    .filter((secret) => secret.length >= SHORTEST && texts.some((text) => text?.includes(secret.toLowerCase()) ?? true))
    .toSorted((a, b) => b.length - a.length) // one may begin as another does
    .reduce((text, secret) => text.replace(patternOf(secret), "***"), url)
    .replace(JWT, "***");
}

/** Nothing where it has broken escapes. */
function unescaped(url: string): string | undefined {
  try {
    return decodeURIComponent(url);
  } catch {
    return undefined;
  }
}

/** Each character as it is, or its bytes; a host's name is in small letters. */
const patternOf = (secret: string): RegExp =>
  new RegExp(
    Array.from(secret, (char) => `(?:\\u{${hex(char.codePointAt(0) ?? 0)}}|${escaped(char)})`).join(""),
    "giu",
  );

const escaped = (char: string): string =>
  Array.from(new TextEncoder().encode(char), (byte) => `%${hex(byte).padStart(2, "0")}`).join("");

const hex = (number: number): string => number.toString(16);
