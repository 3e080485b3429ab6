import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { anyCharacter } from "../test/any-character.ts";
import { InvalidRequestError } from "./errors.ts";
import { parseRef } from "./parse-ref.ts";
import { formatRef, refOf } from "./task.ts";

fc.configureGlobal({ seed: 4 });

const part = fc.oneof(
  fc.string({ minLength: 1, unit: anyCharacter }),
  fc.string({ minLength: 1, unit: fc.constantFrom(":", "%", " ", "\n", "%3A", "é", "😀", "/", "+") }),
);
const variant = fc.stringMatching(/^[A-Za-z0-9-]{1,40}$/);
const wholeRef = fc.record(
  { vendor: part, model: part, id: part, variant },
  { requiredKeys: ["vendor", "model", "id"] },
);

function issuesOf(value: unknown): string[] {
  try {
    parseRef(value);
  } catch (error) {
    if (InvalidRequestError.isInstance(error)) return error.issues.map(({ path }) => path);
    throw error;
  }
  return [];
}

test("a ref survives its one-string form, whatever its parts hold", () => {
  fc.assert(fc.property(wholeRef, (ref) => void expect(parseRef(formatRef(ref))).toEqual(ref)));
});

test("the one-string form is readable, and has no white space to break on", () => {
  expect(formatRef({ vendor: "apixo", model: "kling-2-6", id: "task_1" })).toBe("apixo:kling-2-6:task_1");
  fc.assert(fc.property(wholeRef, (ref) => void expect(formatRef(ref)).not.toMatch(/\s/)));
});

test("a variant is the fourth part, and a string of three parts is still a ref", () => {
  const ref = { vendor: "acme", model: "acme-1", id: "867", variant: "image2video" };
  expect(formatRef(ref)).toBe("acme:acme-1:867:image2video");
  expect(parseRef("acme:acme-1:867:image2video")).toEqual(ref);
  expect(parseRef("acme:acme-1:867")).toEqual({ vendor: "acme", model: "acme-1", id: "867" });
  expect(parseRef({ ...ref, state: "pending" })).toEqual(ref);
});

test.each(["", "a b", "ä", "a".repeat(41), 7])("the variant %j is none", (wrong) => {
  expect(issuesOf({ vendor: "acme", model: "acme-1", id: "867", variant: wrong })).toEqual(["ref.variant"]);
});

test.each(["acme:acme-1:867:", "acme:acme-1:867:a%20b", "acme:acme-1:867:a:b"])("%s is no ref", (text) => {
  expect(issuesOf(text)).toEqual(["ref"]);
});

test("two different refs never have the same string", () => {
  fc.assert(
    fc.property(wholeRef, wholeRef, (a, b) => {
      const isSame = a.vendor === b.vendor && a.model === b.model && a.id === b.id && a.variant === b.variant;
      expect(formatRef(a) === formatRef(b)).toBe(isSame);
    }),
  );
});

test("a ref survives JSON, with its time and without anything that is not its own", () => {
  const ref = { vendor: "v", model: "m", id: "1", submittedAt: "2026-01-01T00:00:00.000Z" };
  const stored: unknown = JSON.parse(JSON.stringify({ ...ref, state: "failed", secret: "s" }));
  expect(parseRef(stored)).toEqual(ref);
  expect(parseRef({ ...ref, submittedAt: null })).toEqual(refOf({ vendor: "v", model: "m", id: "1" }));
});

test("a string that is no ref is refused", () => {
  for (const text of ["", "a", "a:b", "a:b:c:d:e", ":b:c", "a::c", "a:b:", "a:b:%", "a:b:%E0%A4%A", "https://x.test/a"])
    expect(issuesOf(text), `${text}`).toEqual(["ref"]);
});

test("everything that is wrong is listed at once", () => {
  const all = ["ref.vendor", "ref.model", "ref.id"];
  for (const nothing of [undefined, null, 7, true, [], {}, () => {}]) expect(issuesOf(nothing)).toEqual(all);
  expect(issuesOf({ vendor: 1, model: "", id: {}, submittedAt: "soon" })).toEqual([...all, "ref.submittedAt"]);
  for (const submittedAt of ["soon", "", 7, {}, "12", "2026-99-01T00:00:00Z", "Jan 1, 2026"])
    expect(issuesOf({ vendor: "v", model: "m", id: "1", submittedAt })).toEqual(["ref.submittedAt"]);
});

test.each([[Promise.resolve({ vendor: "v", model: "m", id: "1" })], [runInNewContext("Promise.resolve()")]])(
  "a promise, of another realm too, is told as one: its `await` was forgotten",
  (promise) => {
    expect(() => parseRef(promise)).toThrow(/ref: must be awaited/);
  },
);

test.each([["get"], ["getPrototypeOf"]])("what throws when it is looked at, by %s, is refused", (trap) => {
  const fail = () => {
    throw new Error("not for you");
  };
  expect(issuesOf(new Proxy({}, { [trap]: fail }))).not.toEqual([]);
});

test("any JSON is either a ref or an InvalidRequestError", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const issues = issuesOf(value);
      if (issues.length === 0) expect(typeof parseRef(value).id).toBe("string");
    }),
  );
  expect(issuesOf(JSON.parse('{"__proto__":{"vendor":"v","model":"m","id":"1"}}'))).toHaveLength(3);
});
