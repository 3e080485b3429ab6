// Everything that leaves the client as text (errors, events, excerpts) goes through here.
import { withoutCredentials } from "./redact/credentials.ts";
import { hiderOf, longestEcho } from "./redact/echoes.ts";
import { VidtaskError } from "./task/errors.ts";
import type { Json } from "./task/task.ts";

const MAX_EXCERPT = 500;
/** No text shown is longer, and a hostile body must not cost time. */
const MAX_TEXT = 4 * MAX_EXCERPT;
/** Text beyond this is not read. */
const MAX_SOURCE = 16 * MAX_TEXT;

/** Removes the given secrets, bearer and callback tokens and URL queries from a text, and what is too long to show. */
export type Redact = (text: string) => string;

/**
 * A redactor for the secrets a client holds at the moment it is used. It finds them however they are escaped, also inside
 * base64; one of fewer than eight characters it leaves alone, because that stands in every other word.
 */
export function redactor(secrets: () => readonly (string | undefined)[]): Redact {
  const hide = hiderOf(secrets);
  return (text) => {
    const isCut = text.length > MAX_SOURCE;
    const clean = hide(isCut ? text.slice(0, MAX_SOURCE) : text);
    // Half a secret at the cut is not found.
    const whole = isCut ? clean.slice(0, Math.max(0, clean.length - longestEcho(secrets()))) : clean;
    return withoutCredentials(whole.slice(0, MAX_TEXT));
  };
}

/** Removes secrets from the texts of a JSON value, of any length: for what is stored. */
export type HideSecrets = <T extends Json>(value: T) => T;

/** As `redactor`, for what is stored. */
export function secretsHider(secrets: () => readonly string[]): HideSecrets {
  const hide = hiderOf(secrets);
  const clean = (part: Json | undefined): Json | undefined => {
    if (typeof part === "string") return hide(part);
    if (typeof part !== "object" || part === null) return part;
    if (Array.isArray(part)) return part.map((item) => clean(item) ?? null);
    return Object.fromEntries(Object.entries(part).map(([name, member]) => [name, clean(member)]));
  };
  return <T extends Json>(value: T) => clean(value) as T;
}

/** The beginning of a foreign text, short enough to read and safe to log; every database takes it. */
export function excerptOf(body: string, redact: Redact): string {
  const clean = redact(body);
  const excerpt = clean.length > MAX_EXCERPT ? `${clean.slice(0, MAX_EXCERPT - 1)}…` : clean;
  return excerpt.replace(/[\0\p{Cs}]/gu, "\ufffd");
}

/**
 * A copy of an error and its causes with only name, message and system codes, redacted: safe as a `cause`. Anything can be
 * thrown, also what throws when it is read.
 */
export function safeCause(error: unknown, redact: Redact, depth = 0): Error {
  const { name, message, cause, code, syscall } = partsOf(error);
  const inner = cause === undefined || depth > 4 ? undefined : { cause: safeCause(cause, redact, depth + 1) };
  const copy = new Error(redact(message), inner);
  copy.name = redact(name);
  return Object.assign(
    copy,
    code === undefined ? {} : { code: redact(code) },
    syscall === undefined ? {} : { syscall: redact(syscall) },
  );
}

type Thrown = { name?: unknown; message?: unknown; cause?: unknown; code?: unknown; syscall?: unknown };

function partsOf(error: unknown): { name: string; message: string; cause?: unknown; code?: string; syscall?: string } {
  try {
    if (typeof error !== "object" || error === null || !("message" in error))
      return { name: "Error", message: String(error) };
    const { name, message, cause, code, syscall } = error as Thrown;
    return {
      name: String(name),
      message: String(message),
      cause,
      ...(typeof code === "string" ? { code } : {}),
      ...(typeof syscall === "string" ? { syscall } : {}),
    };
  } catch {
    return { name: "Error", message: "something that cannot be read was thrown" };
  }
}

/** What is known about a failed exchange: the innermost cause and its system code. */
export function reason(error: Error): string {
  if (VidtaskError.isInstance(error)) return error.message;
  let inner = error;
  while (inner.cause instanceof Error) inner = inner.cause;
  const { code } = inner as Error & { code?: string };
  const text = inner.message || inner.name;
  return code && !text.includes(code) ? `${text} (${code})` : text;
}

/** What an error says, and after it the innermost cause, where that says more: `fetch failed` alone says nothing. */
export function fullReason(error: Error): string {
  const inner = reason(error);
  return inner.includes(error.message) ? inner : `${error.message}: ${inner}`;
}
