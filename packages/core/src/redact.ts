// Everything that leaves the client as text (errors, events, excerpts) goes through here.
import { VidtaskError } from "./task/errors.ts";

const MAX_EXCERPT = 500;
/** Text beyond this is not read: nothing shown is longer, and a hostile body must not cost time. */
const MAX_TEXT = 4 * MAX_EXCERPT;

/** Removes the given secrets, bearer and callback tokens and URL queries from a text, and what is too long to show. */
export type Redact = (text: string) => string;

/** A redactor for the secrets a client holds at the moment it is used. */
export const redactor =
  (secrets: () => readonly (string | undefined)[]): Redact =>
  (text) => {
    let clean = text;
    for (const secret of secrets()) if (secret) clean = clean.replaceAll(secret, "***");
    return clean
      .slice(0, MAX_TEXT)
      .replace(/\b(Bearer\s+)[^\s"',}]+/gi, "$1***")
      .replace(/vtc1[\w-]*/g, "***")
      .replace(/(https?:\/\/)[^\s/"'@]+@/gi, "$1***@")
      .replace(/(https?:\/\/[^\s"'?#\\]+)\?[^\s"'#\\]*/gi, "$1?***");
  };

/** The beginning of a foreign text, short enough to read and safe to log. */
export function excerptOf(body: string, redact: Redact): string {
  const clean = redact(body);
  return clean.length > MAX_EXCERPT ? `${clean.slice(0, MAX_EXCERPT - 1)}…` : clean;
}

/** A copy of an error and its causes with only name, message and system codes, redacted: safe as a `cause`. */
export function safeCause(error: unknown, redact: Redact, depth = 0): Error {
  if (!(error instanceof Error) && !isErrorLike(error)) return new Error(redact(String(error)));
  const { name, message, cause, code, syscall } = error as Error & { code?: unknown; syscall?: unknown };
  const inner = cause === undefined || depth > 4 ? undefined : { cause: safeCause(cause, redact, depth + 1) };
  const copy = new Error(redact(String(message)), inner);
  copy.name = String(name);
  return Object.assign(copy, typeof code === "string" ? { code } : {}, typeof syscall === "string" ? { syscall } : {});
}

const isErrorLike = (value: unknown): boolean => typeof value === "object" && value !== null && "message" in value;

/** What is known about a failed exchange: the innermost cause and its system code. */
export function reason(error: Error): string {
  if (VidtaskError.isInstance(error)) return error.message;
  let inner = error;
  while (inner.cause instanceof Error) inner = inner.cause;
  const { code } = inner as Error & { code?: string };
  const text = inner.message || inner.name;
  return code && !text.includes(code) ? `${text} (${code})` : text;
}
