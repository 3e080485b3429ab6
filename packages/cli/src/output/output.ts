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
  for (const stream of [stdout, stderr]) stream.on("error", loseOutput);
  const isTerminal = stdout.isTTY && process.env["TERM"] !== "dumb";
  const kind = json ? "json" : isTerminal ? "terminal" : "plain";
  const print = (stream: NodeJS.WriteStream, text: string) => void stream.write(`${text}\n`);

  function emit(line: OutputLine): void {
    if (kind === "json") return print(stdout, JSON.stringify(line));
    const stream = RESULTS.has(line.type) ? stdout : stderr;
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
      const rows = lines.map((line) => table.cellsOf(line));
      const columns = stdout.columns || 80;
      for (const [index, row] of aligned([table.heads, ...rows], columns).entries())
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

/** A reader that has gone (`| head`), or a full disk behind `>`, ends no wait and loses no video. */
function loseOutput(): void {}

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

/** Columns as wide as their widest cell; what does not fit is cut at the end of the line. */
function aligned(rows: readonly (readonly string[])[], columns: number): string[] {
  const widths = rows[0]?.map((_, index) => Math.max(...rows.map((row) => [...(row[index] ?? "")].length))) ?? [];
  return rows.map((row) => {
    const cells = row.map((cell, index) => cell + " ".repeat((widths[index] ?? 0) - [...cell].length));
    return fit(cells.join("  ").trimEnd(), columns);
  });
}
