// Cancelling a task against its end, at every moment: what is asked, and what comes of it.
import { describe, expect, test } from "vitest";
import type { ClientOptions } from "../context/options.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { accepted, acme, acmeClient, done, failed, ref, request, running } from "../test/acme.ts";
import { answer, refusedConnection, type Step } from "../testing/stub-fetch.ts";
import { errorOf } from "../testing/vendor-suite.ts";
import type { Adapter } from "../vendor-spec/spec.ts";

const call = ({ id }: { id: string }) => ({ method: "DELETE" as const, path: `/tasks/${id}` });
const cancelling = (steps: readonly Step[], change: Partial<Adapter> = {}, options: ClientOptions = {}) => {
  const acmeCancel = acmeClient(steps, options, { cancel: { call }, ...change });
  const cancel = acmeCancel.client.cancel ?? (() => Promise.reject(new Error("there is no cancel")));
  return { ...acmeCancel, cancel, asked: () => acmeCancel.seen.map(({ method }) => method) };
};
const cancelled = {
  state: "failed" as const,
  failure: { code: "cancelled" as const, message: "stopped", billed: "unknown" as const },
};
const stopped: Adapter["status"] = {
  ...acme.status,
  read: (body, of, status) =>
    (body as { status: string }).status === "stopped" ? cancelled : acme.status.read(body, of, status),
};
const isStopped = answer(200, { status: "stopped" });
const gone = answer(404, { error: { code: "gone", message: "no such task" } });

test("a vendor without it has no cancel", () => {
  expect(acmeClient([]).client).not.toHaveProperty("cancel");
});

test("a running task is read, stopped and read again: only the second reading counts", async () => {
  const { cancel, asked } = cancelling([running, answer(204), isStopped], { status: stopped });
  expect(await cancel(ref)).toMatchObject({ state: "failed", failure: { code: "cancelled" } });
  expect(asked()).toEqual(["GET", "DELETE", "GET"]);
});

test.each<[end: string, step: Step]>([
  ["succeeded", done],
  ["failed", failed],
])("a task that has %s already is left alone", async (state, step) => {
  const { cancel, asked } = cancelling([step]);
  expect(await cancel(ref)).toMatchObject({ state });
  expect(asked()).toEqual(["GET"]);
});

test.each<[answer: string, step: Step]>([
  ["200 and HTML", answer(200, "<p>")],
  ["a refusal", answer(400, { error: { code: "bad_request", message: "it has ended" } })],
  ["not found", gone],
  ["no connection", refusedConnection],
])("a task that ends before the call is that end, whatever the call is answered: %s", async (_, step) => {
  const { cancel } = cancelling([running, step, done]);
  expect(await cancel(ref)).toMatchObject({ state: "succeeded" });
});

test.each<[answer: string, step: Step, code: string]>([
  ["a refusal", answer(400, { error: { code: "bad_request", message: "too late" } }), "invalid_request"],
  ["no connection", refusedConnection, "connection"],
])("a task that runs on after %s is that error", async (_, step, code) => {
  const { cancel } = cancelling([running, step, running]);
  expect(await errorOf(cancel(ref))).toMatchObject({ code });
});

test("a task that the vendor stops later is still running", async () => {
  const { cancel } = cancelling([running, answer(202, "accepted"), running]);
  expect(await cancel(ref)).toMatchObject({ state: "processing" });
});

test("the key of a cancelled task stays used: a submit under it returns that end and sends nothing", async () => {
  const { cancel, client, posts } = cancelling([accepted, running, answer(204), isStopped], { status: stopped });
  await cancel(await client.submit(request, { idempotencyKey: "k" }));
  expect(await client.submit(request, { idempotencyKey: "k" })).toMatchObject({ failure: { code: "cancelled" } });
  expect(posts()).toBe(1);
});

test("a wait in the same process hears of it", async () => {
  let status = "running";
  const vendor: Step = ({ method }) => Response.json({ status: method === "DELETE" ? (status = "stopped") : status });
  const { cancel, client } = cancelling([vendor], { status: stopped });
  const waiting = errorOf(client.wait(ref, { poll: { first: 0, interval: 60_000 } }));
  await cancel(ref);
  expect(await waiting).toMatchObject({ name: "TaskFailedError", code: "cancelled" });
});

describe("a vendor that deletes what has ended", () => {
  const destroys: Partial<Adapter> = { cancel: { call, destroys: true } };

  test.each([undefined, false])("wants a caller who says so: destroy %s sends nothing", async (destroy) => {
    const { cancel, seen } = cancelling([running], destroys);
    expect(await errorOf(cancel(ref, { destroy }))).toMatchObject({ issues: [{ path: "destroy" }] });
    expect(seen).toEqual([]);
  });

  test("is not asked about a task that has ended", async () => {
    const { cancel, asked } = cancelling([done], destroys);
    expect(await cancel(ref, { destroy: true })).toMatchObject({ state: "succeeded" });
    expect(asked()).toEqual(["GET"]);
  });

  test("a task that is gone afterwards is cancelled, and its money unknown", async () => {
    const journal = memoryJournal();
    const { cancel, client } = cancelling([accepted, running, answer(204), gone], destroys, { journal });
    const task = await client.submit(request, { idempotencyKey: "k" });
    expect(await cancel(task, { destroy: true })).toMatchObject({ failure: { code: "cancelled", billed: "unknown" } });
    expect(await journal.get("k")).toMatchObject({ state: "failed", task: { failure: { code: "cancelled" } } });
  });

  test("a wait in another process that meets not found has the end of the journal", async () => {
    const journal = memoryJournal();
    const { cancel, client } = cancelling([accepted, running, answer(204), gone], destroys, { journal });
    const task = await client.submit(request, { idempotencyKey: "k" });
    await cancel(task, { destroy: true });
    const elsewhere = cancelling([gone], destroys, { journal });
    expect(await errorOf(elsewhere.client.wait(task))).toMatchObject({ name: "TaskFailedError", code: "cancelled" });
  });
});

test("a vendor that deletes nothing: not found afterwards is an error, not an end", async () => {
  const journal = memoryJournal();
  const { cancel, client } = cancelling([accepted, running, answer(204), gone], {}, { journal });
  const task = await client.submit(request, { idempotencyKey: "k" });
  expect(await errorOf(cancel(task))).toMatchObject({ code: "not_found" });
  expect((await journal.get("k"))?.state).toBe("accepted");
});

test("an option that is none is refused", async () => {
  const { cancel } = cancelling([running]);
  expect(await errorOf(cancel(ref, { force: true } as never))).toMatchObject({ issues: [{ path: "force" }] });
});

test("a path that is none fails the plan", () => {
  const { client } = cancelling([], { cancel: { call: () => ({ path: "tasks" }) } });
  expect(() => client.plan(request)).toThrow("`cancel.call(…).path` must be a path that starts with `/`");
});
