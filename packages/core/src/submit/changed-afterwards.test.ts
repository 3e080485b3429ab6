// What a caller does with its objects after the call changes nothing: what is journaled is what is sent.
import { expect, test } from "vitest";
import type { VideoClient } from "../client/client.ts";
import type { Journal } from "../journal/journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import type { VideoRequest } from "../request/request.ts";
import { snapshot } from "../request/snapshot.ts";
import { accepted, acmeClient, done } from "../test/acme.ts";

const fresh = () => ({
  model: "acme-1",
  prompt: "a waterfall",
  duration: 10,
  image: new URL("https://a.test/1.png?page=1") as URL | Blob,
  voices: ["one"],
  extraBody: { style: { name: "noir", tags: ["a"] } } as VideoRequest["extraBody"],
});

/** Changes everything that can be changed in place, and the rest. */
function spoil(request: ReturnType<typeof fresh>): void {
  if (request.image instanceof URL) request.image.href = "https://evil.test/2.png";
  request.voices.push("two");
  const { style } = request.extraBody as { style: { name: string; tags: string[] } };
  style.tags.length = 0;
  style.name = "changed";
  Object.assign(request, { model: "acme-2", prompt: "changed", duration: 5, image: undefined, extraBody: { x: 1 } });
}

/** A journal whose calls take a turn of the event loop: time enough for a caller to change its objects. */
const slow = (journal: Journal): Journal => {
  const turn = async () => new Promise((resolve) => setImmediate(resolve));
  return {
    ...journal,
    get: async (key) => (await turn(), journal.get(key)),
    begin: async (entry) => (await turn(), journal.begin(entry)),
  };
};

type Call = (client: VideoClient, request: VideoRequest) => Promise<unknown>;
const calls: [string, Call][] = [
  ["submit", (client, request) => client.submit(request, { idempotencyKey: "k" })],
  ["generate", (client, request) => client.generate(request, { idempotencyKey: "k" })],
];

test.each(calls)("a request that is changed right after %s: the first is sent, and journaled", async (_name, call) => {
  const [journal, unchanged] = [memoryJournal(), memoryJournal()];
  const { client, seen } = acmeClient([accepted, done], { journal: slow(journal) });
  const request = fresh();
  const work = call(client, request);
  spoil(request);
  await work;
  const other = acmeClient([accepted, done], { journal: unchanged });
  await call(other.client, fresh());
  expect(seen[0]?.body).toBe(other.seen[0]?.body);
  const [row, wanted] = [await journal.get("k"), await unchanged.get("k")];
  expect(row?.request).toEqual(wanted?.request);
  expect(row?.requestHash).toBe(wanted?.requestHash);
});

test("the same call with the first request finds its task, and with the changed one it is refused", async () => {
  const journal = memoryJournal();
  const request = fresh();
  const { client, posts } = acmeClient([accepted, done], { journal });
  const work = client.submit(request, { idempotencyKey: "k" });
  spoil(request);
  await work;
  expect(await client.submit(fresh(), { idempotencyKey: "k" })).toMatchObject({ id: "t1" });
  await expect(client.submit({ model: "acme-2", prompt: "changed" }, { idempotencyKey: "k" })).rejects.toMatchObject({
    code: "invalid_request",
    ref: { id: "t1" },
    message: expect.stringContaining("succeeded"),
  });
  expect(posts()).toBe(1);
});

test("options that are changed right after the call change nothing", async () => {
  const journal = memoryJournal();
  const { client, seen } = acmeClient([accepted, done], { journal: slow(journal) });
  const options: { idempotencyKey: string; maxPrice: number; callbackUrl?: string } = {
    idempotencyKey: "k",
    maxPrice: 9,
  };
  const work = client.submit({ ...fresh(), extraBody: undefined }, options);
  Object.assign(options, { idempotencyKey: "other", maxPrice: 0, callbackUrl: "https://evil.test/cb" });
  await work;
  expect(seen[0]?.body).not.toContain("evil");
  expect([(await journal.get("k"))?.state, await journal.get("other")]).toEqual(["accepted", undefined]);
});

test("what getters of a request say is asked for once", async () => {
  let asked = 0;
  const request = {
    model: "acme-1",
    get prompt() {
      return `prompt ${++asked}`;
    },
  };
  const journal = memoryJournal();
  const { client, seen } = acmeClient([accepted], { journal });
  await client.submit(request, { idempotencyKey: "k" });
  expect((await journal.get("k"))?.request["prompt"]).toBe("prompt 1");
  expect(JSON.parse(seen[0]?.body ?? "")).toMatchObject({ prompt: "prompt 1" });
});

test("an extraBody that adds nothing is none, in the row and on the wire", async () => {
  const journal = memoryJournal();
  const { client, posts } = acmeClient([accepted, done], { journal });
  const request = { model: "acme-1", prompt: "x" };
  await client.submit({ ...request, extraBody: {} }, { idempotencyKey: "k" });
  expect((await journal.get("k"))?.request).toEqual(request);
  expect(await client.submit(request, { idempotencyKey: "k" })).toMatchObject({ id: "t1" });
  expect(client.plan({ ...request, extraBody: {} }).request).toEqual(client.plan(request).request);
  expect(posts()).toBe(1);
});

test("a row of another version of the hash is not compared, whichever lies beside it", async () => {
  const journal = memoryJournal();
  const { client, posts } = acmeClient([accepted, done], { journal });
  await client.submit({ model: "acme-1", prompt: "x" }, { idempotencyKey: "old" });
  await acmeClient([() => Response.json({ id: "t2" })], { journal }).client.submit(
    { model: "acme-1", prompt: "x" },
    { idempotencyKey: "new" },
  );
  const row = await journal.get("old");
  await journal.update("old", row?.version ?? 0, { requestHash: "v1:0" });
  const other = { model: "acme-1", prompt: "y" };
  expect(await client.submit(other, { idempotencyKey: "old" })).toMatchObject({ id: "t1" });
  await expect(client.submit(other, { idempotencyKey: "new" })).rejects.toMatchObject({ code: "invalid_request" });
  expect(posts()).toBe(1);
});

test("a secret in a request is not journaled, and sent all the same", async () => {
  const journal = memoryJournal();
  const { client, seen } = acmeClient([accepted], { journal, apiKey: "key-0123456789" });
  await client.submit({ model: "acme-1", prompt: "say key-0123456789" }, { idempotencyKey: "k" });
  expect(JSON.stringify(await journal.get("k"))).not.toContain("key-0123456789");
  expect(seen[0]?.body).toContain("say key-0123456789");
});

test("a copy keeps what is no JSON as it is: it is for the checks to refuse", () => {
  const odd = {
    model: "m",
    image: new Blob(["x"]),
    when: new Date(0),
    map: new Map(),
    call: () => {},
    none: undefined,
  };
  const ring: VideoRequest = { model: "m", extraBody: {} };
  Object.assign(ring.extraBody ?? {}, { ring });
  expect(snapshot(odd)).toEqual(odd);
  for (const word of ["image", "when", "map", "call"] as const) expect(snapshot(odd)[word]).toBe(odd[word]);
  expect(snapshot(ring).model).toBe("m");
  for (const value of [undefined, null, "text", 7]) expect(snapshot(value as never)).toBe(value);
});
