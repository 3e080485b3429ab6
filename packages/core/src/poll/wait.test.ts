import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import type { Journal } from "../journal/journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import type { VidtaskEvent } from "../task/events.ts";
import type { Task } from "../task/task.ts";
import { accepted, acmeClient, done, failed, ref, request, running } from "../test/acme.ts";
import { atOnce, turns, until } from "../test/turns.ts";
import { jumpClock } from "../testing/jump-clock.ts";
import { answer, reset, type Step } from "../testing/stub-fetch.ts";
import { assertNoSecret, errorOf, KEY } from "../testing/vendor-suite.ts";
import type { WaitOptions } from "./wait.ts";

const START = Date.UTC(2026, 0, 1); // where jumpClock begins
const fresh = { ...ref, submittedAt: new Date(START).toISOString() };
const queued = answer(200, { status: "queued" });
const faults = (events: VidtaskEvent[]) => events.filter((event) => event.type === "fault");

/** A client that notes when each question is asked. */
function timed(steps: Step[], options = {}, change = {}) {
  const clock = jumpClock();
  const asked: number[] = [];
  const noting = steps.map(
    (step): Step =>
      (seen) => (asked.push(clock.elapsed()), step(seen)),
  );
  return { ...acmeClient(noting, { clock, ...options }, change), asked, clock };
}
async function watched(iterable: AsyncIterable<Task>): Promise<Task[]> {
  const tasks: Task[] = [];
  for await (const task of iterable) tasks.push(task);
  return tasks;
}

test("questions are asked within the documented range, closer and closer towards its end", async () => {
  const { client, asked } = timed([...Array.from({ length: 9 }, () => running), done]);
  await client.wait(fresh, {});
  const [first = 0, ...rest] = asked;
  expect(first).toBeGreaterThan(50_000);
  const gaps = rest.map((age, index) => age - (asked[index] ?? 0));
  expect(gaps.slice(0, 7)).toEqual(gaps.slice(0, 7).toSorted((a, b) => b - a));
});

test("poll options of the wait go before those of the client", async () => {
  const { client, asked } = timed([running, running, done], { poll: { first: 7, interval: 70 } });
  await client.wait(fresh);
  await client.wait({ ...ref }, { poll: { first: 1, interval: 10 } });
  expect(asked).toEqual([7, 77, 147, 148]);
});

test("a ref without a time, and one whose time has passed, are asked for at once", async () => {
  for (const old of [ref, { ...ref, submittedAt: "2025-01-01T00:00:00Z" }]) {
    const { client, asked } = timed([running, done]);
    await client.wait(old);
    expect(asked).toEqual([0, "submittedAt" in old ? 15_000 : 5_000]);
  }
});

test("generate knows the duration; another client finds it in the journal", async () => {
  const journal = memoryJournal();
  const first = timed([accepted, done], { journal });
  const task = await first.client.submit({ ...request, duration: 10 });
  expect((await first.client.wait(task)).state).toBe("succeeded");
  expect(first.asked).toEqual([0, 82_959]);

  const generated = timed([accepted, done]);
  await generated.client.generate({ ...request, duration: 10 });
  expect(generated.asked).toEqual([0, 82_959]);
});

test("a journal that fails or has odd rows does not hold a wait up", async () => {
  const broken: Partial<Journal>[] = [
    { findByTask: () => Promise.reject(new Error("down")) },
    { findByTask: async () => ({}) as never },
    {
      findByTask: () => {
        throw new Error("at once");
      },
    },
  ];
  for (const change of broken) {
    const { client } = timed([running, done], { journal: { ...memoryJournal(), ...change } });
    expect((await client.wait(fresh)).state).toBe("succeeded");
  }
});

test("an abort settles a wait and a get at once even when the journal hangs, before the question or after it", async () => {
  for (const answered of [0, 1])
    for (const ask of ["wait", "get"] as const) {
      let calls = 0;
      const findByTask = async () => (++calls > answered ? new Promise<never>(() => {}) : undefined);
      const { client } = timed([done], { journal: { ...memoryJournal(), findByTask } });
      const controller = new AbortController();
      const asking = errorOf(client[ask](ref, { signal: controller.signal }));
      await until(() => calls === answered + 1);
      controller.abort();
      expect(await atOnce(asking)).toMatchObject({ code: "aborted", ref: { id: "t1" } });
    }
});

test("the end of a task is written to its row, by get and by wait alike", async () => {
  for (const ask of ["get", "wait"] as const) {
    const journal = memoryJournal();
    const { client } = timed([accepted, done], { journal });
    const task = await client.submit(request, { idempotencyKey: "k" });
    await client[ask](task);
    expect(await journal.get("k")).toMatchObject({ state: "succeeded", task: { state: "succeeded" } });
  }
});

test("the end is written to an unknown row that has the task, and to no row of another account", async () => {
  const journal = memoryJournal();
  const { client } = timed([answer(500, { id: "t1" }), done], { journal });
  expect(await errorOf(client.submit(request, { idempotencyKey: "k" }))).toMatchObject({ code: "submit_unknown" });
  await acmeClient([done], { journal, account: "another" }).client.get(ref);
  expect((await journal.get("k"))?.state).toBe("unknown");
  await client.get(ref);
  expect((await journal.get("k"))?.state).toBe("succeeded");
});

test("a journal that cannot take the end is an alarm, and the end is returned", async () => {
  const journal = { ...memoryJournal(), findByTask: () => Promise.reject(new Error(`down ${KEY}`)) };
  const { client, events } = timed([done], { journal });
  expect((await client.get(ref)).state).toBe("succeeded");
  expect(events).toContainEqual(expect.objectContaining({ type: "alarm", alarm: "journal_failed" }));
  assertNoSecret(events);
});

test("watch yields changes only, with progress, and ends with the end", async () => {
  const at = (progress: number) => answer(200, { status: "running", progress });
  const { client, events } = timed([queued, queued, running, at(0.1), at(0.1), at(0.5), done]);
  const tasks = await watched(client.watch(ref));
  expect(tasks.map((task) => [task.state, "progress" in task ? task.progress : undefined])).toEqual([
    ["pending", undefined],
    ["processing", undefined],
    ["processing", 0.1],
    ["processing", 0.5],
    ["succeeded", undefined],
  ]);
  expect(events.flatMap((event) => (event.type === "state" ? [event.task] : []))).toEqual(tasks);
});

test("a step back is told and not applied", async () => {
  const { client, events } = timed([running, queued, done]);
  expect((await watched(client.watch(ref))).map(({ state }) => state)).toEqual(["processing", "succeeded"]);
  expect(events).toContainEqual(
    expect.objectContaining({
      type: "warning",
      warning: expect.objectContaining({ kind: "odd-answer", about: "state" }),
    }),
  );
});

test("a failed task is the last value of watch, and an error of wait", async () => {
  expect((await watched(timed([failed]).client.watch(ref))).map(({ state }) => state)).toEqual(["failed"]);
  expect(await errorOf(timed([failed]).client.wait(ref))).toMatchObject({
    name: "TaskFailedError",
    code: "unknown",
    billed: "no",
    task: { failure: { message: "too dark" } },
  });
});

test("leaving a watch early asks no more", async () => {
  const { client, asked } = timed([running]);
  for await (const _ of client.watch(ref)) break;
  await turns();
  expect(asked).toHaveLength(1);
});

const passing: Record<string, Step> = {
  "a reset": reset,
  "a 500": answer(500),
  "a 400": answer(400, {}),
  "a 429": answer(429),
  HTML: answer(200, "<html></html>"),
  "an unknown state": answer(200, { status: "what" }),
  "a redirect": answer(307, "", { location: "https://b.test" }),
  "a `code` in a 200": answer(200, { code: 503 }),
};
for (const [name, step] of Object.entries(passing))
  test(`${name} is tolerated, backed off from, and told`, async () => {
    const { client, asked, events } = timed([step, step, step, step, done]);
    await client.wait(ref);
    const gaps = asked.slice(1).map((time, index) => time - (asked[index] ?? 0));
    for (const gap of gaps) expect([name, gap >= 5_000 && gap <= 30_000]).toEqual([name, true]);
    expect(faults(events)).toHaveLength(4);
    expect(faults(events)[0]).toMatchObject({
      phase: "poll",
      ref: { id: "t1" },
      attempt: 1,
      error: { vendor: "acme" },
    });
  });

test("after a fault the next question waits as Retry-After says, at most ten minutes", async () => {
  const limited = (seconds: string) => answer(429, {}, { "retry-after": seconds });
  const { client, asked } = timed([limited("60"), limited("86400"), done]);
  await client.wait(ref);
  expect(asked).toEqual([0, 60_000, 660_000]);
});

test("a task is not missing in its first minute; after it, three times in a row end the wait", async () => {
  const missing = answer(404);
  const early = timed([missing, missing, missing, missing, done]);
  expect((await early.client.wait(fresh, { poll: { first: 0, interval: 10_000 } })).state).toBe("succeeded");

  const late = timed([missing, missing, running, missing, missing, missing, done]);
  expect(await errorOf(late.client.wait(ref))).toMatchObject({
    name: "VendorError",
    code: "not_found",
    ref: { id: "t1" },
  });
  expect(late.asked).toHaveLength(6);
  const gone = timed([missing]);
  await errorOf(gone.client.wait(ref));
  expect(gone.asked[2]).toBeGreaterThanOrEqual(10_000);
});

test("a refused key ends a wait at once", async () => {
  for (const [status, code] of [
    [401, "unauthorized"],
    [403, "forbidden"],
  ] as const) {
    const { client, asked } = timed([running, answer(status, {}), done]);
    expect(await errorOf(client.wait(ref))).toMatchObject({ code, ref: { id: "t1" } });
    expect(asked).toHaveLength(2);
  }
});

test("the deadline ends a wait only after one question asked past it, with the last snapshot", async () => {
  const { client, asked } = timed([running]);
  const error = await errorOf(client.wait(fresh, { waitTimeout: 57_000 }));
  expect(error).toMatchObject({
    code: "wait_timeout",
    retryable: true,
    task: { state: "processing" },
    ref: { id: "t1" },
  });
  expect(asked).toEqual([54_875, 57_000]);

  const slept = timed([running, done]);
  expect((await slept.client.wait(fresh, { waitTimeout: 55_000 })).state).toBe("succeeded");
  expect(slept.asked).toEqual([54_875, 55_000]);
});

test("a wait that sees nothing but faults ends at its deadline too", async () => {
  const { client, events } = timed([reset]);
  expect(await errorOf(client.wait(ref, { waitTimeout: 60_000 }))).toMatchObject({
    code: "wait_timeout",
    message: expect.stringContaining("60 s"),
  });
  expect(faults(events).length).toBeGreaterThan(2);
});

test("the wait's time-out goes before the client's, which goes before 20 minutes; none is for ever or a storm", async () => {
  const end = async (client: number | undefined, own: number | undefined) => {
    const stubbed = timed([running], { waitTimeout: client });
    await errorOf(stubbed.client.wait(ref, { waitTimeout: own }));
    return stubbed.clock.elapsed();
  };
  expect(await end(undefined, undefined)).toBe(1_200_000);
  expect(await end(30_000, undefined)).toBe(30_000);
  expect(await end(30_000, 10_000)).toBe(10_000);
  for (const odd of [0, -1, Number.NaN]) expect(await end(undefined, odd)).toBe(0);
});

test("without a caller's key a wait of generate that stops is not retryable: the same call would pay again", async () => {
  const durable = { ...memoryJournal(), durable: true as const };
  for (const [journal, key, retryable] of [
    [durable, "k", true],
    [memoryJournal(), "k", false],
    [durable, undefined, false],
  ] as const) {
    const { client } = timed([accepted, running], { journal });
    const error = await errorOf(client.generate(request, { idempotencyKey: key, waitTimeout: 60_000 }));
    expect(error).toMatchObject({ code: "wait_timeout", idempotencyKey: expect.any(String), retryable });
  }
});

test("the time-out of generate is the wait's, not the submit's", async () => {
  const { client, asked } = timed([answer(429, {}, { "retry-after": "60" }), accepted, done]);
  await client.generate(request, { waitTimeout: 50_000 });
  expect(asked).toEqual([0, 60_000, 110_000]);
});

test("an abort ends a sleeping wait at once, names the task, and leaves the signal clean", async () => {
  const controller = new AbortController();
  const { client } = acmeClient([running], { clock: jumpClock({ stalled: true }) });
  const options: WaitOptions = { signal: controller.signal, poll: { first: 60_000 } };
  const waiting = errorOf(client.wait(fresh, options));
  await turns();
  controller.abort();
  expect(await atOnce(waiting)).toMatchObject({
    name: "AbortError",
    phase: "poll",
    ref: { id: "t1" },
    retryable: true,
  });
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
});

test("an abort while a question is open ends the wait at once, as an abort of the wait", async () => {
  const controller = new AbortController();
  const { client, events } = acmeClient([() => (controller.abort(), new Promise(() => {}))]);
  expect(await errorOf(client.wait(ref, { signal: controller.signal }))).toMatchObject({
    message: expect.stringContaining("go on with wait()"),
  });
  expect(faults(events)).toEqual([]);
});

test("a wait that ends leaves its signal clean", async () => {
  const { signal } = new AbortController();
  const { client } = acmeClient([running, running, done]);
  await client.wait(ref, { signal, poll: { interval: 1 } });
  await new Promise(setImmediate);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("what an adapter throws that is no reading of a body is not tolerated", async () => {
  const get = () => {
    throw new TypeError("mine");
  };
  await expect(timed([running], {}, { get }).client.wait(ref)).rejects.toThrow("mine");
});

test("a ref of another vendor, with an odd id or an odd model, is refused before anything is asked", async () => {
  const { client, asked } = timed([running]);
  for (const [odd, path] of [
    [{ ...ref, vendor: "other" }, "ref.vendor"],
    [{ ...ref, id: ".." }, "ref.id"],
    [{ ...ref, id: "a/b" }, "ref.id"],
    [{ ...ref, id: "a?b" }, "ref.id"],
    [{ ...ref, model: ".." }, "ref.model"],
    [{ ...ref, model: "../x" }, "ref.model"],
    [{ ...ref, model: "a?b" }, "ref.model"],
    [{ ...ref, submittedAt: "soon" }, "ref.submittedAt"],
  ] as const) {
    const error = await errorOf(client.wait(odd));
    expect([error, path]).toEqual([
      expect.objectContaining({ code: "invalid_request", issues: [expect.objectContaining({ path })] }),
      path,
    ]);
    expect(await errorOf(client.wait(odd, { signal: AbortSignal.abort() }))).toMatchObject({ issues: [{ path }] });
    expect(await errorOf(client.get(odd))).toMatchObject({ issues: [{ path }] });
    expect(await errorOf(watched(client.watch(odd)))).toMatchObject({ issues: [{ path }] });
  }
  expect(asked).toEqual([]);
});

test("a model that this version does not list can still be asked for", async () => {
  expect((await timed([running]).client.get({ ...ref, model: "acme-9.1_x" })).model).toBe("acme-9.1_x");
});
