import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { createEndNotifier } from "../context/end-notifier.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import type { SucceededTask } from "../task/task.ts";
import { accepted, acmeClient, done, failed, ref, request, running } from "../test/acme.ts";
import { handClock } from "../test/hand-clock.ts";
import { atOnce, turns, until } from "../test/turns.ts";
import { answer, reset, type Step } from "../testing/stub-fetch.ts";
import { errorOf } from "../testing/vendor-suite.ts";
import type { WaitOptions } from "./wait-options.ts";

const ended: SucceededTask = { ...ref, state: "succeeded", videos: [{ url: "https://cdn.acme.test/v.mp4" }] };

describe("a listener", () => {
  test("hears the end of its own task, and once closed no more", () => {
    const ends = createEndNotifier();
    const [mine, other, another] = [ends.listen(ref), ends.listen(ref), ends.listen({ ...ref, id: "t2" })];
    const interrupted: string[] = [];
    mine.whenHeard(() => interrupted.push("mine"));
    other.whenHeard(() => interrupted.push("other"));
    another.whenHeard(() => interrupted.push("another"));
    mine.close();
    ends.tell(ended);
    expect(mine.heard).toBeUndefined();
    expect(other.heard).toBe(ended);
    expect(another.heard).toBeUndefined();
    expect(interrupted).toEqual(["other"]);
    mine.close();
    ends.tell(ended);
    expect(mine.heard).toBeUndefined();
  });

  test("that asks what to do when it hears, after it has heard, does it at once", () => {
    const ends = createEndNotifier();
    const mine = ends.listen(ref);
    ends.tell(ended);
    let times = 0;
    mine.whenHeard(() => times++)();
    expect(times).toBe(1);
  });

  test("may close itself and others while it is told", () => {
    const ends = createEndNotifier();
    const listeners = Array.from({ length: 5 }, () => ends.listen(ref));
    for (const ending of listeners) ending.whenHeard(() => listeners.forEach((each) => each.close()));
    ends.tell(ended);
    expect(listeners.filter(({ heard }) => heard)).toHaveLength(1);
    const late = ends.listen(ref);
    ends.tell(ended);
    expect(late.heard).toEqual(ended);
  });
});

/** A client whose time stands still: only what another call saw settles a wait here. */
function still(steps: Step[], options: { journal?: ReturnType<typeof memoryJournal> } = {}) {
  const clock = handClock();
  return { ...acmeClient(steps, { clock, ...options }), clock };
}
const silence: Step = () => new Promise(() => {});

describe("a terminal answer settles every wait on the task at once", () => {
  const waits: Record<string, { before: Step[]; options?: WaitOptions }> = {
    "that sleeps until its next question": { before: [running] },
    "that has not asked yet": { before: [], options: { poll: { first: 60_000 } } },
    "whose own question is open and never answered": { before: [silence] },
    "that backs off after a fault": { before: [reset] },
    "that keeps to Retry-After": { before: [answer(503, {}, { "retry-after": "600" })] },
  };
  for (const [name, { before, options }] of Object.entries(waits))
    for (const [end, state] of [
      [done, "succeeded"],
      [failed, "failed"],
    ] as const)
      test(`one ${name}, when a get sees it ${state}`, async () => {
        const { client, clock, seen } = still([...before, end]);
        const { signal } = new AbortController();
        const waiting = client
          .wait(
            { ...ref, submittedAt: new Date(clock.now()).toISOString() },
            { signal, poll: { first: 0 }, ...options },
          )
          .then(
            (task) => task.state,
            (error: { task?: { state: string } }) => error.task?.state,
          );
        await until(() => seen.length === before.length);
        await turns();
        expect((await client.get(ref)).state).toBe(state);
        expect(await waiting).toBe(state);
        expect(seen.length).toBe(before.length + 1);
        expect(clock.elapsed()).toBe(0);
        expect(clock.timers).toBe(0);
        expect(getEventListeners(signal, "abort")).toEqual([]);
      });

  test("three waits and a watch, when another wait sees it", async () => {
    const { client, clock, seen, events } = still([running, running, running, done]);
    const sleepy = { poll: { interval: 600_000 } };
    const waits = [client.wait(ref, sleepy), client.wait(ref, sleepy)];
    const states: string[] = [];
    const watching = (async () => {
      for await (const task of client.watch(ref, sleepy)) states.push(task.state);
    })();
    await until(() => seen.length === 3 && states.length === 1);
    await turns();
    await client.wait(ref);
    expect((await Promise.all(waits)).map(({ state }) => state)).toEqual(["succeeded", "succeeded"]);
    await watching;
    expect(states).toEqual(["processing", "succeeded"]);
    expect(seen).toHaveLength(4);
    expect(clock.elapsed()).toBe(0);
    expect(clock.timers).toBe(0);
    expect(events.filter(({ type }) => type === "fault")).toEqual([]);
  });

  test("one that waits behind a cool-down of ten minutes", async () => {
    let end = () => {};
    const later: Step = (seen) => new Promise<void>((resolve) => (end = resolve)).then(() => done(seen));
    const { client, clock, seen } = still([later, answer(429, {}, { "retry-after": "600" })]);
    const asking = client.get(ref); // on its way before the limit is hit
    await errorOf(client.get({ ...ref, id: "t2" }));
    const waiting = client.wait(ref);
    await turns();
    end();
    await asking;
    expect((await waiting).state).toBe("succeeded");
    expect(seen).toHaveLength(2);
    expect(clock.elapsed()).toBe(0);
    expect(clock.timers).toBe(0);
  });

  test("that of another task settles none", async () => {
    const { client, clock, seen } = still([running, done, done]);
    const waiting = client.wait(ref);
    await until(() => seen.length === 1);
    await client.get({ ...ref, id: "t2" });
    await turns();
    expect(seen).toHaveLength(2);
    expect((await clock.until(waiting)).id).toBe("t1");
  });
});

test("a wait that saw the end itself returns it after it was journaled, also when others heard it from it", async () => {
  const journal = memoryJournal();
  const slow = {
    ...journal,
    update: async (...patch: Parameters<typeof journal.update>) => {
      await turns();
      return journal.update(...patch);
    },
  };
  const { client, seen } = still([accepted, running, done], { journal: slow });
  const task = await client.submit(request, { idempotencyKey: "k" });
  const other = client.wait(task, { poll: { first: 0, interval: 600_000 } });
  await until(() => seen.length === 2);
  await turns();
  await client.wait(task, { poll: { first: 0 } });
  expect((await journal.get("k"))?.state).toBe("succeeded");
  expect((await other).state).toBe("succeeded");
});

test("an abort goes before an end that is heard in the same moment", async () => {
  const { client } = still([running, done]);
  const controller = new AbortController();
  const waiting = errorOf(client.wait(ref, { signal: controller.signal }));
  await turns();
  controller.abort();
  await client.get(ref);
  expect(await atOnce(waiting)).toMatchObject({ code: "aborted", ref: { id: "t1" } });
});
