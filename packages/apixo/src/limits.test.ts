// APIXO documents 10,000 requests a minute and 1,000 tasks at a time: a client at the edge of both, against the emulator.
import { membersOf } from "@vidtask/core/router";
import { createEmulator } from "@vidtask/emulator";
import { describe, expect, test } from "vitest";
import { createApixo, type ApixoRequest, type ClientOptions, type VidtaskEvent } from "./index.ts";

const MINUTE = 60_000;
const request = (n: number): ApixoRequest => ({
  model: n % 3 === 0 ? "kling-2-5-turbo-pro" : "kling-2-6",
  prompt: `${n}`,
});

/** A client of an emulator that is rich enough, and when each of its requests left. */
function setUp(options: ClientOptions = {}) {
  const emulator = createEmulator({ clock: "manual", vendors: ["apixo"], credits: 1e6 });
  const given = emulator.for("apixo");
  const left: number[] = [];
  const events: VidtaskEvent[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    left.push(emulator.clock.elapsed());
    return given.fetch(input, init);
  };
  const apixo = createApixo({ ...given, fetch, onEvent: (event) => void events.push(event), ...options });
  /** The most requests that left within any 60 s. */
  const busiest = () => {
    let first = 0;
    return left.reduce((most, at, index) => {
      while ((left[first] ?? at) <= at - MINUTE) first++;
      return Math.max(most, index - first + 1);
    }, 0);
  };
  const faults = () => events.filter(({ type }) => type === "fault" || type === "retry");
  return { emulator, apixo, left, busiest, faults };
}

test("the limits are those of both model pages, section Rate limits", () => {
  expect(membersOf(createApixo())[0]?.spec.limits).toEqual({ requestsPerMinute: 10_000, concurrentTasks: 1_000 });
});

/** A tenth of both limits is as tight as both, for each task polls as often. `VIDTASK_LIMITS_PART=1` is the whole. */
const PART = Number(process.env["VIDTASK_LIMITS_PART"] ?? 0.1);

test(
  "of a tenth more videos than run at once all that may do, the rest follow, all inside the request budget",
  { timeout: 60_000 },
  async () => {
    const limits = { requestsPerMinute: 10_000 * PART, concurrentTasks: 1_000 * PART };
    const videos = 1_100 * PART;
    const { emulator, apixo, left, busiest, faults } = setUp(PART === 1 ? {} : { limits });
    let running = 0;
    let most = 0;
    const one = async (n: number) => {
      const task = await apixo.submit(request(n));
      most = Math.max(most, ++running);
      await apixo.wait(task);
      running--;
    };
    await emulator.clock.until(Promise.all(Array.from({ length: videos }, (_, n) => one(n))));
    expect(most).toBe(limits.concurrentTasks);
    expect(emulator.ledger).toHaveLength(videos);
    expect(new Set(emulator.ledger.map(({ taskId }) => taskId)).size).toBe(videos);
    expect(left.length / videos).toBeLessThan(12);
    expect(busiest()).toBeLessThanOrEqual(limits.requestsPerMinute);
    expect(emulator.requests.filter(({ status }) => status === 429)).toEqual([]);
    expect(faults()).toEqual([]);
  },
);

describe("with limits of one's own", () => {
  test("300 videos with 60 requests a minute and 40 tasks all end, none is sent late or left out", async () => {
    const limits = { requestsPerMinute: 60, concurrentTasks: 40 };
    const { emulator, apixo, busiest } = setUp({ limits, poll: { interval: 60_000 } });
    const hours = 20 * 60 * MINUTE;
    const one = async (n: number) =>
      apixo.wait(await apixo.submit(request(n), { submitTimeout: hours }), { waitTimeout: hours });
    await emulator.clock.until(Promise.all(Array.from({ length: 300 }, (_, n) => one(n))));
    expect(emulator.ledger).toHaveLength(300);
    expect(busiest()).toBe(60);
  });
});

describe("a 429 of the vendor is the truth", () => {
  test("nothing leaves before Retry-After, and then one by one, more and more", async () => {
    const { emulator, apixo, left } = setUp();
    emulator.injectFault({ on: "submit", kind: "429", retryAfter: 30 });
    const first = apixo.submit(request(0));
    await emulator.clock.advance(0);
    const rest = Array.from({ length: 20 }, (_, n) => apixo.submit(request(n + 1)));
    await emulator.clock.until(Promise.all([first, ...rest]));
    const [hit = 0, ...after] = left;
    expect(Math.min(...after) - hit).toBeGreaterThanOrEqual(30_000);
    const start = Math.min(...after);
    const inSecond = (second: number) => after.filter((at) => Math.floor((at - start) / 1_000) === second).length;
    expect([0, 1, 2, 3].map(inSecond)).toEqual([1, 2, 4, 8]);
    expect(emulator.ledger).toHaveLength(21);
  });

  test("100 waits under a shower of them all end, each task is paid once", async () => {
    const { emulator, apixo, faults } = setUp();
    emulator.injectFault({ on: "poll", kind: "429", times: 60, retryAfter: 5 });
    emulator.injectFault({ on: "submit", kind: "429", times: 20 });
    const options = { submitTimeout: 60 * MINUTE }; // the last of them waits for all that came before
    const work = Promise.all(Array.from({ length: 100 }, (_, n) => apixo.generate(request(n), options)));
    await emulator.clock.until(work);
    expect(emulator.ledger).toHaveLength(100);
    expect(faults().length).toBeGreaterThanOrEqual(80);
  });
});
