// A task that has ended, by an answer that does not say how.
import { describe, expect, test } from "vitest";
import type { Journal } from "../journal/journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { accepted, acmeClient, done, ref, request, running } from "../test/acme.ts";
import { answer, reset, type Step } from "../testing/stub-fetch.ts";
import { errorOf } from "../testing/vendor-suite.ts";

const status = (body: object): Step => answer(200, body);
const wait = { poll: { first: 1, interval: 1 } };

/** What a wait ends with, and how often it asks. */
async function waited(...steps: Step[]) {
  const { client, seen } = acmeClient(steps);
  const outcome = await client.wait(ref, wait).catch((error: unknown) => error);
  return {
    outcome: outcome as { name?: string; state?: string; path?: string; retryable?: boolean },
    asked: seen.length,
  };
}

const words = ["cancelled", "canceled", "expired", "aborted", "rejected", "timeout"];
/** Of ends that have another word at this vendor. */
const synonyms = ["failed", "failure", "fail", "success", "succeeded", "completed", "complete", "finished"];
describe("three answers in a row", () => {
  test.each([...words, ...synonyms, "CANCELLED", "Expired", " timeout "])(
    "that say %j stop a wait with that fault",
    async (word) => {
      const { outcome, asked } = await waited(running, status({ status: word }));
      expect(outcome).toMatchObject({ name: "ProtocolError", path: "status", retryable: true, ref: { id: "t1" } });
      expect(asked).toBe(4);
    },
  );

  test.each([{ status: "done" }, { status: "done", url: "" }, { status: "done", url: "nope" }])(
    "that say %j stop a wait with that fault",
    async (body) => {
      const { outcome, asked } = await waited(status(body));
      expect(outcome).toMatchObject({ name: "ProtocolError", path: "videos", retryable: true });
      expect(asked).toBe(3);
    },
  );

  test("of different words count together", async () => {
    const { outcome, asked } = await waited(status({ status: "done" }), status({ status: "expired" }));
    expect(outcome).toMatchObject({ name: "ProtocolError", path: "status" });
    expect(asked).toBe(3);
  });

  test("are in a row although no answer came between them", async () => {
    const end = status({ status: "cancelled" });
    expect(await waited(end, reset, end, reset, end, done)).toMatchObject({
      outcome: { name: "ProtocolError" },
      asked: 5,
    });
  });

  test("are not in a row where another answer came between them", async () => {
    const end = status({ status: "cancelled" });
    for (const between of [running, answer(500), answer(200, "<html>"), status({ status: "paused" })])
      expect(await waited(end, end, between, end, end, done)).toMatchObject({
        outcome: { state: "succeeded" },
        asked: 6,
      });
  });

  test("stop a wait for what an adapter reads as a state that is none of ours", async () => {
    const read = () => ({ state: "Cancelled" }) as never;
    const { client, seen } = acmeClient([running], {}, { status: { call: () => ({ path: "/x" }), read } });
    expect(await errorOf(client.wait(ref, wait))).toMatchObject({ name: "ProtocolError", path: "state" });
    expect(seen).toHaveLength(3);
  });
});

test.each(["paused", "queueing", "unknown", "", 7, null])("%j is waited through until the deadline", async (word) => {
  const { outcome } = await waited(status({ status: word }));
  expect(outcome).toMatchObject({ name: "WaitTimeoutError", cause: { name: "ProtocolError" } });
});

test("a word that the vendor documents is what it says", async () => {
  const { outcome } = await waited(status({ status: "error", reason: "too dark" }));
  expect(outcome).toMatchObject({ name: "TaskFailedError" });
});

test("the row stays accepted, and another wait finds the video", async () => {
  const journal = memoryJournal();
  const end = status({ status: "expired" });
  const { client } = acmeClient([accepted, end, end, end, done], { journal });
  const task = await client.submit(request, { idempotencyKey: "k" });
  expect(await errorOf(client.wait(task, wait))).toMatchObject({ name: "ProtocolError" });
  expect(await journal.get("k")).toMatchObject({ state: "accepted", ref: { id: "t1" } });
  expect((await client.wait(task, wait)).state).toBe("succeeded");
});

test.each<[boolean, () => Journal]>([
  [false, memoryJournal],
  [true, () => ({ ...memoryJournal(), durable: true })],
])("generate may be repeated after it: %s, by its journal", async (retryable, journal) => {
  const { client } = acmeClient([accepted, status({ status: "expired" })], { journal: journal() });
  const error = await errorOf(client.generate(request, { ...wait, idempotencyKey: "k" }));
  expect(error).toMatchObject({ name: "ProtocolError", retryable, idempotencyKey: "k", ref: { id: "t1" } });
});
