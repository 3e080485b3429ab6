// Who may read or drive the emulator: programs on this machine, and its own page. No other site that is open in the same
// browser can, under whatever name it reaches 127.0.0.1.
import { timingSafeEqual } from "node:crypto";
import { failure } from "./json.ts";

/** The names under which a browser on this machine knows the server. Any other may be a stranger's that points here. */
const LOCAL = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * Why a request is refused; nothing when it may pass.
 * @param isPage the page itself, which a link from anywhere may open, as no other site can read it then.
 */
export function refusal(request: Request, token: string, isPage: boolean): Response | undefined {
  const { hostname, origin } = new URL(request.url);
  if (!LOCAL.has(hostname))
    return failure(403, "host", `the emulator is driven at 127.0.0.1 or localhost only, not at ${hostname}`);
  const from = request.headers.get("origin");
  if (from !== null && from !== origin)
    return failure(403, "origin", "another origin can neither read nor drive the emulator");
  const site = request.headers.get("sec-fetch-site");
  const isOpened = isPage && request.headers.get("sec-fetch-mode") === "navigate";
  if (site !== null && site !== "same-origin" && site !== "none" && !isOpened)
    return failure(403, "origin", "another site can neither read nor drive the emulator");
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
