// Serving bytes as a file host would: no key, ranges, strong ETag.
import { createHash } from "node:crypto";

export interface Served {
  bytes: Uint8Array<ArrayBuffer>;
  etag: string;
  contentType: string;
  /** Wall-clock milliseconds. */
  modified: number;
}

export const etagOf = (bytes: Uint8Array) => `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 27)}"`;

/** assumed, of every vendor: what its file host says about a file that it never had, or no longer has. */
export const notFound = () => new Response("Not Found", { status: 404, headers: { "content-type": "text/plain" } });

/** @param request GET or HEAD. */
export function serve(request: Request, { bytes, etag, contentType, modified }: Served): Response {
  const headers = new Headers({
    "accept-ranges": "bytes",
    "content-type": contentType,
    etag,
    "last-modified": new Date(modified).toUTCString(),
  });
  // What was uploaded is of the origin of the emulator's page, and no script of it.
  if (!/^(video|audio)\/|^image\/(png|jpeg|webp|gif)$/.test(contentType)) {
    headers.set("content-security-policy", "default-src 'none'; sandbox");
    headers.set("x-content-type-options", "nosniff");
  }
  const size = bytes.byteLength;
  const range =
    request.method === "GET" && rangeApplies(request, headers)
      ? parseRange(request.headers.get("range"), size)
      : undefined;
  if (range === "unsatisfiable") {
    headers.set("content-range", `bytes */${size}`);
    headers.set("content-length", "0");
    headers.delete("content-type");
    return new Response(null, { status: 416, headers });
  }
  const [first, last] = range ?? [0, size - 1];
  headers.set("content-length", String(last - first + 1));
  if (range) headers.set("content-range", `bytes ${first}-${last}/${size}`);
  const body = request.method === "HEAD" ? null : bytes.subarray(first, last + 1);
  return new Response(body, { status: range ? 206 : 200, headers });
}

/** RFC 9110, 13.1.5: without a match by strong ETag or exact date the whole file is sent. */
function rangeApplies(request: Request, headers: Headers): boolean {
  const condition = request.headers.get("if-range");
  return condition === null || condition === headers.get("etag") || condition === headers.get("last-modified");
}

/** First and last byte; `undefined` for no range, one that is malformed, or several: then the whole file is sent. */
function parseRange(header: string | null, size: number): [number, number] | "unsatisfiable" | undefined {
  const [range, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? "") ?? [];
  if (range === undefined || (from === "" && to === "")) return undefined;
  if (from === "") {
    const count = Math.min(Number(to), size);
    return count === 0 ? "unsatisfiable" : [size - count, size - 1];
  }
  const first = Number(from);
  const last = to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== "" && Number(to) < first) return undefined;
  return first >= size ? "unsatisfiable" : [first, last];
}
