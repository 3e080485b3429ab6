import * as fc from "fast-check";
import { expect, test } from "vitest";
import { excerptOf, redactor, safeCause } from "./redact.ts";
import { cpuMs } from "./test/turns.ts";

fc.configureGlobal({ seed: 4 });

const KEY = "sk-secret.key/+1";
const redact = redactor(() => [undefined, KEY, ""]);

test("a key disappears wherever it stands, as often as it stands there", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      expect(redact(before + KEY + after + KEY)).not.toContain(KEY);
    }),
  );
});

test("the key is the one held now", () => {
  let key = "first-key";
  const late = redactor(() => [key]);
  key = "second-key";
  expect(late("second-key first-key")).toBe("*** first-key");
});

const rows: [text: string, clean: string][] = [
  ["authorization: Bearer abc.def-123, x", "authorization: Bearer ***, x"],
  ['{"Authorization":"bearer  abc"}', '{"Authorization":"bearer  ***"}'],
  ["for url (https://api.test/v1/tasks?taskId=1&sig=2): failed", "for url (https://api.test/v1/tasks?*** failed"],
  ['"https://a.test/x?sig=2","b"', '"https://a.test/x?***","b"'],
  ["https://a.test/x?sig=2#top y", "https://a.test/x?***#top y"],
  ["https://user:pw@a.test/x", "https://***@a.test/x"],
  ['{"u":"https:\\/\\/a.test\\/x?sig=2\\u0026t=3","b":1}', '{"u":"https:\\/\\/a.test\\/x?***","b":1}'],
  ["https:\\/\\/user:pw@a.test\\/x", "https:\\/\\/***@a.test\\/x"],
  ["Authorization%3A%20Bearer%20abc.def", "Authorization%3A%20Bearer%20***"],
  ["what? nothing@all.test", "what? nothing@all.test"],
];
for (const [text, clean] of rows) test(`${text} is shown as ${clean}`, () => expect(redact(text)).toBe(clean));

test("an excerpt has at most 500 characters, and a key at the cut does not leak a part of itself", () => {
  for (let before = 0; before < 2_100; before += 7) {
    const excerpt = excerptOf("x".repeat(before) + KEY + "y".repeat(3_000), redact);
    expect(excerpt.length).toBeLessThanOrEqual(500);
    expect(excerpt).not.toContain(KEY.slice(0, 4));
  }
  const longQuery = `https://a.test/?${"q".repeat(1_990)} `;
  expect(excerptOf(longQuery + KEY, redact)).not.toContain(KEY.slice(0, 4));
});

test("an excerpt is text that every database takes: without NUL, and without half a surrogate pair at its cut", () => {
  for (const before of [498, 499, 500, 501]) {
    const excerpt = excerptOf(`${"x".repeat(before)}${"\u{1F3DE}".repeat(300)}`, redact);
    expect(excerpt).not.toMatch(/\p{Cs}/u);
    expect(excerpt.length).toBeLessThanOrEqual(500);
  }
  expect(excerptOf("no\0 \ud800 \u{1F3DE}", redact)).toBe("no\ufffd \ufffd \u{1F3DE}");
});

test("nor does a key at the cut of a text that is too long to be looked at whole", () => {
  const escaped = Array.from(KEY, (char) => `%25${char.charCodeAt(0).toString(16)}`).join("");
  for (const written of [KEY, escaped])
    for (let keys = Math.floor(31_000 / KEY.length); keys * KEY.length < 32_100; keys++) {
      // So many keys that little is left of what stands before the cut.
      const text = KEY.repeat(keys) + written;
      expect(redact(text).replaceAll("*", "")).toBe("");
    }
});

test("a cause keeps names, messages and system codes down its chain, and nothing else", () => {
  const inner = Object.assign(new Error(`connect ${KEY}`), { code: "ECONNREFUSED", syscall: "connect", headers: KEY });
  const copy = safeCause(new TypeError(`fetch failed https://a.test/?t=${KEY}`, { cause: inner }), redact);
  expect(copy).toMatchObject({ name: "TypeError", message: "fetch failed https://a.test/?***" });
  expect(copy.cause).toMatchObject({ name: "Error", message: "connect ***", code: "ECONNREFUSED", syscall: "connect" });
  expect(copy.cause).not.toHaveProperty("headers");
  expect(`${copy.stack} ${(copy.cause as Error).stack}`).not.toContain(KEY);
});

test("anything can be thrown", () => {
  const ring = new Error("ring");
  ring.cause = ring;
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const hostile = {
    get message(): string {
      throw new Error("no");
    },
  };
  const odd = [Object.create(null), { message: Object.create(null) }, proxy, hostile];
  for (const thrown of [undefined, null, 7, "text", Symbol("s"), {}, { message: 7 }, ring, () => {}, ...odd])
    expect(safeCause(thrown, redact)).toBeInstanceOf(Error);
  expect(safeCause({ message: KEY, name: "Odd" }, redact)).toMatchObject({ name: "Odd", message: "***" });
  expect(safeCause(KEY, redact).message).toBe("***");
  const named = safeCause({ name: KEY, message: "x", code: KEY, syscall: KEY }, redact);
  expect(named).toMatchObject({ name: "***", code: "***", syscall: "***" });
});

test("a text made to be slow to clean is cleaned at once", () => {
  const cost = cpuMs(() => {
    for (const piece of ["https://", "https://a?", "Bearer ", "https://a@"]) redact(piece.repeat(100_000));
  });
  expect(cost).toBeLessThan(1_000);
});
