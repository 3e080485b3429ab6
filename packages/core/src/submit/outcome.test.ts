import { describe, expect, test } from "vitest";
import { toAnswer } from "../http/answer.ts";
import { redactor } from "../redact.ts";
import type { VendorCode } from "../task/failure.ts";
import { acme } from "../test/acme.ts";
import { cpuMs } from "../test/turns.ts";
import { outcomeOf } from "./outcome.ts";

const KEY = "secret-key-123456";
const context = {
  adapter: acme,
  redact: redactor(() => [KEY]),
  phase: "submit" as const,
  asked: "submit" as const,
  key: "k",
};

type More = { cut?: unknown; location?: string };
function answered(status: number, body?: unknown, { cut, location }: More = {}) {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const contentType = typeof body === "string" ? "text/html; charset=utf-8" : "application/json";
  const headers = new Headers({ "content-type": contentType, ...(location !== undefined && { location }) });
  return toAnswer(status, (name) => headers.get(name), text, cut);
}
const outcome = (status: number, body?: unknown, more?: More) => outcomeOf(answered(status, body, more), context);
const kind = (status: number, body?: unknown, more?: More) => outcome(status, body, more).kind;

// What a status says by itself, in other words than the code's.
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
function byStatus(status: number): string {
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
      const judged = statuses.map((status) => [status, kind(status, body)]);
      expect(judged).toEqual(statuses.map((status) => [status, byStatus(status)]));
    });

  test("as the `code` of a body under HTTP 200, from 400 on; below, a code says nothing", () => {
    const judged = statuses.map((code) => [code, kind(200, { code })]);
    expect(judged).toEqual(statuses.map((code) => [code, code === 407 || code < 400 ? "unknown" : byStatus(code)]));
    for (const code of [0, 1001, -400, 400.5, "400", null, 600]) expect(kind(200, { code })).toBe("unknown");
  });
});

describe("every canonical code, under every status, with and without a word of the vendor's own", () => {
  const SAYS: Record<VendorCode | "cancelled", string | undefined> = {
    unauthorized: "refused",
    forbidden: "refused",
    insufficient_credits: "refused",
    spend_limit: "refused",
    invalid_request: "refused",
    invalid_media: "refused",
    content_rejected: "refused",
    not_found: "refused",
    rate_limited: "limited",
    timeout: "unknown",
    upstream: "unknown",
    internal: "unknown",
    cancelled: "unknown", // of a later version's adapter
    unknown: undefined,
  };
  const codes = Object.keys(SAYS) as VendorCode[];
  const judge = (status: number, code: VendorCode, body: unknown, vendorCode?: string) => {
    const refusal = () => ({ code, message: "said", ...(vendorCode === undefined ? {} : { vendorCode }) });
    return outcomeOf(answered(status, body), { ...context, adapter: { ...acme, refusal } });
  };

  // Under 2xx the refusal speaks; elsewhere it may add doubt, or choose between waiting and giving up, and no more.
  const ruled = (status: number, code: VendorCode): string => {
    const [here, said] = [byStatus(status), SAYS[code]];
    if (status >= 200 && status < 300) return said ?? "unknown";
    if (said === undefined || here === "unknown") return here;
    return said;
  };

  test.each(codes)("%s", (code) => {
    for (const vendorCode of [undefined, "1102"]) {
      const judged = statuses.map((status) => [status, judge(status, code, {}, vendorCode).kind]);
      expect(judged).toEqual(statuses.map((status) => [status, ruled(status, code)]));
    }
  });

  test.each(codes)(
    "%s, beside a whole number that is an HTTP error as the body's `code`: under 2xx that decides",
    (code) => {
      const numbers = statuses.filter((status) => status >= 400);
      const judged = numbers.map((inBody) => [
        inBody,
        ...[200, 400, 504].map((status) => judge(status, code, { code: inBody }).kind),
      ]);
      const expected = numbers.map((inBody) => {
        const isCap = inBody === 429 && code === "spend_limit";
        const decided = isCap ? "refused" : inBody === 407 ? "unknown" : byStatus(inBody);
        // Under any other status it decides nothing.
        return [inBody, decided, ruled(400, code), "unknown"];
      });
      expect(judged).toEqual(expected);
    },
  );

  test("an error has the code that decided", () => {
    const codeOf = (found: ReturnType<typeof judge>) => "error" in found && found.error.code;
    expect(codeOf(judge(429, "insufficient_credits", {}, "1102"))).toBe("insufficient_credits");
    expect(codeOf(judge(200, "content_rejected", {}))).toBe("content_rejected");
    expect(codeOf(judge(400, "rate_limited", {}))).toBe("rate_limited");
    expect(codeOf(judge(200, "insufficient_credits", { code: 429 }))).toBe("rate_limited");
    expect(codeOf(judge(200, "rate_limited", { code: 402 }))).toBe("insufficient_credits");
    // A number that no page lists says nothing: the status that decides names the error.
    expect(codeOf(judge(429, "unknown", { code: 1302 }, "1302"))).toBe("rate_limited");
    expect(codeOf(judge(401, "unknown", { code: 1302 }, "1302"))).toBe("unauthorized");
  });

  test("nothing that may have been accepted is offered for another try", () => {
    const unknown = codes.flatMap((code) =>
      statuses.flatMap((status) => {
        const found = judge(status, code, {});
        return found.kind === "unknown" ? [{ status, code, cause: found.cause }] : [];
      }),
    );
    expect(unknown.length).toBeGreaterThan(1_000);
    expect(unknown.filter(({ cause }) => (cause as { retryable?: boolean }).retryable === true)).toEqual([]);
  });
});

test("an outage or an internal error in the vendor's own words still proves nothing", () => {
  for (const [code, status, canonical] of [
    ["upstream_error", 503, "upstream"],
    ["upstream_error", 502, "upstream"],
    ["upstream_error", 400, "upstream"],
    ["broken", 500, "internal"],
    ["nsfw", 500, "content_rejected"],
    ["slow_down", 504, "rate_limited"],
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

  test("counts only when a URL and a journal can hold it", () => {
    const odd = [0, -7, 1.5, 1e300, null, true, "", ".", "..", "a b", "a\n", "../a", "a/../b", "a\\..", "\ud800"];
    for (const id of [...odd, "\u200b", "x".repeat(129), ["t1"], { id: "t1" }]) {
      expect([id, kind(200, { id })]).toEqual([id, "unknown"]);
      expect(outcome(500, { id })).not.toHaveProperty("id");
    }
    expect(kind(200, { id: "x".repeat(128) })).toBe("accepted");
  });

  test.each(["task:1", "a/b", "aGk/+==", "t.1~2", "a?b#c", "%2e%2e", "...", "任务-1", "<id>"])(
    "that is not like others, but can be escaped, is accepted with a warning: %s",
    (id) => expect(outcome(200, { id })).toEqual({ kind: "accepted", id, odd: expect.stringContaining("not like") }),
  );

  test("that is like those the adapter documents is accepted without a warning", () => {
    const adapter = { ...acme, taskIdPattern: /^task:\d+$/ };
    const judged = (id: string) => outcomeOf(answered(200, { id }), { ...context, adapter });
    expect(judged("task:1")).toEqual({ kind: "accepted", id: "task:1" });
    expect(judged("t1")).toEqual({ kind: "accepted", id: "t1", odd: expect.stringContaining("not like") });
  });

  test.each([
    ['{"id":7}', "7"],
    ['{"id":123456789}', "123456789"],
    ['{"id":9007199254740993}', "9007199254740993"],
    ['{"id": 123456789012345678901234567890 }', "123456789012345678901234567890"],
  ])("that is a number is accepted with all of its digits, and a warning: %s", (text, id) => {
    expect(
      outcomeOf(
        toAnswer(200, () => null, text),
        context,
      ),
    ).toEqual({ kind: "accepted", id, odd: expect.stringContaining("number") });
  });

  test("that cannot be used stays for people to see, without the blanks around it where that is all", () => {
    expect(outcome(200, { id: ".." })).toMatchObject({ kind: "unknown", unconfirmedTaskId: ".." });
    expect(outcome(200, { id: "x".repeat(9_000) })).toMatchObject({
      unconfirmedTaskId: expect.stringMatching(/^x{499}…$/),
    });
    expect(outcome(200, { id: ` t1\n` })).toMatchObject({ kind: "unknown", unconfirmedTaskId: "t1" });
    expect(outcome(200, { id: " " })).not.toHaveProperty("unconfirmedTaskId");
  });

  test("that is whole in a cut body is accepted or offered as a candidate", () => {
    const cut = new TypeError("terminated");
    expect(outcome(200, { id: "t1" }, { cut })).toMatchObject({ kind: "accepted", odd: expect.any(String) });
    const broken = toAnswer(200, () => null, '{"id":"t1","mod', cut);
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
    const adapter = { ...acme, refusal: refusal as never, submit: { ...acme.submit, read: (() => null) as never } };
    for (const [status, judged] of [
      [400, "refused"],
      [429, "limited"],
      [500, "unknown"],
      [200, "unknown"],
    ] as const)
      expect(outcomeOf(answered(status, {}), { ...context, adapter }).kind, `${status}`).toBe(judged);
  }
});
