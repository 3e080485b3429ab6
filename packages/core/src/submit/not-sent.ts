// Which errors of `fetch` prove that a request never left, on which runtime. Measured, not guessed; what is not listed
// proves nothing. Valid only for `redirect: "manual"`, and where nothing sends again by itself.

const CONNECT_CODES = new Set(["ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH", "ETIMEDOUT", "ECONNRESET"]);

// We refused the peer's certificate, and the request is written only after that check. A TLS *alert* proves nothing, since
// under TLS 1.3 it can answer a request that was already written.
const CERTIFICATE_CODES = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** No runtime nests causes deeper than this; it also ends a circular chain. */
const MAX_DEPTH = 8;

type Thrown = { [field: string]: unknown };

/** The runtimes whose errors are known. `deno` holds only for a request sent through a client without a pool. */
export type Runtime = "node" | "bun" | "deno" | "other";

/**
 * True when the error alone proves that no byte of the request left this machine.
 *
 * @param target where the request went, when the error may also be that of another one: a `fetch` of the user's own may
 * send logs or get a token, and what happens to those proves nothing
 */
export function provesNotSent(error: unknown, runtime: Runtime, target?: URL, depth = 0): boolean {
  if (typeof error !== "object" || error === null || depth > MAX_DEPTH) return false;
  const { cause, errors, message, code, syscall } = error as Thrown;
  const proves = (inner: unknown) => provesNotSent(inner, runtime, target, depth + 1);
  if (Array.isArray(errors)) return errors.length > 0 && errors.every(proves);
  if (cause !== undefined && cause !== null) return proves(cause);
  if (runtime === "deno") return typeof message === "string" && /\): client error \(Connect\): /.test(message);
  if (runtime === "other" || typeof code !== "string") return false;
  if (target && !mayConcern(error as Thrown, target)) return false;
  if (CERTIFICATE_CODES.has(code)) return target === undefined || (error as Thrown)["host"] === target.hostname;
  if (runtime === "bun") return code === "ECONNREFUSED" || code === "ENOTFOUND";
  if (code === "UND_ERR_CONNECT_TIMEOUT" || syscall === "getaddrinfo") return true;
  return syscall === "connect" && CONNECT_CODES.has(code);
}

/** False when an error names another place. An address says whose it is only where the URL has it, too. */
function mayConcern({ hostname, address, port, path, message }: Thrown, target: URL): boolean {
  const ownPort = target.port || (target.protocol === "https:" ? "443" : "80");
  const name = target.hostname.replace(/^\[|\]$/g, "");
  const isLoopback = name === "localhost" && /^(127\.|::1$)/.test(String(address));
  if (hostname !== undefined && hostname !== name) return false;
  if (address !== undefined && address !== name && !isLoopback) return false;
  if (port !== undefined && String(port) !== ownPort) return false;
  if (typeof path === "string" && URL.canParse(path) && new URL(path).host !== target.host) return false; // Bun
  const attempted = /\(attempted address(?:es)?: (.*), timeout/.exec(String(message))?.[1];
  return attempted === undefined || attempted === `${name}:${ownPort}`;
}

/** What undici's dispatchers throw when they are given a request as another version of it makes them: at once. */
export function isRefusedByDispatcher(error: unknown, depth = 0): boolean {
  if (typeof error !== "object" || error === null || depth > MAX_DEPTH) return false;
  const { cause, code } = error as Thrown;
  return code === "UND_ERR_INVALID_ARG" || isRefusedByDispatcher(cause, depth + 1);
}
