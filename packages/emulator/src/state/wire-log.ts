// What went over the wire, for people who look: headers and bodies of both directions, without keys and tokens.
import type { Reply } from "../network/reply.ts";
import type { RequestEntry } from "./request-log.ts";

/** One exchange, with its keys masked. */
export interface WireEntry {
  /** Counts from 1; does not begin again with `reset`. */
  readonly id: number;
  /** When it arrived, wall-clock milliseconds of the emulator. */
  readonly at: number;
  /** How long the answer took, real milliseconds; absent until it is given. */
  ms?: number;
  readonly request: RequestEntry;
  readonly requestHeaders: Readonly<Record<string, string>>;
  /** The task that it asked for or started. */
  taskId?: string;
  responseHeaders?: Readonly<Record<string, string>>;
  /** Its text; of a video, what it is. */
  responseBody?: string;
  /** What became of an answer that did not leave whole: `"reset"`, `"close"`, `"silence"`, `"gone"`, `"cut"`. */
  broken?: string;
}

export interface WireLog {
  begin(request: RequestEntry, headers: Headers, at: number): WireEntry;
  /** Oldest first. */
  readonly entries: readonly WireEntry[];
  /** Tells of an entry that has changed. */
  touch(entry: WireEntry): void;
  /** Those that began or changed after this revision, the last change last; the revision now. */
  changedSince(revision: number): { entries: WireEntry[]; revision: number };
  reset(): void;
}

const MAX_ENTRIES = 5_000;
/** Characters of an answer that are kept. */
const MAX_SHOWN = 2 ** 14;

/** Headers whose values are shown; of all others only the names are. */
const SHOWN = new Set(
  "accept accept-encoding accept-language accept-ranges allow cache-control connection content-length content-range content-type date etag host if-range last-modified location range retry-after sec-fetch-mode transfer-encoding user-agent x-emulator-scope".split(
    " ",
  ),
);
export const MASK = "••••";

function maskedHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    [...headers].map(([name, value]) => {
      if (SHOWN.has(name)) return [name, value];
      const scheme = name === "authorization" ? /^(Bearer|Basic)(?= )/i.exec(value)?.[0] : undefined;
      return [name, scheme === undefined ? MASK : `${scheme} ${MASK}`];
    }),
  );
}

export function createWireLog(): WireLog {
  const entries: WireEntry[] = [];
  const changes = new Map<WireEntry, number>();
  let ids = 0;
  let revision = 0;
  const touch = (entry: WireEntry) => {
    changes.delete(entry);
    changes.set(entry, ++revision);
  };
  return {
    entries,
    begin(request, headers, at) {
      const entry: WireEntry = { id: ++ids, at, request, requestHeaders: maskedHeaders(headers) };
      entries.push(entry);
      touch(entry);
      if (entries.length > MAX_ENTRIES)
        for (const old of entries.splice(0, entries.length - MAX_ENTRIES)) changes.delete(old);
      return entry;
    },
    touch,
    changedSince(since) {
      const changed: WireEntry[] = [];
      if (since < revision)
        for (const [entry, at] of [...changes].toReversed()) {
          if (at <= since) break;
          changed.push(entry);
        }
      return { entries: changed.toReversed(), revision };
    },
    reset() {
      entries.length = 0;
      changes.clear();
      revision++;
    },
  };
}

/** Writes down what leaves. A body that is text is read for it, and goes on as a copy. */
export async function show(reply: Reply, seen: WireEntry): Promise<Reply> {
  if (reply.how !== "whole") seen.broken = reply.how;
  if (!("response" in reply)) return reply;
  const { response } = reply;
  seen.responseHeaders = maskedHeaders(response.headers);
  const type = response.headers.get("content-type") ?? "";
  if (response.body === null || !/json|text|xml/.test(type)) {
    if (response.body !== null) seen.responseBody = `(${type}, ${response.headers.get("content-length") ?? "?"} bytes)`;
    return reply;
  }
  const text = await response.text();
  seen.responseBody = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  const { status, statusText, headers } = response;
  return { ...reply, response: new Response(text, { status, statusText, headers }) };
}
