// An error as a line, with the exit code and what to do next.
import type { VidtaskError } from "@vidtask/core";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
import { quoted } from "./format.ts";
import type { ErrorLine } from "./lines.ts";

/** How a command goes on after an error. */
export type Next = {
  /** Waits for the task, and saves its video. */
  again?: string | undefined;
  /** The same command under the same key. */
  repeat?: string | undefined;
  /** The options that say where its tasks are remembered, as text. */
  where?: string | undefined;
};

type Found = VidtaskError & {
  readonly issues?: { path: string; rule: string; message: string }[];
  readonly retryAfterMs?: number;
};

const isVidtaskError = (error: unknown): error is Found =>
  typeof error === "object" && error !== null && typeof Reflect.get(error, Symbol.for("vidtask.error")) === "string";

/** Of the interrupt's signal itself, which no call of vidtask's has seen. */
const isInterrupt = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";

/** What a price cap or a budget says no to is refused; all else that breaks a rule is wrong usage. */
const CAPS = /^(maxPrice|budget)(\.|$)/;

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return EXIT.usage;
  if (!isVidtaskError(error)) return isInterrupt(error) ? EXIT.interrupted : EXIT.fault;
  switch (error.code) {
    case "aborted":
      return EXIT.interrupted;
    case "submit_unknown":
      return EXIT.unknown;
    case "wait_timeout":
    case "download":
    case "protocol":
      return EXIT.open;
    case "journal":
      return error.billed === "no" ? EXIT.refused : EXIT.unknown;
    default:
  }
  if (error.name === "TaskFailedError") return EXIT.failed;
  if (error.name === "InvalidRequestError")
    return error.issues?.some(({ path }) => CAPS.test(path)) ? EXIT.refused : EXIT.usage;
  // Of a task that exists: it runs on, whatever stands in the way of asking for it.
  const isOfTask = error.phase !== "submit" && error.phase !== "plan" && error.code !== "not_found";
  return isOfTask ? EXIT.open : EXIT.refused;
}

export function explain(error: unknown, { again, repeat, where = "" }: Next = {}): ErrorLine {
  const exitCode = exitCodeOf(error);
  if (error instanceof UsageError)
    return { type: "error", exitCode, code: "usage", message: error.message, hints: [...error.hints] };
  if (!isVidtaskError(error) && isInterrupt(error)) {
    const next = again ?? repeat;
    return { type: "error", exitCode, code: "aborted", message: "stopped", ...(next === undefined ? {} : { next }) };
  }
  if (!isVidtaskError(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return { type: "error", exitCode, code: "internal", message };
  }
  const { code, billed, retryable, idempotencyKey: key, ref, issues } = error;
  const next = nextOf(error, exitCode, { again, repeat });
  return {
    type: "error",
    exitCode,
    code,
    message: messageOf(error),
    billed,
    retryable,
    ...(key === undefined ? {} : { key }),
    ...(ref === undefined ? {} : { ref: [ref.vendor, ref.model, ref.id].join(":") }),
    ...(issues === undefined ? {} : { issues: issues.map(inWordsOfThisProgram) }),
    ...(exitCode === EXIT.unknown && key !== undefined ? { hints: toSettle(key, where) } : {}),
    ...(next === undefined ? {} : { next }),
  };
}

function nextOf({ retryable }: Found, exitCode: ExitCode, { again, repeat }: Next): string | undefined {
  if (exitCode === EXIT.open) return again;
  if (exitCode === EXIT.interrupted) return again ?? repeat;
  return retryable ? repeat : undefined;
}

/** Core's messages name functions of a program; here there are commands. */
function messageOf({ code, message, phase, ref, retryable, idempotencyKey: key }: Found): string {
  if (code === "aborted") return ref && phase === "poll" ? "stopped waiting; the task runs on" : "stopped";
  if (code !== "submit_unknown") return message;
  const [why = message] = message.split("; the task may exist");
  const when = retryable ? "; another process may be sending it, or its callback may still come" : "";
  return `${why}: it is not known whether ${key} was accepted; it may exist and be paid for${when}`;
}

export const toSettle = (key: string, where = ""): string[] => [
  "Nothing is sent again under this key. Look in the vendor's dashboard for a task of that minute, then:",
  `vidtask settle ${quoted(key)} <vendor:model:id>${where}   if it is there`,
  `vidtask settle ${quoted(key)} lost${where}   if it is not, an hour after the submit`,
];

function inWordsOfThisProgram(found: { path: string; rule: string; message: string }) {
  const message = found.message
    .replace(
      /, together with the client's `upload` option|, or a file( of at most \d+ bytes, or one)? together with the client's `upload` option/,
      "",
    )
    .replace(
      /^must be a URL$/,
      "must be a URL: this vendor takes no file; put it where it can be fetched, or choose another vendor",
    )
    .replace("`force`", "--force");
  const path = OPTION_OF[found.path] ?? found.path;
  return { ...found, path, message };
}

const OPTION_OF: { readonly [field: string]: string } = {
  maxPrice: "--max-price",
  idempotencyKey: "--key",
  waitTimeout: "--wait-timeout",
  submitTimeout: "--submit-timeout",
};
