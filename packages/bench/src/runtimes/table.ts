/** A table in Markdown that can be read as it stands. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const width = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${width.map((size, column) => (cells[column] ?? "").padEnd(size)).join(" | ")} |`;
  return [line(head), `|${width.map((size) => "-".repeat(size + 2)).join("|")}|`, ...rows.map(line)].join("\n");
}
