// What a verification of a live vendor found, for a person.
import type { Check } from "./checks.ts";
import type { Answered } from "./forward.ts";
import type { Finding, Mismatch } from "./verify.ts";

export type Verdict = { check: Check; held: boolean | undefined; lines: string[] };

/** A way of a check: what was answered, and what of it is not as the contract says. */
export type Way = { answered: Answered | undefined; findings: readonly Finding[] };

/** Held if one of its ways did; nothing to say where the vendor did not get to the point. */
export function verdictOf(check: Check, ways: readonly Way[], keyEnv: string): Verdict {
  if (ways.some(({ answered, findings }) => answered?.problem === undefined && findings.length === 0))
    return { check, held: true, lines: [] };
  const problem = ways.map(({ answered }) => answered && whyNoVerdict(check, answered, keyEnv)).find(Boolean);
  if (problem) return { check, held: undefined, lines: [problem] };
  const lines = ways.flatMap(({ findings }, index) => [
    ...(ways.length > 1 ? [index === 0 ? "refused for its key:" : "refused for what it lacks:"] : []),
    ...findings.flatMap(linesOf).map((line) => (ways.length > 1 ? `  ${line}` : line)),
  ]);
  return { check, held: false, lines };
}

function whyNoVerdict({ key, ways }: Check, answered: Answered, keyEnv: string): string | undefined {
  if (answered.problem !== undefined) return answered.problem;
  const { status } = answered;
  if (ways.some(({ response }) => response.status === status)) return undefined;
  if (key === "yours" && (status === 401 || status === 403))
    return `${status}: the vendor refuses your key for this; is ${keyEnv} right?`;
  return status === 429 || status >= 500 ? `${status}: the vendor is busy or down; try again later` : undefined;
}

function linesOf({ mismatch: { message, mismatches = [] } }: Finding): string[] {
  return mismatches.length > 0 ? mismatches.map(lineOf).toSorted() : [message ?? "Pact gives no reason"];
}

function lineOf({ type, mismatch, description, path, key }: Mismatch): string {
  const where =
    { StatusMismatch: "status", HeaderMismatch: `header ${key}`, BodyMismatch: `body ${path}` }[type] ?? type;
  return `${where}: ${mismatch ?? description ?? "differs"}`;
}

/** The request as a line, without what it is to be kept from. */
export function requestLine({ ways: [way], key }: Check): string {
  if (!way) return "";
  const { method, path, query = {} } = way.request;
  const search = new URLSearchParams(Object.entries(query).flatMap(([name, values]) => values.map((v) => [name, v])));
  return `${method} ${path}${search.size > 0 ? `?${search}` : ""}, ${key === "yours" ? "your key" : "a wrong key"}`;
}

const WORDS = { true: "held", false: "DRIFTED", undefined: "no verdict" } as const;

export const show = ({ check, held, lines }: Verdict): string =>
  [
    `  ${WORDS[`${held}`].padEnd(10)}  ${check.name} (${requestLine(check)})`,
    ...lines.map((line) => `                ${line}`),
  ].join("\n");
