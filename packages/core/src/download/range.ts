// One exchange with a result host: each redirect is checked and followed by hand, and the headers say which bytes come.
import { retryAfter } from "../http/answer.ts";
import type { FetchInit } from "../http/fetch.ts";
import { isAllowedHost } from "../http/hosts.ts";
import type { IdleTimeout } from "../time/abort.ts";
import { Fault } from "./faults.ts";

const MAX_HOPS = 5;
/** A host's word for how long to wait counts up to here, in ms. */
const MAX_RETRY_AFTER = 600_000;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
// A storage that knows no type says octet-stream; the bytes are checked anyway.
const VIDEO_TYPE = /^(video\/|application\/(octet-stream|mp4)|binary\/octet-stream|$)/i;

/** Sends one request to a URL that has been checked. */
export type Send = (url: URL, init: FetchInit) => Promise<Response>;

type Request = { url: URL; base: URL; from: number; ifRange: string | undefined; send: Send; idleTimeout: IdleTimeout };

type Bytes = {
  /** Where the first byte belongs, and the one after the last where that is known. */
  from: number;
  to: number | undefined;
  /** Of the whole file. */
  total: number | undefined;
  /** A strong ETag, else the date of the last change: what `If-Range` may carry. */
  validator: string | undefined;
  body: ReadableStream<Uint8Array>;
  /** The host said that it keeps the connection after this. */
  isKept: boolean;
};
/** The bytes from the requested offset, the whole file instead, or that there are none from there on. */
export type RangeAnswer = ({ kind: "part" | "whole" } & Bytes) | { kind: "past"; total: number | undefined };

/** Asks for the bytes from an offset on. Sends no key, no cookie and no referrer. @throws Fault */
export async function requestRange(request: Request): Promise<RangeAnswer> {
  const response = await followRedirects(request);
  const { status, headers, body } = response;
  try {
    if (status === 416) {
      const [, total] = /^bytes \*\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
      void body?.cancel().catch(() => {});
      return { kind: "past", total: total === undefined ? undefined : Number(total) };
    }
    if (status !== 200 && status !== 206) throw refusal(response, request.url);
    const encoding = headers.get("content-encoding") ?? "identity";
    if (encoding.toLowerCase() !== "identity")
      throw new Fault("stale", `the result host sent the video in ${encoding}, not as it is`);
    const type = headers.get("content-type") ?? "";
    if (!VIDEO_TYPE.test(type))
      throw new Fault("stale", `the result host sent ${type.slice(0, 100)} instead of a video`);
    if (!body) throw new Fault("passing", "the result host sent no body");
    const validator = validatorOf(headers);
    const isKept = /^keep-alive$/i.test(headers.get("connection") ?? "");
    if (status === 206) return { kind: "part", ...rangeOf(headers, request.from), validator, body, isKept };
    const length = headers.get("content-length");
    const total = length !== null && /^\d+$/.test(length) ? Number(length) : undefined;
    return { kind: "whole", from: 0, to: total, total, validator, body, isKept };
  } catch (fault) {
    void body?.cancel().catch(() => {});
    throw fault;
  }
}

async function followRedirects({ url: start, base, from, ifRange, send, idleTimeout }: Request): Promise<Response> {
  const headers = {
    accept: "video/mp4, video/*",
    // From the first request on: with a range, fetch asks for the bytes as they are (identity).
    range: `bytes=${from}-`,
    ...(ifRange === undefined ? {} : { "if-range": ifRange }),
  };
  let url = start;
  for (let hops = 0; ; hops++) {
    const init: FetchInit = { headers, redirect: "manual", signal: idleTimeout.signal };
    const response = await idleTimeout.during(send(url, init));
    if (response.type === "opaqueredirect")
      throw new Fault("final", `${url.host} redirects, and this runtime hides where to: fetch the video elsewhere`);
    if (!REDIRECTS.has(response.status)) return response;
    void response.body?.cancel().catch(() => {});
    if (hops === MAX_HOPS)
      throw new Fault(
        "final",
        `the result host redirects more than ${MAX_HOPS} times: see whether get() gives another URL`,
      );
    const location = response.headers.get("location") ?? "";
    if (!URL.canParse(location, url)) throw new Fault("stale", `${url.host} redirects to nowhere`);
    const next = new URL(location, url);
    if (!isAllowedHost(next, base))
      throw new Fault(
        "final",
        `${url.host} redirects to ${next.host}, which is not on https at a public address: see whether get() gives another URL`,
      );
    url = next;
  }
}

function refusal({ status, headers }: Response, { host }: URL): Fault {
  const message = `the result host ${host} answered HTTP ${status}`;
  const isPassing = status === 408 || status === 425 || status === 429 || status < 400 || status >= 500;
  const wait = retryAfter((name) => headers.get(name));
  const retryAfterMs = wait === undefined ? undefined : Math.min(wait, MAX_RETRY_AFTER);
  return new Fault(isPassing ? "passing" : "stale", message, { retryAfterMs });
}

function rangeOf(headers: Headers, from: number): Pick<Bytes, "from" | "to" | "total"> {
  const range = headers.get("content-range") ?? "";
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(range) ?? [];
  const isOurs = Number(first) === from && Number(last) >= from && !(Number(last) >= Number(total));
  if (!isOurs)
    throw new Fault("passing", `the result host sent "${range.slice(0, 100)}" for the bytes from ${from} on`);
  return { from, to: Number(last) + 1, total: total === "*" ? undefined : Number(total) };
}

// A weak ETag says that two files mean the same, not that their bytes are.
function validatorOf(headers: Headers): string | undefined {
  const etag = headers.get("etag") ?? "";
  return /^"[^"]*"$/.test(etag) ? etag : (headers.get("last-modified") ?? undefined);
}
