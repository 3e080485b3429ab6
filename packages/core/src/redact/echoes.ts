// Finds a secret in a foreign text, however it is written there: as it is, escaped as JSON, URLs and HTML
// do, several times over, or inside base64 or hex. Linear in the length of the text.

import { JWT, SHORTEST } from "./credentials.ts";

/** An escape inside an escape, inside an escape …: as often as it is undone. */
const LAYERS = 5;
/** What every callback token begins with; the rest of one is of base64url. */
const TOKEN = "vtc1";

/** Hides the secrets, and every callback token, in a text of any length. */
export type Hide = (text: string) => string;

export function hiderOf(secrets: () => readonly (string | undefined)[]): Hide {
  const known = new Map<string, Needles>();
  const needlesOf = (secret: string): Needles => {
    const found = known.get(secret) ?? createNeedles(secret);
    if (known.size > 128) known.clear(); // credentials of the past
    known.set(secret, found);
    return found;
  };
  return (source) => {
    const sought = secrets().flatMap((secret) => (secret && secret.length >= SHORTEST ? [needlesOf(secret)] : []));
    const plain = { text: source, at: (index: number) => index };
    const decoded = decode(source);
    const ranges = [plain, ...(decoded ? [decoded] : [])].flatMap((view) => rangesIn(view, sought));
    return ranges.length === 0 ? source : replaced(source, ranges);
  };
}

/** The longest that a secret can be written, in characters; for a text that is cut. */
export const longestEcho = (secrets: readonly (string | undefined)[]): number =>
  16 * Math.max(0, ...secrets.map((secret) => secret?.length ?? 0));

/** A text, and where in the source its characters begin. */
type View = { text: string; at(index: number): number };
type Range = readonly [from: number, to: number];

type Needles = { words: readonly string[]; base64: readonly string[]; hex: string };

function createNeedles(secret: string): Needles {
  const words = [secret, decode(secret)?.text ?? secret].flatMap((word) => [word, word.replaceAll(" ", "+")]);
  const bytes = new TextEncoder().encode(secret);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { words: [...new Set(words.map(inSmallLetters))], base64: coresOf(bytes), hex };
}

/** What base64 makes of bytes whatever stands before and after them: one text for each of the three alignments. */
function coresOf(bytes: Uint8Array): string[] {
  return [0, 1, 2].map((before) => {
    const text = btoa(String.fromCharCode(...new Uint8Array(before), ...bytes));
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
}

/** A log may put all of a text into capitals. Only ASCII changes: what lies where must stay. */
const inSmallLetters = (text: string): string => text.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());

const BASE64 = /[\w+/-]/;
/** How a token begins, and what it goes on with: as it is, or inside base64. */
const TOKENS: readonly (readonly [start: string, rest: RegExp])[] = [
  [TOKEN, /[\w-]/],
  ...coresOf(new TextEncoder().encode(TOKEN)).map((core) => [core, BASE64] as const),
];

function rangesIn({ text, at }: View, sought: readonly Needles[]): Range[] {
  const ranges: Range[] = [];
  const add = (from: number, to: number) => void ranges.push([at(from), at(to)]);
  const find = (haystack: string, needle: string, found: (from: number, to: number) => void) => {
    for (let from = haystack.indexOf(needle); from >= 0; from = haystack.indexOf(needle, from + needle.length))
      found(from, from + needle.length);
  };
  const isBase64 = (index: number) => BASE64.test(text[index] ?? "");
  // The character on each side holds bits of the secret and of its neighbour.
  const addCore = (from: number, to: number) => add(isBase64(from - 1) ? from - 1 : from, isBase64(to) ? to + 1 : to);
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  const lower = inSmallLetters(text);
  for (const needles of sought) {
    for (const word of needles.words) findHalves(lower, word, add);
    for (const core of needles.base64) find(base64, core, addCore);
    find(lower, needles.hex, add);
  }
  for (const { index, 0: jwt } of text.matchAll(JWT)) add(index, index + jwt.length);
  for (const [start, rest] of TOKENS)
    for (let from = base64.indexOf(start); from >= 0;) {
      let to = from + start.length;
      while (to < text.length && rest.test(text[to] ?? "")) to++;
      add(from, to);
      from = base64.indexOf(start, to);
    }
  return ranges;
}

/** No shorter piece of a secret is one: others begin in the same way. */
const PIECE = 12;

/**
 * Finds every piece of a word that is at least half of it: of a secret that was cut or broken, what is left then tells too
 * little. Such a piece holds one of the word's shards whole.
 */
function findHalves(text: string, word: string, found: (from: number, to: number) => void): void {
  const least = Math.min(word.length, Math.max(PIECE, Math.ceil(word.length / 2)));
  const size = Math.ceil(least / 2);
  for (let shard = 0; shard + size <= word.length; shard += size)
    for (let from = text.indexOf(word.slice(shard, shard + size)); from >= 0;) {
      let [start, end] = [from, from + size];
      const before = from - shard; // where the word would begin
      while (start > before && text[start - 1] === word[start - 1 - before]) start--;
      while (end < text.length && text[end] === word[end - before]) end++;
      // Of `Bearer` and a key, what parts them stays.
      if (end - start >= least) found(text[start] === " " ? start + 1 : start, end);
      else end = from + 1; // of a word that repeats itself a piece may begin inside what is none
      from = text.indexOf(word.slice(shard, shard + size), end);
    }
}

function replaced(source: string, ranges: readonly Range[]): string {
  let clean = "";
  let done = 0;
  for (const [from, to] of ranges.toSorted(([a], [b]) => a - b)) {
    if (from >= done) clean += `${source.slice(done, from)}***`;
    done = Math.max(done, to);
  }
  return clean + source.slice(done);
}

// JSON and JavaScript; URLs, one character of UTF-8 at a time; HTML.
const ESCAPED =
  /\\(?:u\{[\da-f]{1,6}\}|u[\da-f]{4}|x[\da-f]{2}|[^])|%[0-7][\da-f]|%[cd][\da-f]%[89ab][\da-f]|%e[\da-f](?:%[89ab][\da-f]){2}|%f[0-7](?:%[89ab][\da-f]){3}|&(?:#\d{1,7}|#x[\da-f]{1,6}|amp|lt|gt|quot|apos);/gi;
const NAMED: { readonly [name: string]: string } = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const CONTROLS: { readonly [letter: string]: string } = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

/** The text with all escapes undone; nothing when there are none. */
function decode(source: string): View | undefined {
  let text = source;
  let at: readonly number[] | undefined;
  for (let layer = 0; layer < LAYERS; layer++) {
    const next: number[] = [];
    let plain = "";
    let from = 0;
    const copy = (to: number) => {
      for (let index = from; index < to; index++) next.push(at?.[index] ?? index);
      plain += text.slice(from, to);
    };
    for (const { 0: escape, index } of text.matchAll(ESCAPED)) {
      const meaning = meaningOf(escape);
      if (meaning === undefined) continue;
      copy(index);
      for (let unit = 0; unit < meaning.length; unit++) next.push(at?.[index] ?? index);
      plain += meaning;
      from = index + escape.length;
    }
    if (from === 0) break;
    copy(text.length);
    text = plain;
    at = next;
  }
  return at && { text, at: (index) => at[index] ?? source.length };
}

function meaningOf(escape: string): string | undefined {
  try {
    if (escape.startsWith("%")) return decodeURIComponent(escape);
    if (escape.startsWith("&#")) return String.fromCodePoint(Number(`0${escape.slice(2, -1)}`));
    if (escape.startsWith("&")) return NAMED[escape.slice(1, -1).toLowerCase()];
    const [, code] = /^\\[ux]\{?([\da-f]+)/i.exec(escape) ?? [];
    if (code !== undefined && escape.length > 2) return String.fromCodePoint(Number.parseInt(code, 16));
    return CONTROLS[escape.slice(1)] ?? escape.slice(1);
  } catch {
    return undefined; // names no character
  }
}
