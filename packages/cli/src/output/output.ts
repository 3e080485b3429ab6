// Where lines go: words on a terminal and in a pipe, JSON with `--json`. Results are on stdout, all else on stderr.
import { styleText } from "node:util";
import { tableOf } from "./cells.ts";
import { fit } from "./format.ts";
import type { OutputLine } from "./lines.ts";
import { sentence } from "./sentences.ts";

export type Output = {
  readonly kind: "terminal" | "plain" | "json";
  readonly isVerbose: boolean;
  emit(line: OutputLine): void;
  /** Lines of one type, as a table on a terminal. */
  emitAll(lines: readonly OutputLine[]): void;
  /** A line for people only; nothing with `--json`. */
  say(text: string): void;
  /** The same, as a result. */
  print(text: string): void;
};

/** What a script takes from stdout; the rest is for whoever watches. */
const RESULTS: ReadonlySet<string> = new Set([
  "model",
  "offer",
  "task",
  "saved",
  "row",
  "summary",
  "balance",
  "check",
] satisfies OutputLine["type"][]);

type Style = Parameters<typeof styleText>[0];

// Colours are those of the terminal's sixteen, and none with NO_COLOR, which styleText heeds.
const paint = (style: Style, text: string, stream: NodeJS.WriteStream): string => styleText(style, text, { stream });

export function createOutput({ json = false, verbose = false }: { json?: boolean; verbose?: boolean }): Output {
  const { stdout, stderr } = process;
  const isTerminal = stdout.isTTY && process.env["TERM"] !== "dumb";
  const kind = json ? "json" : isTerminal ? "terminal" : "plain";
  const print = (stream: NodeJS.WriteStream, text: string) => void stream.write(`${text}\n`);

  function emit(line: OutputLine): void {
    if (kind === "json") return print(stdout, JSON.stringify(line));
    const stream = RESULTS.has(line.type) ? stdout : stderr;
    const cells = kind === "terminal" && tableOf(line)?.cellsOf(line);
    if (cells) return print(stream, cells.filter((cell) => cell !== "" && cell !== "-").join(" · "));
    // The path alone: `file=$(vidtask generate …)`.
    if (kind === "plain" && line.type === "saved") return print(stdout, line.file);
    print(stream, worded(line, stream));
  }

  return {
    kind,
    isVerbose: verbose,
    emit,
    emitAll(lines) {
      const [first] = lines;
      const table = first && tableOf(first);
      if (kind !== "terminal" || !table) return lines.forEach(emit);
      const rows = [table.heads, ...lines.map((line) => table.cellsOf(line))];
      const columns = stdout.columns || 80;
      for (const [index, row] of (table.isWrapped ? wrapped : aligned)(rows, columns).entries())
        print(stdout, index === 0 ? paint("dim", row, stdout) : row);
    },
    say(text) {
      if (kind !== "json") print(stderr, text);
    },
    print(text) {
      if (kind !== "json") print(stdout, text);
    },
  };
}

function worded(line: OutputLine, stream: NodeJS.WriteStream): string {
  const text = sentence(line);
  switch (line.type) {
    case "saved":
      return `${paint("green", "✔", stream)} ${text}`;
    case "row":
      return `${line.state === "saved" ? paint("green", "✔", stream) : paint("red", "✖", stream)} ${text}`;
    case "check":
      return `${line.ok === true ? paint("green", "✔", stream) : paint(line.ok ? "yellow" : "red", line.ok ? "?" : "✖", stream)} ${text}`;
    case "error":
      return `${paint("red", "vidtask:", stream)} ${text}`;
    case "note":
      return line.level === "info"
        ? paint("dim", text, stream)
        : paint(line.level === "alarm" ? "red" : "yellow", text, stream);
    default:
      return text;
  }
}

type Rows = readonly (readonly string[])[];

/** Columns as wide as their widest cell; what does not fit is cut at the end of the line. */
const aligned = (rows: Rows, columns: number): string[] =>
  padded(rows).map((row) => fit(row.join("  ").trimEnd(), columns));

/** The same, but the last cell goes on in the next lines: below itself, or indented where there is little room. */
function wrapped(rows: Rows, columns: number): string[] {
  return padded(rows).flatMap((row, index) => {
    const before = row.slice(0, -1).join("  ");
    const last = row.at(-1)?.trimEnd() ?? "";
    const column = [...before].length + 2;
    if (index === 0 || column + [...last].length <= columns) return [fit(`${before}  ${last}`.trimEnd(), columns)];
    const isRoomy = columns - column >= 30;
    const indent = " ".repeat(isRoomy ? column : 2);
    const lines = last === "" ? [] : inLines(last, columns - indent.length).map((text) => indent + text);
    if (isRoomy) return [before + lines.join("\n").slice(before.length)];
    return [...(column - 2 > columns ? inLines(before, columns) : [before.trimEnd()]), ...lines];
  });
}

function padded(rows: Rows): string[][] {
  const widths = rows[0]?.map((_, index) => Math.max(...rows.map((row) => [...(row[index] ?? "")].length))) ?? [];
  return rows.map((row) => row.map((cell, index) => cell + " ".repeat((widths[index] ?? 0) - [...cell].length)));
}

/** Broken between words; a word that is too long is left to the terminal. */
function inLines(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.trim().split(/ +/)) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && [...longer].length <= columns) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
