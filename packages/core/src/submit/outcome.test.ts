import { describe, expect, test } from "vitest";
import type { Answer } from "../http/answer.ts";
import { redactor } from "../redact.ts";
import { acme } from "../test/acme.ts";
import { cpuMs } from "../test/turns.ts";
import { outcomeOf } from "./outcome.ts";

const KEY = "secret-key-123456";
const context = { adapter: acme, redact: redactor(() => [KEY]), phase: "submit" as const, key: "k" };

function answered(status: number, body?: unknown, more: Partial<Answer> = {}): Answer {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const contentType = typeof body === "string" ? "text/html; charset=utf-8" : "application/json";
  return { status, text, body: typeof body === "string" ? undefined : body, contentType, ...more };
}
const outcome = (status: number, body?: unknown, more?: Partial<Answer>) =>
  outcomeOf(answered(status, body, more), context);
const kind = (status: number, body?: unknown, more?: Partial<Answer>) => outcome(status, body, more).kind;

// network.md, rule 9, in other words than the code's.
const REFUSED = [
  [400, 406],
  [410, 411],
  [413, 417],
  [421, 422],
  [425, 426],
  [428, 428],
  [431, 431],
  [451, 451],
] as const;
function expected(status: number): string {
  if (status === 407) return "not-sent";
  if (status === 429) return "limited";
  if ([301, 307, 308].includes(status)) return "refused";
  return REFUSED.some(([from, to]) => status >= from && status <= to) ? "refused" : "unknown";
}
const statuses = Array.from({ length: 500 }, (_, index) => index + 100);

describe("every status from 100 to 599 is judged as the table says", () => {
  const bodies = { "no body": undefined, HTML: "<html></html>", "an empty object": {}, null: null, "a number": 7 };
  for (const [name, body] of Object.entries(bodies))
    test(`with ${name}`, () => {
      for (const status of statuses) expect(kind(status, body), `${status}`).toBe(expected(status));
    });

  test("as the `code` of a body under HTTP 200, from 400 on; below, a code says nothing", () => {
    for (const code of statuses) {
      const judged = code === 407 || code < 400 ? "unknown" : expected(code);
      expect(kind(200, { code }), `${code}`).toBe(judged);
    }
    for (const code of [0, 1001, -400, 400.5, "400", null]) expect(kind(200, { code })).toBe("unknown");
  });

  test("and a body's `code` overrules another HTTP status, whatever else the body says", () => {
    expect(kind(400, { code: 500 })).toBe("unknown");
    expect(kind(500, { code: 400 })).toBe("refused");
    expect(kind(500, { code: 500, error: { code: "no_money", message: "" } })).toBe("unknown");
    expect(kind(503, { code: 429 })).toBe("limited");
  });
});

test("a documented code of the vendor stands for the status it is documented with", () => {
  const rows = [
    ["no_money", 500, "refused", "insufficient_credits"],
    ["bad_request", 200, "refused", "invalid_request"],
    ["bad_key", 502, "refused", "unauthorized"],
    ["slow_down", 503, "limited", "rate_limited"],
    ["spend_cap", 429, "refused", "spend_limit"],
    ["spend_cap", 500, "refused", "spend_limit"],
  ] as const;
  for (const [code, status, expectedKind, canonical] of rows) {
    const found = outcome(status, { error: { code, message: "said" } });
    expect(found.kind, `${code}`).toBe(expectedKind);
    expect("error" in found && found.error).toMatchObject({ code: canonical, vendorCode: code, status });
  }
});

test("an outage or an internal error in the vendor's own words still proves nothing", () => {
  for (const [code, status, canonical] of [
    ["upstream_error", 503, "upstream"],
    ["upstream_error", 502, "upstream"],
    ["broken", 500, "internal"],
    ["nsfw", 500, "content_rejected"],
    ["not-listed", 503, "upstream"],
  ] as const) {
    const found = outcome(status, { error: { code, message: "said" } });
    expect(found).toMatchObject({
      kind: "unknown",
      cause: { name: "VendorError", code: canonical, billed: "unknown" },
    });
  }
});

describe("a task id at its documented place", () => {
  test("is accepted under every 2xx, and an odd `code` is told", () => {
    for (const status of [200, 201, 202, 206, 299]) expect(kind(status, { id: "t1" })).toBe("accepted");
    expect(outcome(200, { id: "t1" })).toEqual({ kind: "accepted", id: "t1" });
    for (const code of [400, 401, 429, 500, 1001])
      expect(outcome(200, { id: "t1", code })).toMatchObject({ kind: "accepted", id: "t1", odd: expect.any(String) });
  });

  test("under an error status is unknown, and the id is kept", () => {
    for (const status of [400, 401, 404, 429, 500, 502, 503])
      expect(outcome(status, { id: "t1" })).toMatchObject({ kind: "unknown", id: "t1" });
  });

  test("does not overrule a redirect or a proxy that wants a login", () => {
    expect(kind(307, { id: "t1" })).toBe("refused");
    expect(kind(302, { id: "t1" })).toBe("unknown");
    expect(kind(407, { id: "t1" })).toBe("not-sent");
  });

  test("counts only when it is a well-formed string", () => {
    const odd = [7, null, true, "", "a/b", "..", "a b", "a\n", "x".repeat(129), ["t1"], { id: "t1" }];
    for (const id of odd) {
      expect(kind(200, { id }), `${id}`).toBe("unknown");
      expect(outcome(500, { id })).not.toHaveProperty("id");
    }
    expect(kind(200, { id: "x".repeat(128) })).toBe("accepted");
  });

  test("is judged by the adapter's own pattern where it has one", () => {
    const adapter = { ...acme, taskIdPattern: /^task:\d+$/ };
    expect(outcomeOf(answered(200, { id: "task:1" }), { ...context, adapter }).kind).toBe("accepted");
    expect(outcomeOf(answered(200, { id: "t1" }), { ...context, adapter }).kind).toBe("unknown");
  });

  test("that is whole in a cut body is accepted or offered as a candidate", () => {
    const cut = new TypeError("terminated");
    expect(outcome(200, { id: "t1" }, { cut })).toMatchObject({ kind: "accepted", odd: expect.any(String) });
    const broken = { status: 200, text: '{"id":"t1","mod', body: undefined, contentType: "application/json", cut };
    expect(outcomeOf(broken, context)).toMatchObject({ kind: "unknown", unconfirmedTaskId: "t1" });
  });
});

test("an answer without an id under 2xx is unknown, with a ProtocolError as its cause", () => {
  for (const body of [undefined, "<html></html>", {}, null, { id: null }, { code: 200 }])
    expect(outcome(200, body)).toMatchObject({
      kind: "unknown",
      cause: { name: "ProtocolError", expected: /task id/ },
    });
});

test("a moved address names the new origin, and nothing else of the location", () => {
  const moved = (location?: string) => {
    const found = outcome(308, "", location === undefined ? {} : { location });
    return "error" in found ? found.error.message : "";
  };
  expect(moved("https://user:pw@new.acme.test:8443/v2?token=x")).toMatch(/to https:\/\/new\.acme\.test:8443: set/);
  expect(moved("https://user:pw@new.acme.test/v2?token=x")).not.toMatch(/pw|token|v2/);
  for (const elsewhere of [undefined, "/v2", "//", "https://"])
    expect(moved(elsewhere)).toMatch(/has moved: set `baseUrl`/);
});

test("errors say what to do, are bounded, and hold no secret", () => {
  const message = (status: number, body: unknown) => {
    const found = outcome(status, body);
    return "error" in found ? found.error.message : "cause" in found ? found.cause.message : "";
  };
  expect(message(401, {})).toContain("ACME_API_KEY");
  expect(message(402, {})).toContain("top up");
  expect(message(502, "<p>down</p>")).toContain("HTTP 502 with text/html");
  const shouting = { error: { code: "bad_request", message: `${KEY} `.repeat(50_000) } };
  expect(message(400, shouting).length).toBeLessThan(700);
  for (const said of [message(400, shouting), message(200, `<p>${KEY}</p>`)]) expect(said).not.toContain(KEY);
  const accepted = outcome(200, { id: "t1", error: { code: "nsfw", message: KEY } });
  expect(JSON.stringify(accepted)).not.toContain(KEY);
});

test("a message made to be slow to clean is cleaned at once", () => {
  const message = "https://".repeat(130_000);
  expect(cpuMs(() => void outcome(400, { error: { code: "bad_request", message } }))).toBeLessThan(1_000);
});

test("an adapter that throws, or answers with nonsense, leaves the decision to the status", () => {
  for (const refusal of [
    () => {
      throw new TypeError("x");
    },
    () => null,
    () => "no",
    () => ({}),
  ]) {
    const adapter = { ...acme, refusal: refusal as never, submitted: (() => null) as never };
    for (const [status, judged] of [
      [400, "refused"],
      [429, "limited"],
      [500, "unknown"],
      [200, "unknown"],
    ] as const)
      expect(outcomeOf(answered(status, {}), { ...context, adapter }).kind, `${status}`).toBe(judged);
  }
});
