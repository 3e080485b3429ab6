// JSON as vendors send it: whole, with integers that a number cannot hold, or broken off. Everything here is linear in
// the length of the text, which a stranger chooses.

/** Parses a text; `undefined` when it is not JSON. An integer that a number cannot hold comes as its digits. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return /\d{16}/.test(text) ? JSON.parse(withDigits(text)) : value;
  } catch {
    return undefined;
  }
}

// The text is JSON, so every string is closed and the pattern never goes back.
const withDigits = (text: string): string =>
  text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  );

/** An object or list that is open, within others. */
type Nest = { readonly close: "}" | "]"; readonly depth: number; readonly outer: Nest | undefined };
/** What is documented lies three deep. */
const MAX_DEPTH = 100;

/**
 * What a text that broke off, or is damaged somewhere, says until there: the values that arrived whole, in the objects
 * and lists that were open. A string without its closing quote and a number at the very end are not whole.
 */
export function parseDamaged(text: string): unknown {
  const tokens = /[ \t\n\r]*([{}[\],:]|"[^"\\]*(?:\\.[^"\\]*)*"|(?:true|false|null|-?[\d.eE+-]+)(?=[ \t\n\r,\]}]))/y;
  let nest: Nest | undefined;
  let last: "start" | "open" | "key" | ":" | "," | "value" = "start";
  let whole: { end: number; nest: Nest | undefined } | undefined;
  for (let found = tokens.exec(text); found; found = tokens.exec(text)) {
    const [, token = ""] = found;
    const isList = nest?.close === "]";
    const begins = last === "open" || last === ",";
    if (token === "}" || token === "]") {
      if (token !== nest?.close || (last !== "value" && last !== "open")) break;
      nest = nest.outer;
      last = "value";
    } else if (token === ",") {
      if (!nest || last !== "value") break;
      last = ",";
    } else if (token === ":") {
      if (last !== "key") break;
      last = ":";
    } else if (last === "start" || last === ":" || (isList && begins)) {
      const opens = token === "{" || token === "[";
      if (opens) nest = { close: token === "{" ? "}" : "]", depth: (nest?.depth ?? 0) + 1, outer: nest };
      if (opens && (nest?.depth ?? 0) > MAX_DEPTH) break;
      last = opens ? "open" : "value";
    } else if (begins && token.startsWith('"')) {
      last = "key";
    } else break;
    if (last === "value") whole = { end: tokens.lastIndex, nest };
    if (last === "value" && !nest) break;
  }
  if (!whole) return undefined;
  let closers = "";
  for (let open = whole.nest; open; open = open.outer) closers += open.close;
  return parseJson(text.slice(0, whole.end) + closers);
}
