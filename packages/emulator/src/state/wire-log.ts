// What went over the wire, for people who look: headers and bodies of both directions, without keys and tokens.
import { isText, type RawHeaders, type Reply } from "../network/reply.ts";
import { createBoundedLog } from "./bounded-log.ts";
import { createMasking, type ShownHeaders } from "./masked-headers.ts";
import type { RequestEntry } from "./request-log.ts";

/** One exchange, with its keys masked. */
export interface WireEntry {
  /** Counts from 1; does not begin again with `reset`. */
  readonly id: number;
  /** When it arrived, wall-clock milliseconds of the emulator. */
  readonly at: number;
  /** How long the answer took, real milliseconds; `undefined` until it is given. */
  ms: number | undefined;
  readonly request: RequestEntry;
  readonly requestHeaders: ShownHeaders;
  /** When it last changed, counted. */
  revision: number;
  /** The task that it asked for or started. */
  taskId: string | undefined;
  responseHeaders: ShownHeaders | undefined;
  /** Its text; of a video, what it is. */
  responseBody: string | undefined;
  /** What became of an answer that did not leave whole: `"reset"`, `"close"`, `"silence"`, `"gone"`, `"cut"`. */
  broken: string | undefined;
}

export interface WireLog {
  begin(request: RequestEntry, headers: Headers | RawHeaders, at: number): WireEntry;
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

export function createWireLog(): WireLog {
  const log = createBoundedLog<WireEntry>(MAX_ENTRIES);
  let ids = 0;
  let revision = 0;
  const maskedRequest = createMasking();
  return {
    get entries() {
      return log.read();
    },
    begin: (request, headers, at) =>
      log.push({
        id: ++ids,
        at,
        request,
        requestHeaders: maskedRequest(headers),
        revision: ++revision,
        // All that comes later has its place: entries are many, and one object is smaller than two.
        ms: undefined,
        taskId: undefined,
        responseHeaders: undefined,
        responseBody: undefined,
        broken: undefined,
      }),
    touch: (entry) => void (entry.revision = ++revision),
    changedSince(since) {
      const entries = since < revision ? log.read().filter((entry) => entry.revision > since) : [];
      return { entries: entries.toSorted((a, b) => a.revision - b.revision), revision };
    },
    reset() {
      log.read().length = 0;
      revision++;
    },
  };
}

/** The answers of one second to polls have the same headers, too. */
const maskedAnswer = createMasking();

/** Writes down what leaves. A body that is text is read for it. */
export function show(reply: Reply, seen: WireEntry): Reply | Promise<Reply> {
  if (reply.how !== "whole") seen.broken = reply.how;
  if (!("response" in reply)) return reply;
  const { response } = reply;
  seen.responseHeaders = maskedAnswer(response.headers);
  if (isText(response)) {
    seen.responseBody = shortened(response.text);
    return reply;
  }
  const type = response.headers.get("content-type") ?? "";
  if (response.body === null || !/json|text|xml/.test(type)) {
    if (response.body !== null) seen.responseBody = `(${type}, ${response.headers.get("content-length") ?? "?"} bytes)`;
    return reply;
  }
  return response.text().then((text) => {
    seen.responseBody = shortened(text);
    const { status, statusText, headers } = response;
    return { ...reply, response: new Response(text, { status, statusText, headers }) };
  });
}

const shortened = (text: string): string => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
