// What a client is before its first call, and that its first calls make the rest once.
import { expect, test } from "vitest";
import { memoryJournal } from "../journal/memory-journal.ts";
import { accepted, acmeClient, done, ref, request } from "../test/acme.ts";
import type { Step } from "../testing/stub-fetch.ts";
import { errorOf } from "../testing/vendor-suite.ts";
import { membersOf, settingsOf } from "./members.ts";

const vendor: Step = (seen) => (seen.method === "POST" ? accepted(seen) : done(seen));

test("a client that was only made, asked for a plan and drained has made nothing that calls share", async () => {
  const { client } = acmeClient([]);
  client.plan(request);
  await client.drain();
  expect(settingsOf(client).later.context).toBeUndefined();
});

test("first calls at the same time share what they make: a key pays once also in memory", async () => {
  const { client, seen } = acmeClient([vendor]);
  const options = { idempotencyKey: "order-1" };
  const submits = [client.submit(request, options), client.submit(request, options), client.get(ref)];
  await Promise.allSettled(submits);
  expect(seen.filter(({ method }) => method === "POST")).toHaveLength(1);
});

test("what was drained before its first call sends nothing", async () => {
  const { client, seen } = acmeClient([vendor]);
  await client.drain();
  expect(await errorOf(client.submit(request))).toMatchObject({ code: "aborted", billed: "no" });
  expect(seen).toEqual([]);
});

test.each([
  ["before its first call", async () => {}],
  ["after it", (client: ReturnType<typeof acmeClient>["client"]) => client.get(ref)],
])("a journal that a router shares %s is the one that is written", async (_, first) => {
  const { client } = acmeClient([vendor]);
  await first(client);
  const journal = memoryJournal();
  for (const member of membersOf(client)) member.adopt(journal);
  await client.submit(request, { idempotencyKey: "order-1" });
  expect(await journal.get("order-1")).toMatchObject({ state: "accepted" });
});

test("a second router cannot share another journal", async () => {
  const { client } = acmeClient([vendor]);
  const adopt = () => membersOf(client).map((member) => member.adopt(memoryJournal()));
  adopt();
  expect(adopt).toThrow("the same for all vendors of a router");
});
