import { getEventListeners } from "node:events";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VendorError } from "../task/errors.ts";
import { handClock, type HandClock } from "../test/hand-clock.ts";
import { createLimiter, type Limits } from "./limiter.ts";

const MINUTE = 60_000;
const turn = () => new Promise(setImmediate);

/** A gate whose departures are noted as `kind name at time`. */
function gated(limits: Limits, clock: HandClock = handClock()) {
  const limiter = createLimiter(clock, limits);
  const left: { kind: "poll" | "submit"; name: number; at: number }[] = [];
  let name = 0;
  const ask = async (kind: "poll" | "submit", signal?: AbortSignal) => {
    const own = name++;
    await limiter.pass(kind, signal);
    left.push({ kind, name: own, at: clock.elapsed() });
  };
  return { limiter, clock, left, ask };
}

describe("requests a minute", () => {
  test("as many as the limit leave at once, the next when the first is a minute old", async () => {
    const { clock, left, ask } = gated({ requestsPerMinute: 3 });
    for (let n = 0; n < 7; n++) void ask("submit");
    await clock.advance(MINUTE - 1);
    expect(left).toHaveLength(3);
    await clock.advance(1);
    expect(left).toHaveLength(6);
    await clock.advance(MINUTE);
    expect(left.map(({ at }) => at)).toEqual([0, 0, 0, MINUTE, MINUTE, MINUTE, 2 * MINUTE]);
  });

  test("no window of 60 s ever holds more, and no call waits when one more would fit", async () => {
    const arrivals = fc.array(
      fc.record({ at: fc.nat(200_000), kind: fc.constantFrom("poll" as const, "submit" as const) }),
      {
        minLength: 1,
        maxLength: 40,
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 7 }), arrivals, async (limit, unsorted) => {
        const { limiter, clock, left, ask } = gated({ requestsPerMinute: limit });
        const sorted = unsorted.toSorted((a, b) => a.at - b.at);
        for (const { at, kind } of sorted) {
          await clock.advance(at - clock.elapsed());
          void ask(kind).then(() => kind === "poll" && limiter.left());
        }
        await clock.advance(50 * MINUTE);
        expect(left.map(({ at }) => at)).toEqual(
          departures(
            limit,
            sorted.map(({ at }) => at),
          ),
        );
        expect(clock.timers).toBe(0);
      }),
      { numRuns: 60, seed: 4 },
    );
  });

  /** The reference: each leaves at the first moment at which fewer than `limit` left in the minute before. */
  function departures(limit: number, arrivals: readonly number[]): number[] {
    const times: number[] = [];
    for (const [index, arrival] of arrivals.entries())
      times.push(Math.max(arrival, times.at(-1) ?? 0, index >= limit ? (times[index - limit] ?? 0) + MINUTE : 0));
    return times;
  }

  test.each([undefined, Infinity])("a limit of %s is none", async (requestsPerMinute) => {
    const { left, ask } = gated(requestsPerMinute === undefined ? {} : { requestsPerMinute });
    for (let n = 0; n < 500; n++) void ask("submit");
    await turn();
    expect(left).toHaveLength(500);
  });

  test.each([0, -3, 0.5, Number.NaN])(
    "a limit of %s is one: a client that can send nothing would hang",
    async (limit) => {
      const { clock, left, ask } = gated({ requestsPerMinute: limit });
      void ask("submit");
      void ask("submit");
      await clock.advance(MINUTE - 1);
      expect(left).toHaveLength(1);
      await clock.advance(1);
      expect(left).toHaveLength(2);
    },
  );
});

describe("the order of the queue", () => {
  test("polls before submits, each kind in the order in which it came", async () => {
    const { clock, left, ask } = gated({ requestsPerMinute: 1 });
    for (const kind of ["submit", "submit", "submit", "poll", "poll"] as const) void ask(kind);
    await clock.advance(10 * MINUTE);
    expect(left.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "submit 0",
      "poll 3",
      "poll 4",
      "submit 1",
      "submit 2",
    ]);
  });

  test("at most 32 polls are in flight; submits pass them, and an answer lets the next poll leave", async () => {
    const { limiter, left, ask } = gated({});
    for (let n = 0; n < 40; n++) void ask("poll");
    void ask("submit");
    await turn();
    expect(left.filter(({ kind }) => kind === "poll")).toHaveLength(32);
    expect(left.at(-1)?.kind).toBe("submit");
    limiter.left();
    await turn();
    expect(left.at(-1)).toMatchObject({ kind: "poll", name: 32 });
  });

  test("the gate is not open to a submit while polls wait for it", async () => {
    const { limiter, clock, ask } = gated({ requestsPerMinute: 1 });
    expect(limiter.isOpen()).toBe(true);
    // Due at the same moment as the gate's own timer, and before it.
    const looking = clock.sleep(MINUTE).then(() => limiter.isOpen());
    void ask("poll");
    void ask("poll");
    expect(limiter.isOpen()).toBe(false);
    await clock.advance(MINUTE);
    expect(await looking).toBe(false);
  });
});

const limit = new VendorError("slow down", {
  vendor: "acme",
  phase: "submit",
  code: "rate_limited",
  status: 429,
});

describe("a cool-down", () => {
  test("holds everything back, then lets one leave in the first second, two in the second, four in the third, …", async () => {
    const { limiter, clock, left, ask } = gated({});
    limiter.coolDown(5_000, limit);
    for (let n = 0; n < 200; n++) void ask("submit");
    await clock.advance(20_000);
    const inSecond = (second: number) => left.filter(({ at }) => Math.floor(at / 1000) === second).length;
    expect([4, 5, 6, 7, 8].map(inSecond)).toEqual([0, 1, 2, 4, 8]);
    expect(left).toHaveLength(200);
  });

  test("is as long as the longest, and a later shorter one does not end it", async () => {
    const { limiter, clock, left, ask } = gated({});
    limiter.coolDown(9_000, limit);
    limiter.coolDown(1_000, limit);
    void ask("poll");
    await clock.advance(8_999);
    expect(left).toEqual([]);
    await clock.advance(1);
    expect(left).toHaveLength(1);
  });

  test("that comes while others wait holds them back too, and the limit goes on being kept", async () => {
    const { limiter, clock, left, ask } = gated({ requestsPerMinute: 2 });
    for (let n = 0; n < 5; n++) void ask("poll");
    await clock.advance(59_000);
    limiter.coolDown(10_000, limit);
    await clock.advance(9_999);
    expect(left).toHaveLength(2);
    await clock.advance(10 * MINUTE);
    expect(left.map(({ at }) => at)).toEqual([0, 0, 69_000, 70_000, 129_000]);
  });

  test("says how long it will hold a request back, and that is when it leaves", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(3_000), fc.nat(20_000), fc.nat(1), async (coolMs, later, isLimited) => {
        const { limiter, clock, left, ask } = gated(isLimited ? { requestsPerMinute: 1 } : {});
        await ask("submit");
        await clock.advance(100);
        limiter.coolDown(coolMs, limit);
        await clock.advance(later);
        const [now, waitMs] = [clock.elapsed(), limiter.opensIn()];
        void ask("submit");
        await clock.advance(2 * MINUTE);
        expect(left.at(-1)?.at).toBe(now + waitMs);
      }),
      { numRuns: 100, seed: 5 },
    );
  });

  test("names the 429 behind it until the ramp is over", async () => {
    const { limiter, clock } = gated({});
    expect(limiter.limitedBy()).toBeUndefined();
    limiter.coolDown(5_000, limit);
    expect(limiter.limitedBy()).toBe(limit);
    await clock.advance(14_999);
    expect(limiter.limitedBy()).toBe(limit);
    await clock.advance(1);
    expect(limiter.limitedBy()).toBeUndefined();
  });

  test("of an odd length holds nothing back for ever", async () => {
    for (const ms of [Number.NaN, -1]) {
      const { limiter, clock, left, ask } = gated({});
      limiter.coolDown(ms, limit);
      void ask("poll");
      await clock.advance(1_000);
      expect(left).toHaveLength(1);
    }
  });
});

describe("timers and aborts", () => {
  test("an idle gate holds no timer, and one whose last waiter has left holds none either", async () => {
    const { limiter, clock, ask } = gated({ requestsPerMinute: 1 });
    expect(clock.timers).toBe(0);
    await ask("submit");
    expect(clock.timers).toBe(0);
    const controller = new AbortController();
    const waiting = [ask("poll", controller.signal), ask("submit", controller.signal)];
    const failed = Promise.allSettled(waiting);
    expect(clock.timers).toBe(1);
    controller.abort(new Error("enough"));
    expect(await failed).toEqual(waiting.map(() => ({ status: "rejected", reason: new Error("enough") })));
    await turn();
    expect(clock.timers).toBe(0);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    limiter.coolDown(1_000, limit);
    expect(clock.timers).toBe(0);
  });

  test("leaving the queue takes no turn from the others", async () => {
    const { clock, left, ask } = gated({ requestsPerMinute: 1 });
    const controller = new AbortController();
    void ask("submit");
    const gone = ask("submit", controller.signal).catch(() => "gone");
    void ask("submit");
    controller.abort();
    expect(await gone).toBe("gone");
    await clock.advance(MINUTE);
    expect(left.map(({ name }) => name)).toEqual([0, 2]);
  });

  test("a signal that has aborted never enters, and one that aborts after the turn came changes nothing", async () => {
    const { left, ask } = gated({});
    await expect(ask("poll", AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
    const controller = new AbortController();
    const passing = ask("poll", controller.signal);
    controller.abort();
    await passing;
    expect(left).toHaveLength(1);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  test("a clock whose timers fire early loses no waiter", async () => {
    const clock = handClock();
    const early: HandClock = Object.create(clock, {
      sleep: { value: (ms: number, signal?: AbortSignal) => clock.sleep(ms * 0.99, signal) },
    }) as HandClock;
    const { left, ask } = gated({ requestsPerMinute: 1 }, early);
    for (let n = 0; n < 3; n++) void ask("submit");
    await clock.advance(3 * MINUTE);
    expect(left).toHaveLength(3);
    for (const [index, { at }] of left.entries()) expect(at).toBeGreaterThanOrEqual(index * MINUTE);
  });
});
