// A vendor that says 429: how a submit waits, what its events say of the wait, and how it ends.
import { expect, test } from "vitest";
import type { ClientOptions } from "../context/options.ts";
import { memorySlots } from "../limits/memory-slots.ts";
import type { VidtaskEvent } from "../task/events.ts";
import { accepted, acmeClient, request } from "../test/acme.ts";
import { jumpClock } from "../testing/jump-clock.ts";
import { answer, refusedConnection, type Step } from "../testing/stub-fetch.ts";
import { errorOf } from "../testing/vendor-suite.ts";

const key = { idempotencyKey: "k" };
/** How long each retry waited, in ms. */
const retryWaits = (events: VidtaskEvent[]) =>
  events.flatMap((event) => (event.type === "retry" ? [event.waitMs ?? -1] : []));

/** A client whose vendor answers every paid request with these, and the times at which they came. */
function limitedClient(steps: Step[], options: ClientOptions = {}) {
  const clock = jumpClock();
  const asked: number[] = [];
  const noting = steps.map(
    (step): Step =>
      (seen) => (asked.push(clock.elapsed()), step(seen)),
  );
  return { ...acmeClient(noting, { clock, ...options }), asked, clock };
}

test.each(Array.from({ length: 60 }, (_, index) => 100 * index))(
  "a 429 that lasts ends as one, within a time-out of %i ms",
  async (submitTimeout) => {
    const { client } = limitedClient([answer(429, {})]);
    expect(await errorOf(client.submit(request, { ...key, submitTimeout }))).toMatchObject({
      name: "VendorError",
      code: "rate_limited",
      billed: "no",
      retryable: true,
      idempotencyKey: "k",
    });
  },
);

test("so does that of every submit that it holds back, sent or not", async () => {
  const { client } = limitedClient([answer(429, {})]);
  const all = Array.from({ length: 40 }, () => errorOf(client.submit(request, { submitTimeout: 3_000 })));
  for (const error of await Promise.all(all))
    expect(error).toMatchObject({ name: "VendorError", code: "rate_limited" });
});

test("a submit ends at once where an earlier 429 lasts longer than its time-out", async () => {
  const { client, asked, events, clock } = limitedClient([answer(429, {}, { "retry-after": "60" })]);
  await errorOf(client.submit(request, { submitTimeout: 50_000 }));
  const error = await errorOf(client.submit(request, { idempotencyKey: "later", submitTimeout: 50_000 }));
  expect(clock.elapsed()).toBe(0);
  expect(error).toMatchObject({ code: "rate_limited", idempotencyKey: "later", retryAfterMs: 60_000, billed: "no" });
  expect(asked).toHaveLength(1);
  expect(retryWaits(events)).toEqual([]);
});

test("so does that of a submit that shared limits hold back after it", async () => {
  const store = memorySlots({ clock: jumpClock() });
  let asked = 0;
  const full = async () => ({ ok: false as const, waitMs: 60_000 });
  const shared = {
    ...store,
    take: (ask: Parameters<typeof store.take>[0]) => (++asked > 1 ? full() : store.take(ask)),
  };
  const { client } = limitedClient([answer(429, {}), accepted], { limits: { concurrentTasks: 9, shared } });
  expect(await errorOf(client.submit(request, { submitTimeout: 5_000 }))).toMatchObject({
    name: "VendorError",
    code: "rate_limited",
  });
});

test("what holds a submit back for its whole time without any 429 is the client's own limit", async () => {
  const { client } = limitedClient([accepted], { limits: { requestsPerMinute: 1 } });
  await client.submit(request);
  expect(await errorOf(client.submit(request, { submitTimeout: 1_000 }))).toMatchObject({
    name: "ConnectionError",
    message: expect.stringContaining("own limits"),
  });
});

test.each([
  ["a 429 without a word", [answer(429, {}), answer(429, {}), answer(429, {}), accepted]],
  ["a 429 that asks for nothing", [answer(429, {}, { "retry-after": "0" }), answer(429, {}), accepted]],
  ["a 429, then no connection", [answer(429, {}), refusedConnection, refusedConnection, accepted]],
])("after %s each retry says the time that passes before it", async (_name, steps) => {
  const { client, asked, events } = limitedClient(steps);
  await client.submit(request);
  expect(retryWaits(events)).toEqual(asked.slice(1).map((at, index) => at - (asked[index] ?? 0)));
});
