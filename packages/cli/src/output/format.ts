// Numbers and times as people read them.
import { stripVTControlCharacters } from "node:util";

/** `$0.0159`, `$1.10`, `$20` */
export function usd(amount: number): string {
  const cents = Math.round(amount * 100) / 100;
  const text = Math.abs(cents - amount) < 1e-9 ? cents.toFixed(2) : amount.toFixed(4);
  return `$${text.replace(/\.00$/, "")}`;
}

/** `0:07`, `12:03`, `1:02:03` */
export function clockTime(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** The largest unit that fits: `3 d`, `5 h`, `12 min`, `4 s`. */
export function roughly(ms: number): string {
  const [name, unit] = UNITS.find(([, size]) => ms >= size) ?? ["s", 1_000];
  return `${Math.max(0, Math.floor(ms / unit))} ${name}`;
}

export function bytes(count: number): string {
  if (count < 1_000) return `${count} B`;
  return count < 1_000_000 ? `${Math.round(count / 1_000)} kB` : `${(count / 1_000_000).toFixed(1)} MB`;
}

/** One line without control characters, so that no prompt and no vendor's message moves the cursor. */
export const oneLine = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();

/** Without them, its blanks as they stand: what a file or a vendor says moves no cursor. */
export const withoutControls = (text: string): string => stripVTControlCharacters(text).replace(/\p{Cc}/gu, "");

// Characters outside of Latin and its neighbours may take two columns.
const columnsOf = (letter: string): number => ((letter.codePointAt(0) ?? 0) < 0x1100 ? 1 : 2);

/** Cut to so many columns, with an ellipsis; for text without colour. */
export function fit(text: string, columns: number): string {
  let width = 0;
  let kept = "";
  for (const letter of text) {
    width += columnsOf(letter);
    if (width > columns) return columns < 1 ? "" : `${shorten(kept, columns - 1)}…`;
    kept += letter;
  }
  return kept;
}

function shorten(text: string, columns: number): string {
  let width = 0;
  let kept = "";
  for (const letter of text) {
    width += columnsOf(letter);
    if (width > columns) break;
    kept += letter;
  }
  return kept;
}

/** A word as a shell takes it. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
