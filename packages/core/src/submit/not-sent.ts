// Which errors of `fetch` prove that a request never left, on which runtime. Measured, not guessed; what is not listed
// proves nothing. Valid only for `redirect: "manual"` on a fresh connection.

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

type Thrown = { code?: unknown; syscall?: unknown; message?: unknown; cause?: unknown; errors?: unknown };

/** The runtimes whose errors are known. `deno` holds only for a request sent through a client without a pool. */
export type Runtime = "node" | "bun" | "deno" | "other";

/** True when the error alone proves that no byte of the request left this machine. */
export function provesNotSent(error: unknown, runtime: Runtime, depth = 0): boolean {
  if (typeof error !== "object" || error === null || depth > MAX_DEPTH) return false;
  const { cause, errors, message } = error as Thrown;
  const proves = (inner: unknown) => provesNotSent(inner, runtime, depth + 1);
  if (Array.isArray(errors)) return errors.length > 0 && errors.every(proves);
  if (cause !== undefined && cause !== null) return proves(cause);
  const { code, syscall } = error as Thrown;
  if (runtime === "deno") return typeof message === "string" && /\): client error \(Connect\): /.test(message);
  if (runtime === "other" || typeof code !== "string") return false;
  if (CERTIFICATE_CODES.has(code)) return true;
  if (runtime === "bun") return code === "ECONNREFUSED" || code === "ENOTFOUND";
  if (code === "UND_ERR_CONNECT_TIMEOUT" || syscall === "getaddrinfo") return true;
  return syscall === "connect" && CONNECT_CODES.has(code);
}
