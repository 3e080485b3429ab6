// Lines that come in lists, as the cells of a table: aligned on a terminal, with tabs in a pipe.
import { clockTime, oneLine, roughly, usd } from "./format.ts";
import type { ModelLine, OfferLine, OutputLine, TaskLine } from "./lines.ts";

/** The heads of the columns, and a row of them. */
export type Table = {
  heads: readonly string[];
  cellsOf(line: OutputLine): string[];
  /** Its last cell is shown whole, over several lines where it has to be. */
  isWrapped?: boolean;
};

const expectedText = (expected: { minMs: number; maxMs: number } | undefined): string =>
  expected ? `${clockTime(expected.minMs)}–${clockTime(expected.maxMs)}` : "-";

const fieldText = ({ name, values }: ModelLine["fields"][number]): string =>
  values ? `${name}=${values.join("|")}` : name;

const lifeOf = ({ expiresAt, state }: TaskLine, now: number): string => {
  if (state !== "succeeded") return "-";
  if (expiresAt === undefined) return "no expiry known";
  const left = Date.parse(expiresAt) - now;
  return left > 0 ? `expires in ${roughly(left)}` : "expired";
};

const about = (line: TaskLine): string => oneLine(line.failure?.message ?? line.prompt ?? "");

/** Why an offer is none, in one cell. */
const against = ({ issues = [] }: OfferLine): string =>
  oneLine(issues.map(({ path, message }) => `${path} ${message}`).join("; "));

const TABLES: { readonly [type: string]: Table } = {
  model: {
    heads: ["MODEL", "VENDOR", "ITS NAME", "FIELDS"],
    isWrapped: true,
    cellsOf: (line) => {
      const { family, vendor, model, fields } = line as ModelLine;
      return [family ?? model, vendor, model, fields.map(fieldText).join(" ")];
    },
  },
  offer: {
    heads: ["VENDOR", "MODEL", "PRICE", "TAKES", "URL LIVES", ""],
    isWrapped: true,
    cellsOf: (line) => {
      const offer = line as OfferLine;
      const { vendor, model, ok, priceUsd, expected, resultUrlLifeMs, warnings = [] } = offer;
      if (!ok) return [vendor, model, "-", "-", "-", `cannot: ${against(offer)}`];
      const life = resultUrlLifeMs === undefined ? "no end" : roughly(resultUrlLifeMs);
      const price = priceUsd === undefined ? "unknown" : usd(priceUsd);
      return [vendor, model, price, expectedText(expected), life, oneLine(warnings.map((w) => w.message).join("; "))];
    },
  },
  task: {
    heads: ["KEY", "STATE", "MODEL", "AGE", "PRICE", "VIDEO", ""],
    cellsOf: (line) => {
      const task = line as TaskLine;
      const now = Date.now();
      const { key, ref, vendor, model, state, submittedAt, priceUsd } = task;
      const age = submittedAt === undefined ? "-" : roughly(now - Date.parse(submittedAt));
      const price = priceUsd === undefined ? "-" : usd(priceUsd);
      return [key ?? ref ?? "", state, `${vendor} ${model}`, age, price, lifeOf(task, now), about(task)];
    },
  },
};

export const tableOf = ({ type }: OutputLine): Table | undefined => TABLES[type];
export { expectedText };
