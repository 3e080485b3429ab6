// One line per row of the error-shape table of network.md, as each runtime tells it.
import { describe, expect, test } from "vitest";
import { provesNotSent, type Runtime } from "./not-sent.ts";

const system = (code: string, syscall?: string) =>
  Object.assign(new Error(`${syscall ?? "fetch"} ${code}`), { code, ...(syscall === undefined ? {} : { syscall }) });
/** Node: `fetch failed` with the cause inside. */
const node = (code: string, syscall?: string) => new TypeError("fetch failed", { cause: system(code, syscall) });
/** Bun: one error, no cause. */
const bun = (code: string) => Object.assign(new TypeError("Unable to connect"), { code });
/** Deno: `fetch failed`-like with a message that tells the phase. */
const deno = (text: string) =>
  new TypeError("fetch failed", { cause: new Error(`error sending request for url (https://a.test/): ${text}`) });

const rows: [name: string, runtime: Runtime, error: unknown, isProof: boolean][] = [
  ["refused", "node", node("ECONNREFUSED", "connect"), true],
  ["refused", "bun", bun("ECONNREFUSED"), true],
  ["refused", "deno", deno("client error (Connect): tcp connect error"), true],
  ["refused", "other", new Error("Network connection lost."), false],
  ["no such name", "node", node("ENOTFOUND", "getaddrinfo"), true],
  ["no such name for now", "node", node("EAI_AGAIN", "getaddrinfo"), true],
  ["no such name", "bun", bun("ENOTFOUND"), true],
  ["no such name", "deno", deno("client error (Connect): dns error"), true],
  ["no such name", "other", new Error("internal error; reference = x"), false],
  ["a connect time-out", "node", node("UND_ERR_CONNECT_TIMEOUT"), true],
  ["a time-out of the system while connecting", "node", node("ETIMEDOUT", "connect"), true],
  ["no route", "node", node("EHOSTUNREACH", "connect"), true],
  ["no network", "node", node("ENETUNREACH", "connect"), true],
  ["our own time-out", "node", new DOMException("late", "TimeoutError"), false],
  ["an abort", "node", new DOMException("stopped", "AbortError"), false],
  ["an unknown CA", "node", node("DEPTH_ZERO_SELF_SIGNED_CERT"), true],
  ["a chain that cannot be checked", "node", node("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), true],
  ["a certificate of another host", "node", node("ERR_TLS_CERT_ALTNAME_INVALID"), true],
  ["a certificate of another host", "bun", bun("ERR_TLS_CERT_ALTNAME_INVALID"), true],
  ["an unknown CA", "deno", deno("client error (Connect): invalid peer certificate: UnknownIssuer"), true],
  ["a TLS version that is refused", "node", node("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION"), false],
  ["a TLS version that is refused", "bun", bun("EPROTO"), false],
  [
    "a TLS version that is refused",
    "deno",
    deno("client error (Connect): received fatal alert: ProtocolVersion"),
    true,
  ],
  ["a reset in the TLS handshake", "node", node("ECONNRESET", "read"), false],
  ["a reset in the TLS handshake", "bun", bun("ECONNRESET"), false],
  ["a reset in the TLS handshake", "deno", deno("client error (Connect): Connection reset"), true],
  ["a missing client certificate", "node", node("UND_ERR_SOCKET"), false],
  ["a missing client certificate", "deno", deno("received fatal alert: CertificateRequired"), false],
  ["a reset on accept, while connecting", "node", node("ECONNRESET", "connect"), true],
  ["a bare reset", "deno", deno("Connection reset by peer (os error 104)"), false],
  ["a reset in mid-body", "node", node("ECONNRESET", "write"), false],
  ["a reset after the body", "node", node("ECONNRESET", "read"), false],
  ["a reset that says it may be retried", "other", Object.assign(new Error("lost"), { retryable: true }), false],
  ["an end after the body", "node", node("UND_ERR_SOCKET"), false],
  [
    "an end after the body",
    "deno",
    deno("client error (SendRequest): connection closed before message completed"),
    false,
  ],
  ["a cut body", "node", new TypeError("terminated", { cause: system("UND_ERR_SOCKET") }), false],
  ["a cut body", "deno", new TypeError("error reading a body from connection"), false],
  ["garbage instead of HTTP", "node", node("HPE_INVALID_CONSTANT"), false],
  ["garbage instead of HTTP", "bun", bun("Malformed_HTTP_Response"), false],
  ["garbage instead of HTTP", "deno", deno("client error (SendRequest): invalid HTTP version parsed"), false],
  ["a reset of an HTTP/2 stream", "node", node("ERR_HTTP2_STREAM_ERROR"), false],
  [
    "a redirect that was not wanted",
    "node",
    new TypeError("fetch failed", { cause: new Error("unexpected redirect") }),
    false,
  ],
];
for (const [name, runtime, error, isProof] of rows)
  test(`${name} on ${runtime} ${isProof ? "proves that nothing left" : "proves nothing"}`, () => {
    expect(provesNotSent(error, runtime)).toBe(isProof);
  });

describe("several addresses tried", () => {
  const tried = (...errors: Error[]) => new TypeError("fetch failed", { cause: new AggregateError(errors, "") });
  const refused = system("ECONNREFUSED", "connect");

  test("prove it only together", () => {
    expect(provesNotSent(tried(refused, system("ETIMEDOUT", "connect")), "node")).toBe(true);
    expect(provesNotSent(tried(refused, system("ECONNRESET", "read")), "node")).toBe(false);
    expect(provesNotSent(tried(), "node")).toBe(false);
  });

  test("are not overruled by a code on the whole", () => {
    const whole = Object.assign(new AggregateError([system("ECONNRESET", "read")], ""), refused);
    expect(provesNotSent(new TypeError("fetch failed", { cause: whole }), "node")).toBe(false);
  });
});

test("only the innermost cause counts", () => {
  const outer = Object.assign(new Error("x", { cause: system("ECONNRESET", "read") }), {
    code: "ECONNREFUSED",
    syscall: "connect",
  });
  expect(provesNotSent(outer, "node")).toBe(false);
});

test("another runtime's words prove nothing", () => {
  for (const error of [node("ECONNREFUSED", "connect"), bun("ECONNREFUSED"), deno("client error (Connect): x")])
    expect(provesNotSent(error, "other")).toBe(false);
  expect(provesNotSent(bun("ECONNREFUSED"), "node")).toBe(false);
  expect(provesNotSent(node("ECONNREFUSED", "connect"), "deno")).toBe(false);
});

test("what is no error, or bites its own tail, proves nothing", () => {
  const ring = new Error("ring");
  ring.cause = ring;
  for (const thrown of [undefined, null, "ECONNREFUSED", 7, {}, [], { code: 7, syscall: "connect" }, ring])
    expect(provesNotSent(thrown, "node")).toBe(false);
});

describe("where a fetch of the user's own may have sent something else, too", () => {
  const named = (code: string, syscall: string | undefined, more: object) =>
    new TypeError("fetch failed", { cause: Object.assign(system(code, syscall), more) });
  const refused = (address: string, port: number) => named("ECONNREFUSED", "connect", { address, port });
  const late = (attempted: string) =>
    new TypeError("fetch failed", {
      cause: Object.assign(new Error(`Connect Timeout Error (attempted ${attempted}, timeout: 10000ms)`), {
        code: "UND_ERR_CONNECT_TIMEOUT",
      }),
    });

  test.each<[what: string, error: unknown, target: string, isProof: boolean]>([
    ["a refusal of the vendor's", refused("127.0.0.1", 8080), "http://127.0.0.1:8080", true],
    ["a refusal by another port", refused("127.0.0.1", 9), "http://127.0.0.1:8080", false],
    ["a refusal by another address", refused("10.0.0.1", 8080), "http://127.0.0.1:8080", false],
    ["of localhost", refused("::1", 8080), "http://localhost:8080", true],
    ["of an IPv6 address", refused("::1", 8080), "http://[::1]:8080", true],
    ["by an address that may be any host's", refused("203.0.113.1", 443), "https://api.acme.test", false],
    [
      "a name that is the vendor's",
      named("ENOTFOUND", "getaddrinfo", { hostname: "api.acme.test" }),
      "https://api.acme.test",
      true,
    ],
    [
      "a name that is another's",
      named("ENOTFOUND", "getaddrinfo", { hostname: "logs.test" }),
      "https://api.acme.test",
      false,
    ],
    ["a connect time-out", late("address: api.acme.test:443"), "https://api.acme.test", true],
    ["a connect time-out of another's", late("address: logs.test:443"), "https://api.acme.test", false],
    ["one of several addresses", late("addresses: 203.0.113.1:443, 203.0.113.2:443"), "https://api.acme.test", false],
    [
      "a certificate of the vendor's",
      named("ERR_TLS_CERT_ALTNAME_INVALID", undefined, { host: "api.acme.test" }),
      "https://api.acme.test",
      true,
    ],
    [
      "a certificate of another's",
      named("ERR_TLS_CERT_ALTNAME_INVALID", undefined, { host: "logs.test" }),
      "https://api.acme.test",
      false,
    ],
    [
      "a certificate of an unknown issuer",
      named("DEPTH_ZERO_SELF_SIGNED_CERT", undefined, {}),
      "https://api.acme.test",
      false,
    ],
    ["a test's error that names nothing", node("ECONNREFUSED", "connect"), "https://api.acme.test", true],
  ])("%s proves it only if it is the vendor's", (_, error, target, isProof) => {
    expect(provesNotSent(error, "node", new URL(target))).toBe(isProof);
  });

  test.each([
    ["http://a.test/v1/tasks", true],
    ["http://logs.test/", false],
  ])("on Bun, whose errors name a URL: %s", (path, isProof) => {
    const error = Object.assign(bun("ECONNREFUSED"), { path });
    expect(provesNotSent(error, "bun", new URL("http://a.test/v1/tasks"))).toBe(isProof);
  });

  test("several addresses must all be the vendor's", () => {
    const at = (port: number) => Object.assign(system("ECONNREFUSED", "connect"), { address: "::1", port });
    const tried = (...errors: Error[]) => new TypeError("fetch failed", { cause: new AggregateError(errors, "") });
    const target = new URL("http://localhost:8080");
    expect(provesNotSent(tried(at(8080), at(8080)), "node", target)).toBe(true);
    expect(provesNotSent(tried(at(8080), at(9)), "node", target)).toBe(false);
  });
});
