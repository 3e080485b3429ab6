// The rows of a CSV or JSONL file, each with its line. What is wrong is gathered, so that all of it is said at once.
import { extname } from "node:path";
import { nearest } from "@vidtask/core/router";
import { readFileOrPipe } from "../config/read-file.ts";
import { orStop } from "../interrupt.ts";
import { utf8 } from "../request/utf8.ts";
import { UsageError } from "../usage-error.ts";
import { isKeyed } from "../vendors.ts";
import { COLUMNS, type RowFields } from "./columns.ts";

export type Row = { line: number; fields: RowFields };
export type Wrong = { line: number; message: string };
type Raw = { line: number; record: { [column: string]: unknown } };

/** @throws UsageError for a file that cannot be read, or is neither CSV nor JSONL */
export async function readRows(path: string, signal: AbortSignal): Promise<{ rows: Row[]; wrong: Wrong[] }> {
  const bytes = await orStop(signal, readFileOrPipe(path)).catch((error: NodeJS.ErrnoException) => {
    signal.throwIfAborted();
    throw new UsageError(
      error.code === "ENOENT"
        ? `there is no file ${path}`
        : `${path} cannot be read (${error.code ?? "no reason given"})`,
    );
  });
  const text = utf8(bytes, path);
  const wrong: Wrong[] = [];
  const raw = isJsonl(path, text) ? fromJsonl(text, wrong) : await fromCsv(text, wrong);
  const rows = raw.map(({ line, record }) => ({ line, fields: fieldsOf(record, line, wrong) }));
  if (rows.length === 0 && wrong.length === 0) throw new UsageError(`${path} has no rows`);
  return { rows, wrong };
}

function isJsonl(path: string, text: string): boolean {
  const ending = extname(path).toLowerCase();
  if (ending === ".jsonl" || ending === ".ndjson") return true;
  if (ending === ".csv") return false;
  return text.trimStart().startsWith("{");
}

function fromJsonl(text: string, wrong: Wrong[]): Raw[] {
  return text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .flatMap((content, index): Raw[] => {
      const line = index + 1;
      if (content.trim() === "") return [];
      try {
        const record: unknown = JSON.parse(content);
        if (isKeyed(record)) return [{ line, record }];
      } catch {
        // Said below; the parser's words would quote the prompt.
      }
      wrong.push({ line, message: "it is not a JSON object" });
      return [];
    });
}

async function fromCsv(text: string, wrong: Wrong[]): Promise<Raw[]> {
  const { parse } = await import("csv-parse/sync");
  let found: { info: { lines: number }; record: string[] }[];
  try {
    found = parse(text, {
      bom: true,
      info: true,
      skip_empty_lines: true,
      trim: true,
      relax_column_count: true,
    }) as never;
  } catch (error) {
    const { lines = 1, message } = error as { lines?: number; message: string };
    wrong.push({ line: lines, message: message.replace(/ at line \d+|, see.*/g, "").slice(0, 120) });
    return [];
  }
  const [head, ...records] = found;
  if (!head) return [];
  const columns = head.record;
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) wrong.push({ line: 1, message: `the column ${twice} occurs twice` });
  for (const column of columns) if (!Object.hasOwn(COLUMNS, column)) wrong.push({ line: 1, message: unknown(column) });
  return records.map(({ info, record }) => {
    if (record.length !== columns.length)
      wrong.push({
        line: info.lines,
        message: `it has ${record.length} fields, but the first line has ${columns.length}`,
      });
    const known = columns.flatMap((column, index) =>
      Object.hasOwn(COLUMNS, column) && record[index] ? [[column, record[index]] as const] : [],
    );
    return { line: info.lines, record: Object.fromEntries(known) };
  });
}

function fieldsOf(record: Raw["record"], line: number, wrong: Wrong[]): RowFields {
  const fields: { [field: string]: unknown } = {};
  for (const [column, value] of Object.entries(record)) {
    const rule = Object.hasOwn(COLUMNS, column) ? COLUMNS[column] : undefined;
    if (value === null || value === undefined) continue;
    if (!rule) wrong.push({ line, message: unknown(column) });
    else
      try {
        fields[rule.field] = rule.read(value);
      } catch (error) {
        const shown = typeof value === "string" ? `, not "${value.slice(0, 40)}"` : "";
        wrong.push({ line, message: `${column} must be ${(error as Error).message}${shown}` });
      }
  }
  return fields as RowFields;
}

function unknown(column: string): string {
  const meant = nearest(column, Object.keys(COLUMNS));
  const known = `the columns are ${Object.keys(COLUMNS).join(", ")}`;
  return `"${column.slice(0, 40)}" is not a column: ${meant === undefined ? known : `did you mean ${meant}?`}`;
}
