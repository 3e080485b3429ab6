// Limits as a caller meets them: places and turns of one client, and what frees them.
import { beforeAll, describe, expect, test, vi } from "vitest";
import { memoryJournal, type ClientOptions } from "../index.ts";
import { accepted, acmeClient, createAcme, done, failed, ref, request, running } from "../test/acme.ts";
import { digestAtOnce, handClock, type HandClock } from "../test/hand-clock.ts";
import { atOnce, until } from "../test/turns.ts";
import { answer, reset, type Step } from "../testing/stub-fetch.ts";
import { errorOf, KEY } from "../testing/vendor-suite.ts";

const SECOND = 1_000;
const one = { concurrentTasks: 1 };

beforeAll(() => void vi.spyOn(crypto.subtle, "digest").mockImplementation(digestAtOnce));

/** A vendor whose tasks run for a minute, and which counts what runs and what it is asked. */
function vendor(options: ClientOptions) {
  const clock = handClock();
  const ends = new Map<string, number>();
  const asked: { method: string; at: number }[] = [];
  let most = 0;
  const fetch = (async (input: Request | URL | string, init?: RequestInit) => {
    const { method, url } = new Request(input, init);
    asked.push({ method, at: clock.elapsed() });
    if (method === "POST") {
      const id = `t${ends.size}`;
      ends.set(id, clock.elapsed() + 60 * SECOND);
      most = Math.max(most, [...ends.values()].filter((end) => end > clock.elapsed()).length);
      return Response.json({ id });
    }
    const isDone = clock.elapsed() >= (ends.get(url.split("/").at(-1) ?? "") ?? Infinity);
    return Response.json(isDone ? { status: "done", url: "https://cdn.acme.test/v.mp4" } : { status: "running" });
  }) as typeof globalThis.fetch;
  const client = createAcme({ apiKey: KEY, fetch, clock, ...options });
  const perMinute = () =>
    Math.max(...asked.map(({ at }) => asked.filter((other) => other.at > at - 60 * SECOND && other.at <= at).length));
  return { client, clock, asked, most: () => most, perMinute };
}

test("a 429 without Retry-After holds the next request back for half a second at least", async () => {
  const clock = handClock();
  const slowly: Step = async (seen) => (await clock.sleep(5 * SECOND), answer(429, {})(seen));
  const { client } = acmeClient([slowly, running], { clock });
  await clock.until(errorOf(client.get(ref)));
  const told = clock.elapsed();
  await clock.until(client.get(ref));
  expect(clock.elapsed() - told).toBeGreaterThanOrEqual(500);
});

describe("15 videos with 10 places", () => {
  for (const requestsPerMinute of [Infinity, 40, 12])
    test(`and ${requestsPerMinute} requests a minute: all end, no more run or leave at once, none waits for ever`, async () => {
      const limits = { concurrentTasks: 10, requestsPerMinute };
      const { client, clock, most, perMinute } = vendor({ limits });
      const hours = { waitTimeout: 10 * 3_600 * SECOND, poll: { interval: 20 * SECOND } };
      const work = Promise.all(
        Array.from({ length: 15 }, async () =>
          client.wait(await client.submit(request, { submitTimeout: hours.waitTimeout }), hours),
        ),
      );
      expect((await clock.until(work)).map(({ state }) => state)).toEqual(
        Array.from({ length: 15 }, () => "succeeded"),
      );
      expect(most()).toBeLessThanOrEqual(10);
      expect(perMinute()).toBeLessThanOrEqual(requestsPerMinute);
      expect(clock.timers).toBe(0);
    });

  test("and no poll of the first ten: the others start after the longest time", async () => {
    const clock = handClock();
    const { client, posts } = acmeClient(
      [({ method: _ }) => Response.json({ id: `t${posts()}` })],
      { clock, limits: { concurrentTasks: 10 } },
      { maxTaskMs: 50 * SECOND },
    );
    await clock.until(Promise.all(Array.from({ length: 15 }, () => client.submit(request))));
    expect(posts()).toBe(15);
    expect(clock.elapsed()).toBe(50 * SECOND);
    expect(clock.timers).toBe(0);
  });

  test("and no time: those that found no place were not sent, say so, and leave no timer", async () => {
    const clock = handClock();
    const { client, posts } = acmeClient([({ method: _ }) => Response.json({ id: `t${posts()}` })], {
      clock,
      limits: { concurrentTasks: 10 },
    });
    const work = Array.from({ length: 15 }, (_, n) => client.submit(request, { idempotencyKey: `k${n}` }));
    const ends = await clock.until(Promise.allSettled(work));
    const late = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as unknown] : []));
    expect(posts()).toBe(10);
    expect(late).toHaveLength(5);
    expect(clock.elapsed()).toBe(120 * SECOND);
    expect(clock.timers).toBe(0);
    for (const error of late)
      expect(error).toMatchObject({
        name: "ConnectionError",
        billed: "no",
        retryable: true,
        idempotencyKey: expect.any(String),
      });
  });
});

describe("a place is free again", () => {
  const frees: Record<string, Step[]> = {
    "when the submit is refused": [answer(400, {})],
    "when its outcome is unknown": [reset],
    "when its answer is damaged": [answer(200, "<p>")],
  };
  for (const [name, steps] of Object.entries(frees))
    test(name, async () => {
      const clock = handClock();
      const { client, posts } = acmeClient([...steps, accepted], { clock, limits: one });
      await errorOf(client.submit(request));
      await client.submit(request);
      expect(posts()).toBe(2);
      expect(clock.elapsed()).toBe(0);
    });

  test("when the submit is aborted in the queue", async () => {
    const clock = handClock();
    const { client, posts } = acmeClient([accepted, done, ({ method: _ }) => Response.json({ id: "t2" })], {
      clock,
      limits: one,
    });
    const task = await client.submit(request);
    const controller = new AbortController();
    const aborted = errorOf(client.submit(request, { signal: controller.signal, idempotencyKey: "k" }));
    await until(() => clock.timers > 0); // it stands in the queue
    controller.abort();
    expect(await atOnce(aborted)).toMatchObject({ code: "aborted", billed: "no" });
    await until(() => clock.timers === 0);
    await client.get(task);
    await client.submit(request);
    expect(posts()).toBe(2);
  });

  for (const [name, end] of Object.entries({ done, failed }))
    test(`when a get sees its task ${name}`, async () => {
      const { client, posts } = acmeClient([accepted, end, accepted], {
        clock: handClock(),
        limits: one,
        journal: memoryJournal(),
      });
      await client.get(await client.submit(request));
      await client.submit(request);
      expect(posts()).toBe(2);
    });

  test("when the journal already has the end of a task whose answer was lost", async () => {
    const journal = memoryJournal();
    // A callback is confirmed while the POST is out, and the task has ended when the answer breaks off.
    const ends: Step = async (seen) => {
      const row = await journal.get("k");
      const task = {
        ...ref,
        state: "succeeded" as const,
        videos: [{ url: "https://cdn.acme.test/v.mp4" }] as [{ url: string }],
      };
      const at = await journal.update("k", row?.version ?? 0, { state: "accepted", ref });
      await journal.update("k", at?.version ?? 0, { state: "succeeded", task });
      return reset(seen);
    };
    const { client, posts } = acmeClient([ends, ({ method: _ }) => Response.json({ id: "t2" })], {
      clock: handClock(),
      limits: one,
      journal,
    });
    expect((await client.submit(request, { idempotencyKey: "k" })).state).toBe("succeeded");
    await client.submit(request);
    expect(posts()).toBe(2);
  });

  test("and a key that has its task already needs none", async () => {
    const clock = handClock();
    const { client } = acmeClient([accepted, running], { clock, limits: one });
    const options = { idempotencyKey: "k" };
    await client.submit(request, options);
    expect((await client.submit(request, options)).id).toBe("t1");
    expect(clock.elapsed()).toBe(0);
  });
});

test("a 429 on a poll holds submits and other polls back as long as it says", async () => {
  const clock = handClock();
  const { client, seen } = acmeClient([answer(429, {}, { "retry-after": "30" }), done, accepted], { clock });
  await errorOf(client.get(ref));
  const work = Promise.all([client.submit(request), client.get({ ...ref, id: "t2" })]);
  await clock.advance(29_999);
  expect(seen).toHaveLength(1);
  await clock.until(work);
  expect(seen.map(({ method }) => method)).toEqual(["GET", "GET", "POST"]);
});

test("a submit whose turn does not come in time was not sent, also when polls were before it", async () => {
  const clock = handClock();
  const { client, posts } = acmeClient([done], { clock, limits: { requestsPerMinute: 1 } });
  const polls = Array.from({ length: 5 }, (_, n) => client.get({ ...ref, id: `p${n}` }));
  const late = errorOf(client.submit(request, { idempotencyKey: "k", submitTimeout: 100 * SECOND }));
  expect(await clock.until(late)).toMatchObject({ name: "ConnectionError", billed: "no", idempotencyKey: "k" });
  expect(posts()).toBe(0);
  expect(clock.elapsed()).toBe(100 * SECOND);
  await clock.until(Promise.all(polls));
  expect(clock.timers).toBe(0);
});

describe("a wait keeps its deadline, with one question after it", () => {
  const fresh = (id: string, clock: HandClock) => ({ ...ref, id, submittedAt: new Date(clock.now()).toISOString() });
  const poll = { first: 10 * SECOND };

  test("in a cool-down: that question leaves at once, and no other", async () => {
    const clock = handClock();
    const { client, seen } = acmeClient([answer(429, {}, { "retry-after": "600" }), running, done], { clock });
    await errorOf(client.get({ ...ref, id: "first" }));
    const late = errorOf(client.wait(fresh("late", clock), { poll, waitTimeout: 60 * SECOND }));
    const patient = client.wait(fresh("patient", clock), { poll });
    expect(await clock.until(late)).toMatchObject({ code: "wait_timeout", task: { state: "processing" } });
    expect(clock.elapsed()).toBe(60 * SECOND);
    expect(seen.map(({ url }) => url.split("/").at(-1))).toEqual(["first", "late"]);
    await clock.until(patient);
    expect(clock.elapsed()).toBe(600 * SECOND);
  });

  test("and what it brings counts: a task that has ended is no time-out", async () => {
    const clock = handClock();
    const { client } = acmeClient([answer(429, {}, { "retry-after": "600" }), done], { clock });
    await errorOf(client.get({ ...ref, id: "first" }));
    const waiting = client.wait(fresh("late", clock), { poll, waitTimeout: 60 * SECOND });
    expect((await clock.until(waiting)).state).toBe("succeeded");
    expect(clock.elapsed()).toBe(60 * SECOND);
    expect(clock.timers).toBe(0);
  });

  test("when the cool-down is the answer to its own question", async () => {
    const clock = handClock();
    const { client, seen } = acmeClient([answer(429, {}, { "retry-after": "600" })], { clock });
    const late = errorOf(client.wait(fresh("late", clock), { poll, waitTimeout: 60 * SECOND }));
    expect(await clock.until(late)).toMatchObject({ code: "wait_timeout" });
    expect(clock.elapsed()).toBe(60 * SECOND);
    expect(seen).toHaveLength(2);
  });

  test("in a queue of its own client's making", async () => {
    const clock = handClock();
    const { client } = acmeClient([running], { clock, limits: { requestsPerMinute: 1 } });
    const waits = Array.from({ length: 5 }, (_, n) =>
      errorOf(client.wait(fresh(`t${n}`, clock), { poll, waitTimeout: 90 * SECOND })),
    );
    await clock.until(Promise.all(waits));
    expect(clock.elapsed()).toBe(90 * SECOND);
    expect(clock.timers).toBe(0);
  });

  test("while all polls that may be open are open and unanswered", async () => {
    const clock = handClock();
    const silent: Step = (seen) => (seen.url.endsWith("late") ? running(seen) : new Promise<never>(() => {}));
    const { client, seen } = acmeClient([silent], { clock });
    for (let n = 0; n < 40; n++) void client.get({ ...ref, id: `open${n}` }).catch(() => {});
    const late = errorOf(client.wait(fresh("late", clock), { poll, waitTimeout: 60 * SECOND }));
    expect(await clock.until(late)).toMatchObject({ code: "wait_timeout", task: { state: "processing" } });
    expect(clock.elapsed()).toBe(60 * SECOND);
    expect(seen).toHaveLength(33);
  });
});
