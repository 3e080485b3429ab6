// What a vendor, or a proxy before it, might send: bytes, JSON, and documented bodies with damage.
import * as fc from "fast-check";

type Path = readonly (string | number)[];

export type FuzzedAnswer = { status: number; headers: Record<string, string>; body: Uint8Array<ArrayBuffer> };

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** Bodies: a third arbitrary bytes and texts, a third arbitrary JSON, a third damaged fixtures. */
export function bodies(fixtures: readonly unknown[]): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const odd = odds(fixtures);
  const json = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.anything(), odd).map((value) => bytesOf(textOf(value)));
  return fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(bytes)),
    fc.array(fc.nat(0xff_ff), { maxLength: 200 }).map((units) => bytesOf(String.fromCharCode(...units))),
    fc.constantFrom(...NASTY).map(bytesOf),
    { arbitrary: json, weight: 3 },
    { arbitrary: damaged(fixtures, odd), weight: 6 },
  );
}

/** Whole answers: any status that `fetch` can show, and headers that are read. */
export function answers(fixtures: readonly unknown[]): fc.Arbitrary<FuzzedAnswer> {
  const word = fc.oneof(
    fc.constantFrom("0", "7", "-1", "1e9", "99999999999999999999", "Thu, 01 Jan 2099 00:00:00 GMT", "soon", ""),
    fc.string({ maxLength: 20 }).map((text) => text.replace(/[^\x20-\x7e]/g, "")),
  );
  return fc.record({
    status: fc.oneof({ arbitrary: fc.constant(200), weight: 5 }, fc.integer({ min: 200, max: 599 })),
    headers: fc.record(
      { "content-type": word, "retry-after": word, date: word, location: word },
      { requiredKeys: [] },
    ) as fc.Arbitrary<Record<string, string>>,
    body: bodies(fixtures),
  });
}

/** An answer as `fetch` gives it. */
export function responseOf({ status, headers, body }: FuzzedAnswer): Response {
  const hasNone = [204, 205, 304].includes(status);
  return new Response(hasNone ? null : body, { status, headers });
}

const deep = (open: string, close: string) => open.repeat(50_000) + close.repeat(50_000);
const NASTY = [
  "",
  "null",
  "{",
  '{"__proto__":{"status":"done"},"constructor":{"name":1},"toString":0}',
  '{"code":200,"data":{"__proto__":{"taskId":"x"}}}',
  '{"code":1e400,"data":{"taskId":-0,"state":1e400}}',
  '{"data":{"taskId":".."}}',
  '{"data":{"taskId":"a/../../b?c#d"}}',
  deep("[", "]"),
  deep('{"data":', "}"),
  `{"error":{"code":"x","message":"${"m".repeat(100_000)}"}}`,
  `{"code":400,"message":"${"\\u0000\\ud800".repeat(1_000)}"}`,
  `{"data":{"taskId":"${"x".repeat(2_000_000)}"}}`,
  "<html><body>502 Bad Gateway</body></html>",
  "\uFEFF{}",
];

/** Values that documented fields do not have, and some that other fields have. */
function odds(fixtures: readonly unknown[]): fc.Arbitrary<unknown> {
  const words = [...new Set(fixtures.flatMap((fixture) => leavesOf(fixture)))];
  return fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      0,
      -1,
      1e300,
      8.64e15,
      2 ** 53,
      "",
      " ",
      "..",
      [],
      {},
      [null],
      "null",
      "{",
      "[]",
    ),
    fc.constantFrom<unknown>(
      "__proto__",
      "constructor",
      "toString",
      "javascript:alert(1)",
      "file:///etc/passwd",
      "http://",
    ),
    fc.constantFrom<unknown>(...words),
    fc.jsonValue({ maxDepth: 2 }),
    fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
    fc.string({ maxLength: 300 }),
    fc.double(),
  );
}

/** A fixture with one to three members replaced, removed, nested or doubled; then perhaps cut or with bytes flipped. */
function damaged(fixtures: readonly unknown[], odd: fc.Arbitrary<unknown>): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const kind = fc.constantFrom("replace", "replace", "remove", "nest", "list", "inner", "key");
  const change = fc.record({ at: fc.nat(10_000), kind, value: odd });
  const flip = fc.record({ at: fc.nat(10_000), byte: fc.nat(255) });
  return fc
    .record({
      fixture: fc.constantFrom(...fixtures),
      changes: fc.array(change, { maxLength: 3 }),
      cut: fc.option(fc.nat(10_000), { freq: 4 }),
      flips: fc.oneof({ arbitrary: fc.constant([]), weight: 3 }, fc.array(flip, { maxLength: 4 })),
    })
    .map(({ fixture, changes, cut, flips }) => {
      let value = structuredClone(fixture);
      for (const { at, kind, value: odd } of changes) {
        const paths = pathsOf(value);
        value = changed(value, paths[at % paths.length] ?? [], kind, odd);
      }
      const bytes = bytesOf(textOf(value));
      for (const { at, byte } of flips) if (bytes.length > 0) bytes[at % bytes.length] = byte;
      return cut === null ? bytes : bytes.slice(0, cut % (bytes.length + 1));
    });
}

function changed(value: unknown, [head, ...rest]: Path, kind: string, odd: unknown): unknown {
  if (head === undefined) {
    if (kind === "nest") return { data: value, value };
    if (kind === "list") return [value, value];
    // JSON inside of a string is documented by two vendors.
    if (kind === "inner")
      return typeof value === "string" ? (JSON.stringify(odd) ?? "") : (JSON.stringify(value) ?? "");
    return odd;
  }
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<string, unknown>;
  if (rest.length === 0 && kind === "remove") delete copy[head];
  else if (rest.length === 0 && kind === "key") copy[`${head}_`] = odd;
  else copy[head] = changed(copy[head], rest, kind, odd);
  return copy;
}

function pathsOf(value: unknown): Path[] {
  if (typeof value !== "object" || value === null) return [[]];
  return [[], ...Object.entries(value).flatMap(([key, member]) => pathsOf(member).map((rest) => [key, ...rest]))];
}

function leavesOf(value: unknown): unknown[] {
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(leavesOf) : [value];
}

// What `fc.anything` makes is not always JSON.
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return String(typeof value);
  }
}
