import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cpuMs } from "../test/turns.ts";
import { hiderOf } from "./echoes.ts";

fc.configureGlobal({ seed: 11 });

const KEY = "sk-live/9a+Zb=7Q.x";
const CALLBACK = 'für "Tests" nur: \\ 32 Bytes, 🎲';
const hide = hiderOf(() => [KEY, CALLBACK, undefined, ""]);
const bytes = (text: string) => new TextEncoder().encode(text);
const base64 = (text: string) => btoa(String.fromCharCode(...bytes(text)));
const base64Url = (text: string) => base64(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const units = (text: string, write: (unit: number) => string) =>
  Array.from({ length: text.length }, (_, index) => write(text.charCodeAt(index))).join("");
const hex = (unit: number, width: number) => unit.toString(16).padStart(width, "0");
const percent = (text: string) => Array.from(bytes(text), (byte) => `%${hex(byte, 2)}`).join("");

/** Ways in which servers and libraries write a text back. */
const WRITERS: { readonly [name: string]: (text: string) => string } = {
  "as it is": (text) => text,
  "in capitals": (text) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase()),
  "in small letters": (text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
  "in JSON": (text) => JSON.stringify(text).slice(1, -1),
  "in JSON with slashes escaped": (text) => JSON.stringify(text).slice(1, -1).replaceAll("/", "\\/"),
  "in JSON of ASCII": (text) => units(text, (unit) => `\\u${hex(unit, 4)}`),
  "in JSON of ASCII, in capitals": (text) => units(text, (unit) => `\\u${hex(unit, 4).toUpperCase()}`),
  "in JSON inside JSON": (text) => JSON.stringify(JSON.stringify(text)).slice(3, -3),
  "in a URL": (text) => encodeURIComponent(text),
  "in a URL, in small letters": (text) => encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase()),
  "in a URL, every byte": percent,
  "in a URL inside a URL": (text) => encodeURIComponent(encodeURIComponent(text)),
  "in a form": (text) => new URLSearchParams({ a: text }).toString().slice(2),
  "in HTML": (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("/", "&#x2F;"),
  "in HTML by numbers": (text) => Array.from(text, (char) => `&#${char.codePointAt(0)};`).join(""),
  "in JavaScript": (text) => Array.from(text, (char) => `\\u{${hex(char.codePointAt(0) ?? 0, 1)}}`).join(""),
  "in base64": base64,
  "in base64url": base64Url,
  "in base64 inside JSON": (text) => base64(text).replaceAll("/", "\\/"),
  "in base64 inside a URL": (text) => encodeURIComponent(base64(text)),
  "in base64 of basic authentication": (text) => base64(`api:${text}`),
  "in base64url of a JSON body": (text) => base64Url(`{"a":"${text}"}`),
  "in hex": (text) => Array.from(bytes(text), (byte) => hex(byte, 2)).join(""),
};

const cases = Object.keys(WRITERS).flatMap((name) => [
  [name, "key", KEY],
  [name, "callback secret", CALLBACK],
]) as [string, string, string][];

test.each(cases)("%s, a %s disappears", (name, _what, secret) => {
  const written = WRITERS[name]?.(secret) ?? "";
  const clean = hide(`before ${written} after`);
  expect(clean).toMatch(/^before .*\*\*\*.* after$/s);
  for (let from = 0; from + 8 <= written.length; from++) expect(clean).not.toContain(written.slice(from, from + 8));
});

test("between any texts, written in any way twice over, nothing of a key is left", () => {
  const writer = fc.constantFrom(
    ...Object.keys(WRITERS).filter((name) => !name.includes("base64") && name !== "in hex"),
  );
  fc.assert(
    fc.property(fc.string(), writer, writer, fc.string(), (before, inner, outer, after) => {
      const written = WRITERS[outer]?.(WRITERS[inner]?.(KEY) ?? "") ?? "";
      expect(hide(`${before} ${written} ${after}`)).not.toContain(written);
    }),
  );
});

test("in base64 a key disappears whatever stands before it", () => {
  for (let before = 0; before < 9; before++)
    for (const write of [base64, base64Url]) {
      const written = write(`${"x".repeat(before)}${KEY}yz`);
      const clean = hide(written);
      expect(clean).toContain("***");
      expect(clean.length).toBeLessThan(written.length - base64(KEY).length + 8);
    }
});

const LONG = "sk-live-Zq8vN2xKp5Rt7Wb3Yc6Lm9Ds";

test("a half of a key or more disappears, wherever it was cut or broken", () => {
  for (let at = 0; at <= LONG.length; at++) {
    const [head, tail] = [LONG.slice(0, at), LONG.slice(at)];
    for (const text of [`"${head}`, `${head}\n${tail}`, `${head}<wbr>${tail}`, `${head.toUpperCase()}\\n${tail} x`]) {
      const clean = hiderOf(() => [LONG])(text).toLowerCase();
      for (let from = 0; from + 16 <= LONG.length; from++)
        expect(clean).not.toContain(LONG.slice(from, from + 16).toLowerCase());
    }
  }
});

test("of a key that repeats itself nothing is left either, whatever stands before it", () => {
  const text = (minLength: number, maxLength: number) =>
    fc.string({ unit: fc.constantFrom("a", "b"), minLength, maxLength });
  fc.assert(
    fc.property(text(0, 12), text(8, 30), text(0, 12), (before, secret, after) => {
      expect(hiderOf(() => [secret])(before + secret + after)).not.toContain(secret);
    }),
    { numRuns: 5_000 },
  );
});

test("less of a key than its half, or than twelve characters, is no pattern", () => {
  expect(hiderOf(() => [LONG])("sk-live-Zq8vN2x is none")).toBe("sk-live-Zq8vN2x is none");
  expect(hiderOf(() => ["sk-test-0123"])("sk-test-012 is none")).toBe("sk-test-012 is none");
  expect(hiderOf(() => ["sk-test-0123"])("sk-test-0123 is one")).toBe("*** is one");
});

test("what stands beside a key stays as it was written", () => {
  expect(hide(`caf\\u00e9 %41 ${KEY} &amp; \\"x\\"`)).toBe('caf\\u00e9 %41 *** &amp; \\"x\\"');
  expect(hide(`%${KEY}`)).toBe("%***");
  expect(hide("caf\\u00e9 %41 &amp; \\/")).toBe("caf\\u00e9 %41 &amp; \\/");
});

test.each(["a", "test", "sk-test", "1234567"])("a key as short as %s is no pattern: words stay whole", (key) => {
  expect(hiderOf(() => [key])(`a test of ${key} 1234567`)).toBe(`a test of ${key} 1234567`);
});

test.each([
  ["as it is", "https://a.test/cb/vtc1Ab-9_x/", "https://a.test/cb/***/"],
  ["in a URL", "url=https%3A%2F%2Fa.test%2Fvtc1Ab%2D9%5fx%20y", "url=https%3A%2F%2Fa.test%2F***%20y"],
  ["in JSON", "https:\\/\\/a.test\\/vtc1Ab\\u002d9\\/", "https:\\/\\/a.test\\/***\\/"],
])("%s, a callback token disappears to its end", (_name, text, clean) => {
  expect(hide(text)).toBe(clean);
});

test("in base64 a callback token disappears to its end, whatever stands before it", () => {
  for (let before = 0; before < 6; before++) {
    const token = "vtc1Ab-9_xAb-9_xAb-9_x";
    const written = base64(`${"/".repeat(before)}${token}`);
    expect(hide(`<${written}>`)).toMatch(/^<[\w/]{0,9}\*\*\*=*>$/);
  }
});

const slow = [
  "\\",
  "%25",
  "%",
  "&#37;",
  "\\u0025",
  KEY.slice(0, -1),
  `${KEY.slice(0, 8)}\\`,
  "vtc1",
  "A",
  "\\\\u005c",
  KEY,
];

test.each(slow)("a megabyte of %s is cleaned at once", (piece) => {
  const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
  expect(cpuMs(() => void hide(text))).toBeLessThan(2_500);
});
