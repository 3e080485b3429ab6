// What the headers of a result host say of the bytes that come with them. What kind of file they are, the bytes say.
import { Fault } from "./faults.ts";

/** Which bytes of how many. */
export type Span = { from: number; to: number | undefined; total: number | undefined };

/** The part that a `Content-Range` names. @throws Fault when it is another than the one from `from` on, or none */
export function spanOf(headers: Headers, from: number): Span {
  const range = headers.get("content-range") ?? "";
  const [, first, last, total] = /^\s*bytes[\s=]+(\d+)-(\d+)\/(\d+|\*)\s*$/i.exec(range) ?? [];
  const isOurs = Number(first) === from && Number(last) >= from && !(Number(last) >= Number(total));
  if (!isOurs)
    throw new Fault("passing", `the result host sent "${range.slice(0, 100)}" for the bytes from ${from} on`);
  return { from, to: Number(last) + 1, total: total === "*" ? undefined : Number(total) };
}

/** The length of the file, from a 416. */
export function lengthOf(headers: Headers): number | undefined {
  const [, total] = /^\s*bytes[\s=]+\*\/(\d+)\s*$/i.exec(headers.get("content-range") ?? "") ?? [];
  return total === undefined ? undefined : Number(total);
}

export function contentLength(headers: Headers): number | undefined {
  const length = headers.get("content-length")?.trim() ?? "";
  return /^\d+$/.test(length) ? Number(length) : undefined;
}

// A weak ETag says that two files mean the same, not that their bytes are.
export function validatorOf(headers: Headers): string | undefined {
  const etag = headers.get("etag") ?? "";
  return /^"[^"]*"$/.test(etag) ? etag : (headers.get("last-modified") ?? undefined);
}

const COMPRESSIONS = new Set(["gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress"]);

/**
 * The compression that a file is stored with. A fetch unpacks it, so no length and no range of its headers counts. Other
 * codings (`aws-chunked`, `utf-8`, `binary`, none at all) change nothing.
 */
export const compressionOf = (headers: Headers): string | undefined =>
  (headers.get("content-encoding") ?? "")
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim())
    .find((coding) => COMPRESSIONS.has(coding));

/** Where a redirect leads. A header is given as its bytes; those of a raw path are UTF-8. */
export function locationOf(headers: Headers): string {
  const location = headers.get("location") ?? "";
  if (!/[\x80-\xff]/.test(location) || /[^\0-\xff]/.test(location)) return location;
  try {
    const bytes = Uint8Array.from(location, (char) => char.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return location;
  }
}
