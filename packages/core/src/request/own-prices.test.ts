// A client's own prices, where the vendor's pages print none or others.
import { expect, test } from "vitest";
import { memoryJournal } from "../journal/memory-journal.ts";
import { accepted, acmeClient, request } from "../test/acme.ts";

const unpriced = { model: "acme-2", prompt: "a waterfall" };

test("they go before the vendor's in the plan, the budget of a submit and the journal", async () => {
  const journal = memoryJournal();
  const { client } = acmeClient([accepted], { journal, prices: ({ duration }) => (duration === 10 ? 0.9 : 0.2) });
  expect(client.plan({ ...request, duration: 10 }).price).toEqual({ usd: 0.9, source: "the client's `prices`" });
  await expect(client.submit({ ...request, duration: 10 }, { maxPrice: 0.8 })).rejects.toThrow("maxPrice");
  await client.submit(request, { idempotencyKey: "k", maxPrice: 0.2 });
  expect((await journal.get("k"))?.priceUsd).toBe(0.2);
});

test("they see the request with its defaults, and price what no page does", () => {
  const seen: unknown[] = [];
  const { client } = acmeClient([], { prices: (asked) => (seen.push(asked), 0.1) });
  client.plan(request);
  expect(client.plan(unpriced).price?.usd).toBe(0.1);
  expect(seen[0]).toMatchObject({ model: "acme-1", duration: 5 });
});

test("nothing leaves it to the vendor's pages", () => {
  const { client } = acmeClient([], { prices: () => undefined });
  expect([client.plan(request).price?.usd, client.plan(unpriced).price]).toEqual([0.5, undefined]);
});

test.each([Number.NaN, -1, Infinity, "1"])("a price of %s is refused before anything is sent", (wrong) => {
  const { client } = acmeClient([], { prices: () => wrong as number });
  expect(() => client.plan(request)).toThrow("prices: must be a function that gives US dollars");
});

test("a function that throws is refused before anything is sent, and its words are not shown", async () => {
  const prices = () => {
    throw new Error("sk-secret");
  };
  const { client, seen } = acmeClient([accepted], { prices });
  await expect(client.submit(request)).rejects.toMatchObject({
    code: "invalid_request",
    message: "prices: must be something that can be read: this throws",
  });
  expect(seen).toEqual([]);
});

test("an option that is no function is refused", () => {
  expect(() => acmeClient([], { prices: 0.5 as never })).toThrow("prices: must be a function");
});
