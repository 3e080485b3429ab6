// One exchange with a result host: each redirect is checked and followed by hand, and the headers say which bytes come.
import { retryAfter } from "../http/answer.ts";
import type { FetchInit } from "../http/fetch.ts";
import { isAllowedHost } from "../http/hosts.ts";
import type { IdleTimeout } from "../time/idle-timeout.ts";
import type { AuthHeaders } from "../vendor-spec/call.ts";
import { Fault } from "./faults.ts";
import { compressionOf, contentLength, lengthOf, locationOf, spanOf, validatorOf, type Span } from "./headers.ts";

const MAX_HOPS = 5;
/** A host's word for how long to wait counts up to here, in ms. */
const MAX_RETRY_AFTER = 600_000;
/** What a proxy on the way makes of a 200 counts as one. */
const WHOLE = new Set([200, 203]);
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Sends one request to a URL that has been checked. */
export type Send = (url: URL, init: FetchInit) => Promise<Response>;

export type RangeRequest = {
  url: URL;
  base: URL;
  /** Where the bytes are to begin; nothing asks for the whole file, without a range. */
  from: number | undefined;
  ifRange: string | undefined;
  send: Send;
  idleTimeout: IdleTimeout;
  /** The account's, for a URL at one of the vendor's own origins that wants them. */
  credentials?: () => Promise<AuthHeaders>;
};

type Bytes = Span & {
  /** A strong ETag, else the date of the last change: what `If-Range` may carry. */
  validator: string | undefined;
  body: ReadableStream<Uint8Array>;
  /** The host said that it keeps the connection after this. */
  isKept: boolean;
  /** What the host says that it is. */
  type: string;
  /** What the file is stored in; its end is then where the body ends, if the length of what was sent is known. */
  compression?: { name: string; isMeasured: boolean } | undefined;
};
/** The bytes from the requested offset, the whole file instead, or that there are none from there on. */
export type RangeAnswer = ({ kind: "part" | "whole" } & Bytes) | { kind: "past"; total: number | undefined };

/** The host cannot give the range that was asked for; it may have the whole file all the same. */
export class NoRange extends Error {
  override name = "NoRange";
  /** What the answer means where the whole file is not to be had either. */
  readonly fault: Fault;
  constructor(fault: Fault) {
    super("no range");
    this.fault = fault;
  }
}

/** Asks for the bytes from an offset on. Sends no cookie, no referrer, and a key only where the URL wants it. @throws Fault, NoRange */
export async function requestRange(request: RangeRequest): Promise<RangeAnswer> {
  const response = await followRedirects(request);
  const { status, headers, body } = response;
  const { from } = request;
  try {
    if (status === 416 && from !== undefined && from > 0) {
      void body?.cancel().catch(() => {});
      return { kind: "past", total: lengthOf(headers) };
    }
    if (!WHOLE.has(status) && status !== 206) throw refusalOf(response, request);
    if (!body) throw new Fault("passing", "the result host sent no body");
    const compression = compressionOf(headers);
    const about = {
      validator: compression === undefined ? validatorOf(headers) : undefined,
      body,
      isKept: /^keep-alive$/i.test(headers.get("connection") ?? ""),
      type: (headers.get("content-type") ?? "").split(";", 1)[0]?.slice(0, 100) ?? "",
    };
    const total = contentLength(headers);
    const span = status === 206 ? partOf(headers, from ?? 0) : { from: 0, to: total, total };
    if (compression === undefined) return { kind: status === 206 ? "part" : "whole", ...span, ...about };
    // Of something packed a part is of no use.
    const message = `the result host sends the video in parts of what is packed in ${compression}`;
    if (span.from > 0 || span.to !== span.total) throw new NoRange(new Fault("final", message));
    const packed = { name: compression, isMeasured: span.to !== undefined };
    return { kind: "whole", from: 0, to: undefined, total: undefined, ...about, compression: packed };
  } catch (fault) {
    void body?.cancel().catch(() => {});
    throw fault;
  }
}

function partOf(headers: Headers, from: number): Span {
  try {
    return spanOf(headers, from);
  } catch (fault) {
    throw from === 0 && fault instanceof Fault ? new NoRange(fault) : fault;
  }
}

// Some hosts refuse a range with whatever status comes to their mind, and give the file without one.
const RANGE_STATUSES = new Set([400, 405, 501]);

function refusalOf(response: Response, { from, url }: RangeRequest): Fault | NoRange {
  const { status, headers } = response;
  const fault =
    status === 416 ? new Fault("stale", "the result host has an empty file") : refusal({ status, headers }, url);
  const mayBeRange = from === 0 || (from !== undefined && RANGE_STATUSES.has(status));
  const mustWait = status === 429 || headers.has("retry-after");
  return mayBeRange && !mustWait ? new NoRange(fault) : fault;
}

async function followRedirects(request: RangeRequest): Promise<Response> {
  const { url: start, base, from, ifRange, send, idleTimeout, credentials } = request;
  const headers = {
    accept: "video/mp4, video/*",
    // From the first request on: with a range, fetch asks for the bytes as they are (identity).
    ...(from === undefined ? { "accept-encoding": "identity" } : { range: `bytes=${from}-` }),
    ...(ifRange === undefined ? {} : { "if-range": ifRange }),
  };
  let url = start;
  let auth = credentials ? await idleTimeout.during(credentials()) : {};
  for (let hops = 0; ; hops++) {
    const init: FetchInit = { headers: { ...auth, ...headers }, redirect: "manual", signal: idleTimeout.signal };
    const response = await idleTimeout.during(send(url, init));
    if (response.type === "opaqueredirect")
      throw new Fault("final", `${url.host} redirects, and this runtime hides where to: fetch the video elsewhere`);
    if (!REDIRECTS.has(response.status)) return response;
    void response.body?.cancel().catch(() => {});
    if (hops === MAX_HOPS)
      throw new Fault(
        "final",
        `the result host redirects more than ${MAX_HOPS} times: see whether get() gives another URL`,
        { canRepeat: true },
      );
    const location = locationOf(response.headers);
    if (!URL.canParse(location, url)) throw new Fault("stale", `${url.host} redirects to nowhere`);
    const next = new URL(location, url);
    if (!isAllowedHost(next, base))
      throw new Fault(
        "final",
        `${url.host} redirects to ${next.host}, which is not on https at a public address: see whether get() gives another URL`,
        { canRepeat: true },
      );
    if (next.origin !== url.origin) auth = {}; // and not again, should it lead back
    url = next;
  }
}

function refusal({ status, headers }: Pick<Response, "status" | "headers">, { host }: URL): Fault {
  const message = `the result host ${host} answered HTTP ${status}`;
  const isPassing = status === 408 || status === 425 || status === 429 || status < 400 || status >= 500;
  const wait = retryAfter((name) => headers.get(name));
  const retryAfterMs = wait === undefined ? undefined : Math.min(wait, MAX_RETRY_AFTER);
  return new Fault(isPassing ? "passing" : "stale", message, { retryAfterMs });
}
