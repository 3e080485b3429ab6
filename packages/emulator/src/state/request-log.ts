// The log of every request the emulator saw.
import type { Body } from "../network/body.ts";
import { createBoundedLog, type BoundedLog } from "./bounded-log.ts";

/** One request that the emulator saw. */
export interface RequestEntry {
  /** The vendor whose documented path it was; "" for an unknown path. */
  vendor: string;
  /** In capitals. */
  method: string;
  /** Path and query as sent, without the origin. */
  path: string;
  /** HTTP status of the answer; absent until it is given, and where none is. */
  status?: number;
  /** The fault that hit it. */
  fault?: string;
  /** The body: parsed when it is JSON, else its text. Absent when there was none, no text, or more than 64 KiB. */
  body?: unknown;
  /**
   * Fields of the body that the vendor documents nowhere, as paths (`"input.foo"`), and parameters of the query
   * (`"?foo"`). They are accepted, as a vendor may well do; a test of a client should find none.
   */
  undocumented?: string[];
}

export type RequestLog = BoundedLog<RequestEntry>;

/** The oldest entries go when there are more, so that a long-running emulator does not grow. */
const MAX_ENTRIES = 20_000;
const MAX_LOGGED_BODY = 2 ** 16;

/** Its entries have no header, hence no key. */
export const createRequestLog = (): RequestLog => createBoundedLog(MAX_ENTRIES);

export function logBody(entry: RequestEntry, body: Body): void {
  if (!("bytes" in body) || body.bytes.byteLength > MAX_LOGGED_BODY) return;
  if (body.kind === "json") entry.body = structuredClone(body.value);
  if (body.kind === "text") entry.body = body.text;
}

export function logUndocumented(entry: RequestEntry, names: readonly string[]): void {
  if (names.length > 0) entry.undocumented = [...(entry.undocumented ?? []), ...names];
}
