// Who may read or drive the emulator: programs on this machine, and its own page. No other site that is open in the same
// browser can, under whatever name it reaches 127.0.0.1.
import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { failure } from "./json.ts";

/** The names under which a browser on this machine knows the server. Any other may be a stranger's that points here. */
const LOCAL = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * Whether a browser sends it for a page of another site, which would be logged, meet a fault, or make a scope. A link to the
 * page may be followed from anywhere, and the page that is being developed may show a result.
 */
export function isFromElsewhere(headers: IncomingHttpHeaders, path: string): boolean {
  const site = headers["sec-fetch-site"];
  if (site === undefined || site === "same-origin" || site === "none") return false;
  if (/^\/(results|files)\//.test(path)) return false;
  const isLink = headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
  return !(isLink && /^\/(\?|$)/.test(path));
}

export const elsewhere = (): Response => failure(403, "origin", "another site can neither read nor drive the emulator");

/** Why a request for the emulator itself is refused; nothing when it may pass. */
export function refusal(request: Request, token: string): Response | undefined {
  const { hostname, origin } = new URL(request.url);
  if (!LOCAL.has(hostname))
    return failure(403, "host", `the emulator is driven at 127.0.0.1 or localhost only, not at ${hostname}`);
  const from = request.headers.get("origin");
  if (from !== null && from !== origin)
    return failure(403, "origin", "another origin can neither read nor drive the emulator");
  if (request.method === "GET" || request.method === "HEAD") return undefined;

  const type = request.headers.get("content-type");
  if (type !== null && !/^application\/json\s*(;|$)/i.test(type))
    return failure(415, "content_type", "a body is JSON, sent as application/json");
  if (!isToken(tokenOf(request), token))
    return failure(
      401,
      "token",
      "what changes something needs the header `Authorization: Bearer <token>`; the emulator prints its token when it starts",
    );
  return undefined;
}

function tokenOf(request: Request): string {
  const [, bearer = ""] = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  return bearer;
}

function isToken(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
