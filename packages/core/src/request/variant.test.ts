// The kind of a task, from the request through row, ref and callback to the call that reads it.
import { expect, test } from "vitest";
import { formatRef, parseRef } from "../index.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { acmeReceiver, DONE } from "../test/acme-callbacks.ts";
import { accepted, acme, acmeClient, ref, request, running } from "../test/acme.ts";
import { answer, cutAfter, reset } from "../testing/stub-fetch.ts";
import type { Adapter } from "../vendor-spec/spec.ts";

const kinds: Partial<Adapter> = {
  variant: (asked) => (asked["image"] === undefined ? "text2video" : "image2video"),
  submit: {
    ...acme.submit,
    call: (_, { variant, callbackUrl }) => ({ path: `/${variant}`, json: { webhook: callbackUrl } }),
  },
  status: { ...acme.status, call: ({ id, variant = "none" }) => ({ path: `/${variant}/${id}` }) },
};
const paths = (seen: readonly { url: string }[]) => seen.map(({ url }) => new URL(url).pathname.replace("/v1", ""));

test("it goes into the paid call, the row and the ref", async () => {
  const journal = memoryJournal();
  const { client, seen } = acmeClient([accepted], { journal }, kinds);
  const task = await client.submit({ ...request, image: "https://a.test/a.png" }, { idempotencyKey: "k" });
  expect(task.variant).toBe("image2video");
  expect(await journal.get("k")).toMatchObject({ variant: "image2video", ref: { variant: "image2video" } });
  expect(paths(seen)).toEqual(["/image2video"]);
});

test("a ref through a string asks for the task of its kind", async () => {
  const { client } = acmeClient([accepted], {}, kinds);
  const text = formatRef(await client.submit(request));
  const elsewhere = acmeClient([running], {}, kinds);
  await elsewhere.client.get(parseRef(text));
  expect(paths(elsewhere.seen)).toEqual(["/text2video/t1"]);
});

test("a ref without it is filled up from the journal", async () => {
  const { client, seen } = acmeClient([accepted, running], {}, kinds);
  await client.submit(request);
  await client.get(ref);
  expect(paths(seen)[1]).toBe("/text2video/t1");
});

test("a ref without it that no journal knows is refused before anything is asked", async () => {
  const { client, seen } = acmeClient([running], {}, kinds);
  await expect(client.get(ref)).rejects.toMatchObject({ issues: [{ path: "ref.variant" }] });
  expect(seen).toEqual([]);
});

test("an id from a damaged answer is confirmed by its kind, at once and by resume", async () => {
  const cut = cutAfter({ id: "t1" }, 10);
  const { client, seen } = acmeClient([cut, reset, running, answer(200, DONE)], {}, kinds);
  await client.submit(request, { idempotencyKey: "k" }).catch(() => {});
  for await (const resumed of client.resume()) expect(resumed).toMatchObject({ task: { state: "succeeded" } });
  expect(new Set(paths(seen).slice(1))).toEqual(new Set(["/text2video/t1"]));
});

test("a callback of a submit whose answer was lost asks for the task of its kind, and the row gets it", async () => {
  const steps = [reset, answer(200, DONE)];
  const { pay, callBack, seen, journal } = acmeReceiver(steps, {}, kinds);
  await pay();
  expect(await callBack()).toBe(200);
  expect(paths(seen)[1]).toBe("/text2video/t1");
  expect((await journal.get("k"))?.ref?.variant).toBe("text2video");
});

test.each(["", "a b", "ü", "a".repeat(41), undefined])("the kind %j fails the plan, with its name", (wrong) => {
  const { client } = acmeClient([], {}, { ...kinds, variant: () => wrong as string });
  expect(() => client.plan(request)).toThrow("`variant(…)` must be 1 to 40 letters, digits or `-`");
});

test("a vendor without kinds has none in its refs and rows", async () => {
  const journal = memoryJournal();
  const { client } = acmeClient([accepted], { journal });
  expect(formatRef(await client.submit(request, { idempotencyKey: "k" }))).toBe("acme:acme-1:t1");
  expect(await journal.get("k")).not.toHaveProperty("variant");
});
