// Limits and a budget that several clients share: what they let through, what frees it, and what their store's faults do.
import { beforeAll, describe, expect, test, vi } from "vitest";
import { settleSubmit } from "../client/settle.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { memoryBudget, type Budget } from "../limits/budget.ts";
import { memorySlots } from "../limits/memory-slots.ts";
import type { Slots } from "../limits/shared-slots.ts";
import type { VidtaskEvent } from "../task/events.ts";
import { accepted, acmeClient, createAcme, done, ref, request, running } from "../test/acme.ts";
import { digestAtOnce, handClock } from "../test/hand-clock.ts";
import { jumpClock } from "../testing/jump-clock.ts";
import { answer, refusedConnection, reset, type Step } from "../testing/stub-fetch.ts";
import { assertNoSecret, errorOf, KEY } from "../testing/vendor-suite.ts";

const down = () => Promise.reject(new Error(`ECONNREFUSED near ${KEY}`));
const alarms = (events: VidtaskEvent[]) => events.flatMap((event) => (event.type === "alarm" ? [event.alarm] : []));
const now = { submitTimeout: 0 };
const refused = answer(402, { error: { code: "no_money", message: "x" } });
const free = answer(200, { status: "error", reason: "too dark" }); // failed, and not billed

/** A vendor that counts what runs: ids as they are submitted, each running until it is told to end. */
function vendor() {
  const ended = new Set<string>();
  let count = 0;
  let most = 0;
  const fetch = async (input: Request | URL | string, init?: RequestInit) => {
    const { method, url } = new Request(input, init);
    const id = /tasks\/(\w+)/.exec(url)?.[1];
    if (method === "POST") most = Math.max(most, ++count - ended.size);
    const body =
      method === "POST"
        ? { id: `t${count}` }
        : { status: ended.has(id ?? "") ? "done" : "running", url: "https://a.test/v" };
    return Response.json(body);
  };
  return {
    fetch: fetch as typeof globalThis.fetch,
    end: (id: string) => void ended.add(id),
    most: () => most,
    posts: () => count,
  };
}

beforeAll(() => void vi.spyOn(crypto.subtle, "digest").mockImplementation(digestAtOnce));

const odd: [what: string, given: unknown][] = [
  ["nothing", undefined],
  ["null", null],
  ["an object without `ok`", {}],
  ["a text", { ok: "yes" }],
];

test.each(odd)("slots that answer %s refuse the submit", async (_, given) => {
  const shared = { ...memorySlots(), take: async () => given } as unknown as Slots;
  const { client, posts } = acmeClient([accepted], { limits: { concurrentTasks: 1, shared } });
  expect(await errorOf(client.submit(request, now))).toMatchObject({ code: "journal", billed: "no", retryable: true });
  expect(posts()).toBe(0);
});

test.each([...odd, ["no number", Number.NaN]])(
  "a limit of requests that answers %s refuses the submit",
  async (_, given) => {
    const shared = { ...memorySlots(), pass: async () => given } as unknown as Slots;
    const limits = { requestsPerMinute: 60, shared };
    const { client, posts } = acmeClient([accepted], { clock: jumpClock(), limits });
    const error = await errorOf(client.submit(request, { submitTimeout: 1_000 }));
    expect(error).toMatchObject({ code: "connection", billed: "no", retryable: true });
    expect(posts()).toBe(0);
  },
);

test.each(odd)("a budget that answers %s refuses the submit", async (_, given) => {
  const shared = { ...memoryBudget(), reserve: async () => given } as unknown as Budget;
  const { client, posts } = acmeClient([accepted], { budget: { usd: 1, shared } });
  expect(await errorOf(client.submit(request, now))).toMatchObject({ code: "journal", billed: "no", retryable: true });
  expect(posts()).toBe(0);
});

test.each([0, -1, Number.NaN, undefined])(
  "slots that are full and say %s of when to ask again are asked with a pause, and no longer than a submit may take",
  async (waitMs) => {
    const clock = jumpClock();
    let asked = 0;
    const take = async () => (asked++, { ok: false, waitMs });
    const shared = { ...memorySlots(), take } as unknown as Slots;
    const { client } = acmeClient([accepted], { clock, limits: { concurrentTasks: 1, shared } });
    expect(await errorOf(client.submit(request, { submitTimeout: 1_000 }))).toMatchObject({ code: "connection" });
    expect(asked).toBeLessThan(30);
  },
);

describe("slots", () => {
  test("over several clients never more run than there are, and the client that sees an end lets the next one in", async () => {
    const clock = handClock();
    const { fetch, end, most, posts } = vendor();
    const shared = memorySlots({ clock });
    const journal = memoryJournal();
    const make = () => createAcme({ apiKey: KEY, fetch, clock, journal, limits: { concurrentTasks: 2, shared } });
    const clients = [make(), make(), make()];
    const watcher = make();
    const submits = clients.flatMap((client, c) =>
      [1, 2, 3].map((n) => client.submit(request, { idempotencyKey: `${c} ${n}`, submitTimeout: 3_600_000 })),
    );
    const all = Promise.all(submits);
    for (let n = 1; n <= 9; n++) {
      await clock.advance(20_000);
      expect(posts()).toBe(Math.min(9, n + 1));
      end(`t${n}`);
      expect(await watcher.get({ ...ref, id: `t${n}` })).toMatchObject({ state: "succeeded" });
    }
    await all;
    expect(most()).toBe(2);
  });

  const limits = (shared: Slots) => ({ concurrentTasks: 1, shared });
  test.each<{ what: string; steps: Step[] }>([
    { what: "is refused", steps: [refused] },
    { what: "never left", steps: [refusedConnection] },
    { what: "is unknown", steps: [reset] },
  ])("a submit that $what frees its slot", async ({ steps }) => {
    const shared = memorySlots();
    await errorOf(acmeClient(steps, { limits: limits(shared) }).client.submit(request, now));
    expect(await shared.take({ account: "acme https://api.acme.test", holder: "x", limit: 1, forMs: 1e6 })).toEqual({
      ok: true,
    });
  });

  test("an accepted task holds its slot for as long as the vendor's longest task takes", async () => {
    const clock = handClock();
    const shared = memorySlots({ clock });
    const { client } = acmeClient([accepted], { clock, limits: limits(shared) }, { maxTaskMs: 600_000 });
    await client.submit(request, now);
    const take = () => shared.take({ account: "acme https://api.acme.test", holder: "x", limit: 1, forMs: 1e6 });
    await clock.advance(599_000);
    expect(await take()).toMatchObject({ ok: false });
    await clock.advance(2_000);
    expect(await take()).toEqual({ ok: true });
  });

  const later = async (clock: ReturnType<typeof handClock>) => {
    for (let n = 0; n < 20; n++) await clock.advance(10_000);
  };
  test("a slot that could not be held is held as soon as its store is back", async () => {
    const clock = handClock();
    const slots = memorySlots({ clock });
    let failures = 3;
    const shared: Slots = { ...slots, hold: (ask) => (failures-- > 0 ? down() : slots.hold(ask)) };
    const { client, events } = acmeClient([accepted], { clock, limits: limits(shared) }, { maxTaskMs: 600_000 });
    await client.submit(request, now);
    await later(clock); // longer than the slot of a submit lives
    const ask = { account: "acme https://api.acme.test", holder: "x", limit: 1, forMs: 1e6 };
    expect(await slots.take(ask)).toMatchObject({ ok: false });
    expect(alarms(events)).toEqual(["limits_failed"]);
    await client.drain(); // waits for nothing more
  });

  test("a slot that could not be held before its task ended is not held afterwards", async () => {
    const clock = handClock();
    const slots = memorySlots({ clock });
    let failures = 1;
    const hold = vi.fn<Slots["hold"]>((ask) => (failures-- > 0 ? down() : slots.hold(ask)));
    const { client } = acmeClient([accepted, done], { clock, limits: limits({ ...slots, hold }) });
    await client.get(await client.submit(request, now));
    await later(clock);
    expect(hold).toHaveBeenCalledTimes(1);
  });

  test("a slot whose task another process saw ending while it was held is freed", async () => {
    const clock = handClock();
    const slots = memorySlots({ clock });
    const journal = memoryJournal();
    let failures = 1;
    const hold: Slots["hold"] = async (ask) => {
      if (failures-- > 0) return down();
      await slots.hold(ask);
      const row = await journal.get("k");
      await journal.update("k", row?.version ?? 0, { state: "succeeded" });
    };
    const { client } = acmeClient([accepted], { clock, journal, limits: limits({ ...slots, hold }) });
    await client.submit(request, { ...now, idempotencyKey: "k" });
    await later(clock);
    const ask = { account: "acme https://api.acme.test", holder: "x", limit: 1, forMs: 1e6 };
    expect(await slots.take(ask)).toEqual({ ok: true });
  });

  test("no room in time is an error that says nothing was sent", async () => {
    const shared = memorySlots();
    await acmeClient([accepted], { limits: limits(shared) }).client.submit(request, now);
    const { client, posts } = acmeClient([accepted], { limits: limits(shared) });
    expect(await errorOf(client.submit(request, now))).toMatchObject({
      code: "connection",
      billed: "no",
      retryable: true,
    });
    expect(posts()).toBe(0);
  });

  test("`shared` alone keeps the numbers that the vendor documents", async () => {
    const shared = memorySlots();
    const documented = { limits: { concurrentTasks: 1 } };
    await acmeClient([accepted], { limits: { shared } }, documented).client.submit(request, now);
    const { client, posts } = acmeClient([accepted], { limits: { shared } }, documented);
    await errorOf(client.submit(request, now));
    expect(posts()).toBe(0);
  });

  test.each<{ what: string; broken: Partial<Slots> }>([
    { what: "fails", broken: { take: down } },
    {
      what: "throws",
      broken: {
        take: () => {
          throw new Error("at once");
        },
      },
    },
  ])("a store that $what refuses the submit before anything is sent", async ({ broken }) => {
    const { client, posts } = acmeClient([accepted], { limits: limits({ ...memorySlots(), ...broken }) });
    const error = await errorOf(client.submit(request));
    expect(error).toMatchObject({ code: "journal", billed: "no", retryable: true });
    expect((error as Error).message).toContain("limits");
    assertNoSecret(error);
    expect(posts()).toBe(0);
  });

  test("a store that hangs is one that fails, after 5 s", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { client } = acmeClient([accepted], {
      clock: handClock(),
      limits: limits({ ...memorySlots(), take: () => new Promise(() => {}) }),
    });
    const failing = errorOf(client.submit(request));
    await new Promise(setImmediate);
    for (let n = 0; n < 10; n++) await vi.advanceTimersByTimeAsync(1_000);
    vi.useRealTimers();
    expect(await failing).toMatchObject({ code: "journal", billed: "no" });
  });

  test.each<{ call: keyof Slots; ends: boolean }>([
    { call: "hold", ends: false },
    { call: "free", ends: true },
    { call: "pass", ends: true },
  ])("a store that fails in `$call` loses nothing: an alarm says so", async ({ call }) => {
    const shared = { ...memorySlots(), [call]: down };
    const { client, events } = acmeClient([accepted, done], {
      limits: { concurrentTasks: 1, requestsPerMinute: 60, shared },
    });
    const task = await client.submit(request, now);
    expect(await client.get(task)).toMatchObject({ state: "succeeded" });
    expect(alarms(events)).toEqual(["limits_failed"]);
    assertNoSecret(events);
  });
});

describe("requests a minute", () => {
  test("hold a poll back for as long as the store says, but not a wait's last one", async () => {
    const clock = handClock();
    const shared = { ...memorySlots({ clock }), pass: async () => (clock.elapsed() < 90_000 ? 1_000 : 0) };
    const { client } = acmeClient([done], { clock, limits: { requestsPerMinute: 1e6, shared } });
    await clock.until(client.get(ref));
    expect(clock.elapsed()).toBe(90_000);
    const never = acmeClient([running], {
      clock,
      limits: { requestsPerMinute: 1e6, shared: { ...shared, pass: async () => 1_000 } },
    });
    const waiting = errorOf(never.client.wait(ref, { waitTimeout: 5_000 }));
    expect(await clock.until(waiting)).toMatchObject({ code: "wait_timeout" });
    expect(clock.elapsed()).toBe(95_000);
  });
});

describe("a budget", () => {
  const account = "acme https://api.acme.test";
  /** Whether this much more fits into a dollar of the day on which these clocks begin. */
  const fits = async (shared: ReturnType<typeof memoryBudget>, usd: number) =>
    (await shared.reserve(account, `probe ${usd}`, usd, 1, "2026-01-01")).ok;
  const capped = (steps: readonly Step[], shared = memoryBudget(), more = {}) => ({
    shared,
    ...acmeClient(steps, { clock: handClock(), budget: { usd: 1, shared }, ...more }),
  });

  test("refuses what is above it before anything is sent, over all clients on one store", async () => {
    const { shared, client, posts } = capped([accepted, answer(200, { id: "t2" })]);
    const another = capped([accepted], shared);
    for (const each of [client, client]) await each.submit(request, now);
    expect(posts()).toBe(2); // $0.50 each
    expect(await errorOf(another.client.submit(request, now))).toMatchObject({
      code: "invalid_request",
      billed: "no",
      issues: [{ path: "budget", rule: expect.stringContaining("$1") }],
    });
    expect(another.posts()).toBe(0);
  });

  test("without a store of its own holds for the client", async () => {
    const { client, posts } = acmeClient([accepted], { budget: { usd: 0.5 } });
    await client.submit(request);
    expect(await errorOf(client.submit(request))).toMatchObject({ issues: [{ path: "budget" }] });
    expect(posts()).toBe(1);
  });

  test.each<{ what: string; steps: Step[]; isKept: boolean }>([
    { what: "a refused submit", steps: [refused], isKept: false },
    { what: "one that never left", steps: [refusedConnection], isKept: false },
    { what: "an unknown one", steps: [reset], isKept: true },
    { what: "a task that runs", steps: [accepted, running], isKept: true },
    { what: "a task that has succeeded", steps: [accepted, done], isKept: true },
    { what: "a task that failed and is not billed", steps: [accepted, free], isKept: false },
  ])("after $what the money is kept: $isKept", async ({ steps, isKept }) => {
    const { client, shared } = capped(steps);
    const task = await client.submit(request, now).catch(() => undefined);
    if (task) await client.get(task);
    expect(await fits(shared, 0.6)).toBe(!isKept);
    expect(await fits(shared, 0.4)).toBe(true);
  });

  test("counts a key once, however often it is submitted", async () => {
    const { client, shared } = capped([accepted, running], undefined, {
      journal: { ...memoryJournal(), durable: true },
    });
    for (let n = 0; n < 3; n++) await client.submit(request, { ...now, idempotencyKey: "k" });
    expect(await fits(shared, 0.5)).toBe(true);
  });

  test.each([
    { period: undefined, begins: true },
    { period: "day", begins: true },
    { period: "month", begins: false },
    { period: "batch 7", begins: false },
  ])("of the period $period begins anew at midnight: $begins", async ({ period, begins }) => {
    const clock = handClock(Date.UTC(2026, 0, 30, 23, 59));
    const { client } = acmeClient([accepted], { clock, budget: { usd: 0.5, period } });
    await client.submit(request, now);
    await clock.advance(120_000);
    const again = client.submit(request, now).then(
      () => true,
      () => false,
    );
    expect(await again).toBe(begins);
  });

  test("refuses a model whose price is not known", async () => {
    const { client, posts } = capped([accepted]);
    const error = await errorOf(client.submit({ model: "acme-2", prompt: "x" }, now));
    expect(error).toMatchObject({ issues: [{ path: "budget", rule: expect.stringContaining("price") }] });
    expect(posts()).toBe(0);
  });

  test("gets back what a key had that is settled as lost", async () => {
    const journal = memoryJournal();
    const { client, shared } = capped([reset], undefined, { journal });
    await errorOf(client.submit(request, { idempotencyKey: "k" }));
    await settleSubmit(journal, "k", "lost", { force: true, client });
    expect(await fits(shared, 1)).toBe(true);
  });

  test("whose store is down refuses the submit, and says so", async () => {
    const { client, posts } = capped([accepted], { ...memoryBudget(), reserve: down });
    const error = await errorOf(client.submit(request, now));
    expect(error).toMatchObject({ code: "journal", billed: "no", retryable: true });
    expect((error as Error).message).toContain("budget");
    assertNoSecret(error);
    expect(posts()).toBe(0);
  });
});
