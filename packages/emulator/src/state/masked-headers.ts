// The headers of both directions as they are shown: no key and no token is among them.
import type { RawHeaders } from "../network/reply.ts";

export type ShownHeaders = Readonly<Record<string, string>>;

/** In the place of what is not shown. */
export const MASK = "••••";

/** Headers whose values are shown; of all others only the names are. */
const SHOWN = new Set(
  "accept accept-encoding accept-language accept-ranges allow cache-control connection content-length content-range content-type date etag host if-range last-modified location range retry-after sec-fetch-mode transfer-encoding user-agent x-emulator-scope".split(
    " ",
  ),
);
function masked(headers: Iterable<readonly [string, string]>): ShownHeaders {
  const shown: Record<string, string> = {};
  for (const [name, value] of headers) shown[name] = maskedValue(name, value);
  return shown;
}

function maskedValue(name: string, value: string): string {
  if (SHOWN.has(name)) return value;
  const scheme = name === "authorization" ? /^(Bearer|Basic)(?= )/i.exec(value)?.[0] : undefined;
  return scheme === undefined ? MASK : `${scheme} ${MASK}`;
}

function* pairs(raw: RawHeaders): Iterable<[string, string]> {
  const seen = new Map<string, string>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name = "", value = ""] = [raw[at]?.toLowerCase(), raw[at + 1]];
    const before = seen.get(name);
    seen.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  yield* seen;
}

/** Exchanges of one client have the same headers: those that follow each other share what is shown of them. */
export function createMasking(): (headers: Headers | RawHeaders) => ShownHeaders {
  let last: RawHeaders = [];
  let shown: ShownHeaders = {};
  return (headers) => {
    if (!isRaw(headers)) return masked(headers);
    if (!isSame(headers, last)) shown = masked(pairs((last = headers)));
    return shown;
  };
}

const isRaw = (headers: Headers | RawHeaders): headers is RawHeaders => Array.isArray(headers);

function isSame(one: RawHeaders, other: RawHeaders): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
