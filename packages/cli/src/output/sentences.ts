// Every line in words, for people and for pipes.
import { expectedText, tableOf } from "./cells.ts";
import { bytes, clockTime, oneLine, usd, withoutControls } from "./format.ts";
import type { AcceptedLine, ErrorLine, OutputLine, RowLine, StateLine, SummaryLine } from "./lines.ts";

const joined = (...parts: (string | undefined)[]): string => parts.filter(Boolean).join(" · ");

const acceptedText = ({ key, ref, priceUsd, expected }: AcceptedLine): string =>
  joined(
    `accepted ${ref}`,
    `key ${key}`,
    priceUsd === undefined ? "price unknown" : usd(priceUsd),
    expected && `takes ${expectedText(expected)}`,
  );

/** Reported and estimated progress are two things, and look like it. */
export function stateText({ state, elapsedMs, expected, progress, queuePosition }: StateLine): string {
  const share = elapsedMs !== undefined && expected ? Math.min(0.99, elapsedMs / expected.maxMs) : undefined;
  return joined(
    state,
    elapsedMs === undefined ? undefined : clockTime(elapsedMs),
    expected && `takes ${expectedText(expected)}`,
    progress === undefined ? undefined : `${Math.round(progress * 100)} % reported`,
    progress === undefined && share !== undefined ? `about ${Math.round(share * 100)} % by the clock` : undefined,
    queuePosition === undefined ? undefined : `${queuePosition} before it`,
  );
}

const rowText = ({ id, line, state, file, bytes: size, priceUsd, error }: RowLine): string =>
  joined(
    `${id} ${state}`,
    file,
    size === undefined ? undefined : bytes(size),
    priceUsd === undefined ? undefined : usd(priceUsd),
    error && `line ${line}: ${oneLine(error.message)}`,
  );

const summaryText = ({ states, priceUsd, unpriced }: SummaryLine): string =>
  joined(
    ...Object.entries(states)
      .filter(([, count]) => count > 0)
      .map(([state, count]) => `${count} ${state}`),
    `${usd(priceUsd)}${unpriced > 0 ? `, and ${unpriced} without a known price` : ""}`,
  );

function errorText({ message, code, ref, billed, issues = [], hints = [], next }: ErrorLine): string {
  const wrong = issues.map((found) => `  ${found.path} ${oneLine(found.message)}`);
  const first = issues.length > 0 ? `${code === "invalid_request" ? "this cannot be done" : code}:` : oneLine(message);
  // Of a task that runs on nothing is in doubt: it is billed as it ends.
  const runsOn = ref !== undefined && (code === "aborted" || code === "wait_timeout");
  const paid = billed === undefined || billed === "no" || runsOn ? [] : [`  paid: ${billed}`];
  return [
    first,
    ...wrong,
    ...paid,
    ...hints.map((hint) => `  ${withoutControls(hint)}`),
    ...(next ? [`  go on: ${next}`] : []),
  ].join("\n");
}

/** What a person reads; of lists the cells of one row. */
export function sentence(line: OutputLine): string {
  switch (line.type) {
    case "accepted":
      return acceptedText(line);
    case "state":
      return stateText(line);
    case "saved":
      return joined(`saved ${line.file}`, bytes(line.bytes));
    case "row":
      return rowText(line);
    case "summary":
      return summaryText(line);
    case "balance":
      return joined(
        line.vendor,
        line.usd === undefined ? undefined : usd(line.usd),
        line.credits === undefined ? undefined : `${line.credits} credits`,
      );
    case "check":
      return [`${line.name}: ${oneLine(line.message)}`, ...(line.hint ? [`  ${line.hint}`] : [])].join("\n");
    case "note":
      return `${line.level === "info" ? "" : `${line.level}: `}${oneLine(line.message)}`;
    case "error":
      return errorText(line);
    default:
      return tableOf(line)?.cellsOf(line).join("\t") ?? "";
  }
}
