// A model that a description does not list: only on purpose, and with what is lost said before it is paid for.
import { expect, test } from "vitest";
import { memoryJournal } from "../journal/memory-journal.ts";
import { memoryBudget } from "../limits/budget.ts";
import { InvalidRequestError } from "../task/errors.ts";
import { parseRef } from "../task/parse-ref.ts";
import { formatRef } from "../task/task.ts";
import { accepted, acme, acmeClient, done, request } from "../test/acme.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import { unlistedModel } from "./unlisted.ts";

const change: Partial<Adapter> = {
  submit: {
    ...acme.submit,
    unlisted: ({ model }, { callbackUrl }) => ({ path: "/tasks", json: { model, webhook: callbackUrl } }),
  },
};
const asked = unlistedModel({ model: "acme-9", extraBody: { prompt: "a waterfall", shots: [{ seconds: 3 }] } });
const client = (options: Parameters<typeof acmeClient>[1] = {}) => acmeClient([accepted, done], options, change);

function issuesOf(wrong: object, made = client()): [path: string, message: string][] {
  try {
    made.client.plan(wrong as never);
  } catch (error) {
    if (InvalidRequestError.isInstance(error)) return error.issues.map(({ path, message }) => [path, message]);
    throw error;
  }
  return [];
}

test("its body is the caller's, its id is vidtask's to write, and the plan says that nothing was checked", () => {
  const plan = client().client.plan(asked);
  expect(plan).toEqual({
    vendor: "acme",
    request: asked,
    method: "POST",
    url: "https://api.acme.test/v1/tasks",
    headers: [],
    body: { model: "acme-9", prompt: "a waterfall", shots: [{ seconds: 3 }] },
    resultUrlLifeMs: 3_600_000,
    warnings: [
      {
        about: "model",
        kind: "unchecked",
        message:
          "acme acme-9 is sent as you wrote it: no field is checked, no file uploaded, and neither its price nor its time is known; should it be acme-1, which is listed?",
      },
    ],
  });
});

test("it is submitted, journaled, waited for and named in its ref as any other", async () => {
  const journal = memoryJournal();
  const { client: made, seen } = client({ journal });
  const end = await made.generate(asked, { idempotencyKey: "k" });
  expect(formatRef(end)).toBe("acme:acme-9:t1");
  expect(parseRef("acme:acme-9:t1").model).toBe("acme-9");
  expect(await journal.get("k")).toMatchObject({ model: "acme-9", ref: { model: "acme-9" }, request: asked });
  expect((await made.submit(asked, { idempotencyKey: "k" })).id).toBe("t1");
  expect(seen.filter(({ method }) => method === "POST")).toHaveLength(1);
});

test("a typo is refused with the nearest name, and what would ask for it on purpose", () => {
  const [[path, message] = []] = issuesOf({ ...request, model: "acme1" });
  expect(path).toBe("model");
  expect(message).toBe(
    'must be one of acme-1, acme-2, not "acme1": did you mean acme-1? (`unlistedModel` asks for one that this version does not list)',
  );
  // Of a vendor whose description cannot write such a request it is not offered.
  expect(issuesOf({ ...request, model: "acme1" }, acmeClient([]))[0]?.[1]).not.toContain("unlistedModel");
});

test.each<[name: string, wrong: object, path: string, rule: string]>([
  ["another value of `unlisted`", { ...asked, unlisted: "yes" }, "unlisted", "true, or absent"],
  ["`unlisted: false`", { ...asked, unlisted: false }, "unlisted", "true, or absent"],
  ["no id", { ...asked, model: undefined }, "model", "is required"],
  ["an id that leaves its path", { ...asked, model: "../balance" }, "model", "id of a model"],
  ["an id that is no text", { ...asked, model: 7 }, "model", "id of a model"],
  ["no body", { ...asked, extraBody: undefined }, "extraBody", "is required"],
  ["a body that is no JSON", { ...asked, extraBody: { at: new Date(0) } }, "extraBody", "a plain JSON object"],
  ["a body over the id", { ...asked, extraBody: { model: "acme-1" } }, "extraBody.model", "vidtask writes this"],
  ["a field of vidtask's own words", { ...asked, prompt: "x" }, "prompt", "under the vendor's own names"],
])("%s is refused", (_, wrong, path, rule) => {
  expect(issuesOf(wrong)).toEqual([[path, expect.stringContaining(rule)]]);
});

test("a description that cannot write it refuses it", () => {
  expect(issuesOf(asked, acmeClient([]))).toEqual([["unlisted", expect.stringContaining("listed models only")]]);
});

test("a model that this version lists by now stays the same request, and says so", () => {
  const { price, warnings, body } = client().client.plan(
    unlistedModel({ model: "acme-1", extraBody: { prompt: "x".repeat(99) } }),
  );
  expect([price, body["prompt"]]).toEqual([undefined, "x".repeat(99)]);
  expect(warnings[0]?.message).toContain("this version lists it");
});

test("a name of every object's own is a model as any other", async () => {
  const { client: made, seen } = client();
  expect((await made.submit({ ...asked, model: "constructor" })).model).toBe("constructor");
  expect(JSON.parse(seen[0]?.body ?? "")).toMatchObject({ model: "constructor" });
});

test("without a price a cap and a budget refuse it before anything is sent", async () => {
  const budget = { usd: 100, period: "2026-11", shared: memoryBudget() };
  const { client: made, seen } = client({ budget });
  await expect(made.submit(asked, { maxPrice: 100 })).rejects.toThrow("unless the client's `prices` says one");
  await expect(made.submit(asked)).rejects.toThrow("budget: must be absent for a model whose price is not known");
  expect(seen).toEqual([]);
});

test("the client's own price caps it, counts in a budget and is journaled", async () => {
  const journal = memoryJournal();
  const budget = { usd: 1, period: "2026-11", shared: memoryBudget() };
  const prices = ({ model }: { model: string }) => (model === "acme-9" ? 0.6 : undefined);
  const { client: made, seen } = client({ journal, budget, prices });
  expect(made.plan(asked).price).toEqual({ usd: 0.6, source: "the client's `prices`" });
  await expect(made.submit(asked, { maxPrice: 0.5 })).rejects.toThrow("at least 0.6");
  await made.submit(asked, { maxPrice: 0.6, idempotencyKey: "k" });
  expect((await journal.get("k"))?.priceUsd).toBe(0.6);
  await expect(made.submit(asked)).rejects.toThrow("budget");
  expect(seen).toHaveLength(1);
});

test("the journal has no signature and no bytes of its media, and a URL signed anew is the same request", async () => {
  const journal = memoryJournal();
  const { client: made, seen } = client({ journal });
  const signed = (signature: string) =>
    unlistedModel({
      model: "acme-9",
      extraBody: {
        input: { frames: [`https://cdn.test/a.png?X-Amz-Signature=${signature}`, "data:image/png;base64,AAAA"] },
        raw: "A".repeat(5000),
      },
    });
  await made.submit(signed("first"), { idempotencyKey: "k" });
  await made.submit(signed("second"), { idempotencyKey: "k" });
  expect(seen.filter(({ method }) => method === "POST")).toHaveLength(1);
  expect(seen[0]?.body).toContain("X-Amz-Signature=first");
  const hashed = (bytes: number) => ({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/), bytes });
  expect((await journal.get("k"))?.request).toEqual({
    model: "acme-9",
    unlisted: true,
    extraBody: { input: { frames: ["https://cdn.test/a.png", hashed(26)] }, raw: hashed(5000) },
  });
});
