// What the program says, as data: `--json` prints one of these a line, people get the same in words.

type Issue = { path: string; rule: string; message: string };
type Warning = { about: string; kind: string; message: string };
/** In milliseconds, by the vendor's own words. */
type Expected = { minMs: number; maxMs: number };

/** A model of a vendor. */
export type ModelLine = {
  type: "model";
  vendor: string;
  /** The vendor's own name. */
  model: string;
  /** The name that several vendors' models share; what `--model` takes. */
  family?: string;
  /** Fields of a request, with what they may be where it is a list. */
  fields: { name: string; values?: (string | number | boolean)[] }[];
  /** The page that says so. */
  source?: string;
};

/** What a vendor would do for a request, or why not. */
export type OfferLine = {
  type: "offer";
  vendor: string;
  model: string;
  ok: boolean;
  /** US dollars; absent when no page prints a price. */
  priceUsd?: number;
  expected?: Expected;
  /** How long the result's URL lives. */
  resultUrlLifeMs?: number;
  warnings?: Warning[];
  /** What stands against it. */
  issues?: Issue[];
  /** The body that would be sent; of `plan` only. */
  body?: object;
};

/** A submit that was accepted now, or before under the same key. */
export type AcceptedLine = {
  type: "accepted";
  key: string;
  ref: string;
  vendor: string;
  model: string;
  priceUsd?: number;
  expected?: Expected;
};

/** A task that runs, at a change. */
export type StateLine = {
  type: "state";
  key?: string;
  ref: string;
  state: "pending" | "processing";
  /** Since the submit. */
  elapsedMs?: number;
  expected?: Expected;
  /** 0 to 1, as the vendor reports it; never an estimate. */
  progress?: number;
  queuePosition?: number;
};

/** Where a task or a submit stands. `unsent`, `sending`, `unknown`, `refused` and `lost` are of submits without a task. */
export type TaskLine = {
  type: "task";
  key?: string;
  ref?: string;
  vendor: string;
  model: string;
  state: "unsent" | "sending" | "unknown" | "refused" | "lost" | "running" | "succeeded" | "failed";
  prompt?: string;
  priceUsd?: number;
  submittedAt?: string;
  completedAt?: string;
  /** When the result's URL dies. */
  expiresAt?: string;
  /** Of a task that has succeeded. */
  urls?: string[];
  failure?: { code: string; message: string; billed: string };
  progress?: number;
};

/** A video that is on the disk, whole. */
export type SavedLine = { type: "saved"; key?: string; ref: string; file: string; bytes: number };

/** One row of a batch, as in its results file. */
export type RowLine = {
  type: "row";
  id: string;
  /** Its line in the input. */
  line: number;
  key: string;
  state: "saved" | "failed" | "refused" | "unknown" | "running" | "not-saved" | "not-started";
  ref?: string;
  file?: string;
  bytes?: number;
  priceUsd?: number;
  error?: { code: string; message: string; billed: string };
};

/** What all of it comes to. */
export type SummaryLine = {
  type: "summary";
  /** How many there are of each state. */
  states: { [state: string]: number };
  /** US dollars, of what was accepted or may have been, by the planned prices. */
  priceUsd: number;
  /** How many of those have no price. */
  unpriced: number;
};

/** What an account holds, in US dollars or in credits. */
export type BalanceLine = { type: "balance"; vendor: string; usd?: number; credits?: number };
/** What `doctor` has looked at. */
export type CheckLine = { type: "check"; name: string; ok: boolean | "unknown"; message: string; hint?: string };
/** `alarm`: worth waking a person. */
export type NoteLine = { type: "note"; level: "info" | "warning" | "alarm"; message: string };

/** The last line of a command that did not do all it was asked for. */
export type ErrorLine = {
  type: "error";
  exitCode: number;
  code: string;
  message: string;
  /** Whether money was taken, as far as it is known. */
  billed?: string;
  retryable?: boolean;
  key?: string;
  ref?: string;
  issues?: Issue[];
  hints?: string[];
  /** The command that goes on. */
  next?: string;
};

/** One line of `--json`. */
export type OutputLine =
  | ModelLine
  | OfferLine
  | AcceptedLine
  | StateLine
  | TaskLine
  | SavedLine
  | RowLine
  | SummaryLine
  | BalanceLine
  | CheckLine
  | NoteLine
  | ErrorLine;
