// One look at a key, at most one exchange, no waiting: the clock of these tests stands still.
import { expect, test, vi } from "vitest";
import type { JournalEntry } from "../journal/journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { memorySlots } from "../limits/memory-slots.ts";
import { accepted, acmeClient, done, failed, ref, request, running } from "../test/acme.ts";
import { handClock } from "../test/hand-clock.ts";
import { answer, refusedConnection, reset, type Step } from "../testing/stub-fetch.ts";
import { errorOf, type Create } from "../testing/vendor-suite.ts";
import type { Stepped } from "./step-options.ts";
import { step } from "./step.ts";

const key = { idempotencyKey: "k", request };
const secret = "0123456789abcdef0123456789abcdef";
const durable = () => ({ ...memoryJournal(), durable: true as const });
type Options = Parameters<Create>[0];
/** Of another submit, on the account of these. */
const otherSubmit = { account: "acme https://api.acme.test", holder: "other", limit: 1, forMs: 60_000 };

function stepping(steps: readonly Step[], options: Options = {}) {
  const clock = handClock();
  const journal = durable();
  const stubbed = acmeClient(steps, { journal, clock, ...options });
  const look = (more = {}) => step(stubbed.client, { ...key, ...more });
  /** Milliseconds until it is to be called again. */
  const pause = (found: Stepped) => ("again" in found ? Date.parse(found.again) - clock.now() : undefined);
  return { ...stubbed, clock, journal, look, pause };
}

test("a key is submitted, asked for and done, with one exchange a step and none of its own waiting", async () => {
  const { look, pause, seen, clock } = stepping([accepted, running, done]);
  const first = await look();
  expect(first).toMatchObject({ why: "running" });
  expect(pause(first)).toBeGreaterThan(1_000); // by the schedule
  expect(await look()).toMatchObject({ why: "running" });
  expect(await look()).toMatchObject({ done: { state: "succeeded", id: "t1" } });
  expect(seen.map(({ method }) => method)).toEqual(["POST", "GET", "GET"]);
  expect(await look()).toMatchObject({ done: { state: "succeeded" } });
  expect(seen).toHaveLength(3);
  expect(clock.elapsed()).toBe(0);
});

test("a client's own times are kept", async () => {
  const { look, pause } = stepping([accepted, running], { poll: { first: 3_000, interval: 1_500 } });
  expect(pause(await look())).toBe(3_000);
});

test("a client's own times end no cool-down: each step names the time at which the vendor may be asked", async () => {
  const limited = answer(429, {}, { "retry-after": "60" });
  const { look, pause, seen } = stepping([accepted, limited], { poll: { first: 0, interval: 1_000 } });
  await look();
  for (let n = 0; n < 2; n++) {
    const found = await look();
    expect(found).toMatchObject({ why: "running" });
    expect(pause(found)).toBeGreaterThanOrEqual(60_000);
  }
  expect(seen).toHaveLength(2);
});

test("beside a first time of the client's own, the schedule is that of the length that the model makes", async () => {
  const pauses = await Promise.all(
    [undefined, 5, 10].map(async (duration) => {
      const { look, clock, pause } = stepping([accepted, running], { poll: { first: 30_000 } });
      await look({ request: { ...request, duration } });
      await clock.advance(50_000);
      return pause(await look({ request: { ...request, duration } }));
    }),
  );
  expect(pauses[0]).toBe(pauses[1]);
  expect(pauses[1]).not.toBe(pauses[2]);
});

test("a failed task is done too", async () => {
  const { look } = stepping([accepted, failed]);
  await look();
  expect(await look()).toMatchObject({ done: { state: "failed", failure: { message: "too dark" } } });
});

test("a lost answer is unknown for good, where no callback can settle it", async () => {
  const { look, posts } = stepping([reset]);
  for (let n = 0; n < 3; n++) expect(await look()).toMatchObject({ unknown: { code: "submit_unknown" } });
  expect(posts()).toBe(1);
});

test("a lost answer that a callback may settle is in flight for as long as it may", async () => {
  const callback = { url: "https://a.test/hook", secret };
  const { look, posts, clock } = stepping([reset], { callback });
  expect(await look()).toMatchObject({ why: "in-flight" });
  await clock.advance(24 * 3_600_000);
  expect(await look()).toMatchObject({ unknown: { code: "submit_unknown" } });
  expect(posts()).toBe(1);
});

test("an unknown row with a task id that the vendor knows is accepted", async () => {
  const { look, journal } = stepping([reset, running, done]);
  await look();
  const row = (await journal.get("k")) as JournalEntry;
  await journal.update("k", row.version, { unconfirmedTaskId: "t1" });
  expect(await look()).toMatchObject({ why: "running" });
  expect(await look()).toMatchObject({ done: { id: "t1" } });
});

test.each(["begun", "sending"] as const)("another call that has %s is in flight, at once", async (state) => {
  const { look, journal, posts, pause } = stepping([reset]);
  await look();
  const row = (await journal.get("k")) as JournalEntry;
  await journal.update("k", row.version, { state });
  const found = await look();
  expect(found).toMatchObject({ why: "in-flight" });
  expect(pause(found)).toBeLessThan(5_000);
  expect(posts()).toBe(1);
});

test.each<{ what: string; steps: Step[]; why: string }>([
  { what: "a closed port", steps: [refusedConnection], why: "fault" },
  { what: "a 429", steps: [answer(429, {}, { "retry-after": "30" })], why: "no-room" },
  { what: "a poll without an answer", steps: [accepted, reset], why: "fault" },
  { what: "a poll answered 503", steps: [accepted, answer(503)], why: "fault" },
  { what: "a poll answered 404", steps: [accepted, answer(404)], why: "fault" },
  { what: "a poll answered 429", steps: [accepted, answer(429)], why: "running" },
])("$what is no end: again, $why", async ({ steps, why }) => {
  const { look, clock, pause } = stepping([...steps, ...(steps.length > 1 ? [done] : [accepted, done])]);
  for (const _ of steps.slice(1)) await look();
  const found = await look();
  expect(found).toMatchObject({ why });
  await clock.advance(pause(found) ?? 0);
  const next = await look();
  expect("done" in next || ("again" in next && next.why === "running")).toBe(true);
});

test("a 429 names the vendor's own time", async () => {
  const { look, pause } = stepping([answer(429, {}, { "retry-after": "30" })]);
  expect(pause(await look())).toBeGreaterThanOrEqual(30_000);
});

test.each(["99999999999999999999", "3600"])(
  "a 429 that asks for %s s is asked again after ten minutes",
  async (wait) => {
    const { look, pause } = stepping([answer(429, {}, { "retry-after": wait })]);
    const found = await look();
    expect(found).toMatchObject({ why: "no-room" });
    expect(pause(found)).toBe(600_000);
  },
);

test("a 429 to a poll without a time names a pause, and then the one of the cool-down", async () => {
  const { look, pause, seen } = stepping([accepted, answer(429, {})], { poll: { first: 0, interval: 1 } });
  await look();
  for (const least of [2_500, 500]) {
    const found = await look();
    expect(found).toMatchObject({ why: "running" });
    expect(pause(found)).toBeGreaterThanOrEqual(least);
  }
  expect(seen).toHaveLength(2);
});

test("a 429 without a time names the one that this client keeps back, in this step and the next", async () => {
  const { look, pause, posts } = stepping([answer(429, {})]);
  for (let n = 0; n < 2; n++) {
    const found = await look();
    expect(found).toMatchObject({ why: "no-room" });
    expect(pause(found)).toBeGreaterThanOrEqual(500);
  }
  expect(posts()).toBe(1);
});

test("a 404 long after the task's life is an error", async () => {
  const { look, clock } = stepping([accepted, answer(404)]);
  await look();
  await clock.advance(24 * 3_600_000);
  expect(await errorOf(look())).toMatchObject({ code: "not_found", ref: { id: "t1" } });
});

test.each([
  { what: "no credits", steps: [answer(402, { error: { code: "no_money", message: "x" } })], more: {} },
  { what: "a refused API key", steps: [answer(401, { code: 401 })], more: {} },
  { what: "a wrong request", steps: [], more: { request: { ...request, duration: 7 } } },
  { what: "a price above the highest", steps: [], more: { maxPrice: 0.1 } },
  { what: "no key", steps: [], more: { idempotencyKey: undefined } },
  { what: "a key that is too long", steps: [], more: { idempotencyKey: "k".repeat(65) } },
  { what: "no request", steps: [], more: { request: undefined } },
  { what: "an option that is none", steps: [], more: { submitTimeout: 1 } },
])("$what is thrown", async ({ steps, more }) => {
  const { look } = stepping([...steps, accepted]);
  expect(await errorOf(look(more))).toMatchObject({ billed: "no", retryable: false });
});

test("another request under the key is refused", async () => {
  const { look } = stepping([accepted]);
  await look();
  expect(await errorOf(look({ request: { ...request, prompt: "another" } }))).toMatchObject({
    issues: [{ path: "idempotencyKey" }],
  });
});

test("what is no client is refused", async () => {
  expect(await errorOf(step({} as never, key))).toMatchObject({ issues: [{ path: "client" }] });
});

test("a journal that is down is a fault, and nothing is sent", async () => {
  const journal = { ...durable(), get: () => Promise.reject(new Error("down")) };
  const { look, seen } = stepping([accepted], { journal });
  expect(await look()).toMatchObject({ why: "fault" });
  expect(seen).toEqual([]);
});

test.each([
  { where: "of this client", shared: undefined },
  { where: "that are shared", shared: memorySlots() },
])("limits $where that leave no room are told at once: nothing is sent, and nothing written", async ({ shared }) => {
  const limits = { concurrentTasks: 1, shared };
  const { look, posts, clock, journal } = stepping([accepted, done, accepted], { limits });
  await look();
  const other = { idempotencyKey: "other" };
  expect(await look(other)).toMatchObject({ why: "no-room" });
  expect(await journal.get("other")).toBeUndefined();
  expect(posts()).toBe(1);
  expect(await look()).toMatchObject({ done: { id: "t1" } });
  await clock.advance(60_000);
  expect(await look(other)).toMatchObject({ why: "running" });
  expect(posts()).toBe(2);
});

test("under shared limits a submit that has room writes its row twice: that it is sent, and what became of it", async () => {
  const { look, journal } = stepping([accepted], { limits: { concurrentTasks: 1, shared: memorySlots() } });
  const [begin, update] = [vi.spyOn(journal, "begin"), vi.spyOn(journal, "update")];
  expect(await look()).toMatchObject({ why: "running" });
  expect(begin.mock.calls).toMatchObject([[{ state: "sending", attempt: 1 }]]);
  expect(update.mock.calls.map(([, version, { state }]) => [version, state])).toEqual([[1, "accepted"]]);
});

test("under shared limits a request that did not leave gives its room back, and takes it again", async () => {
  const shared = memorySlots();
  const { look, posts } = stepping([refusedConnection, accepted], { limits: { concurrentTasks: 1, shared } });
  expect(await look()).toMatchObject({ why: "fault" });
  expect(await shared.take(otherSubmit)).toEqual({ ok: true });
  expect(await look()).toMatchObject({ why: "no-room" });
  await shared.free(otherSubmit.account, "other");
  expect(await look()).toMatchObject({ why: "running" });
  expect(posts()).toBe(2);
});

test("under shared limits room that was taken goes back when the journal then fails", async () => {
  const shared = memorySlots();
  const journal = { ...durable(), begin: () => Promise.reject(new Error("down")) };
  const { look, posts } = stepping([accepted], { journal, limits: { concurrentTasks: 1, shared } });
  expect(await look()).toMatchObject({ why: "fault" });
  expect(posts()).toBe(0);
  expect(await shared.take(otherSubmit)).toEqual({ ok: true });
});

test("under shared limits room stays with the call that was first with the key", async () => {
  const shared = memorySlots();
  const kept = durable();
  const begin: typeof kept.begin = async (entry) => {
    await kept.begin({ ...entry, state: "sending", owner: "first", writeId: "first" });
    return kept.begin(entry);
  };
  const { look } = stepping([accepted], { journal: { ...kept, begin }, limits: { concurrentTasks: 1, shared } });
  expect(await look()).toMatchObject({ why: "in-flight" });
  expect(await shared.take(otherSubmit)).toMatchObject({ ok: false });
});

test.each([
  { length: "short", ms: 0 },
  { length: "long", ms: 100_000 },
])(
  "under shared limits a $length upload costs no second request, and the slot outlasts the POST after it",
  async ({ ms }) => {
    const clock = handClock();
    const shared = memorySlots({ clock });
    const image = new Blob(["x"], { type: "image/png" });
    const upload = vi.fn(async () => (await clock.advance(ms), "https://a.test/i.png"));
    let late: unknown;
    const slow: Step = async (asked) => {
      await clock.advance(119_000);
      late = await shared.take(otherSubmit);
      return accepted(asked);
    };
    const limits = { concurrentTasks: 1, requestsPerMinute: 1, shared };
    const { look } = stepping([slow], { clock, upload, limits });
    expect(await look({ request: { ...request, image } })).toMatchObject({ why: "running" });
    expect(late).toMatchObject({ ok: false });
    expect(upload).toHaveBeenCalledTimes(1);
  },
);

test.each([
  { where: "of this client", shared: undefined },
  { where: "that are shared", shared: memorySlots() },
])("requests a minute $where hold a poll back without waiting", async ({ shared }) => {
  const { look, seen, pause, clock } = stepping([accepted, running], {
    limits: { requestsPerMinute: 1, shared },
  });
  await look();
  const found = await look();
  expect(found).toMatchObject({ why: "running" });
  expect(pause(found)).toBeGreaterThan(1_000);
  expect(seen).toHaveLength(1);
  expect(clock.elapsed()).toBe(0);
});

test("a client that is drained sends nothing more, and says that another may", async () => {
  const { look, client, seen } = stepping([accepted]);
  await client.drain();
  expect(await look()).toMatchObject({ why: "fault" });
  expect(seen).toEqual([]);
});

test("a file is uploaded on the way, although a step waits for no room", async () => {
  const upload = async () => "https://a.test/i.png";
  const image = new Blob(["x"], { type: "image/png" });
  const { look } = stepping([accepted], { upload });
  expect(await look({ request: { ...request, image } })).toMatchObject({ why: "running" });
  expect(ref.id).toBe("t1");
});
