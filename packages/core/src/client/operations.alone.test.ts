// What a submit and ten questions make and throw away again: counted, because time tells nothing on a busy machine; in a process
// of its own, as what other tests leave behind would count too.
import { getEventListeners } from "node:events";
import { afterEach, expect, test, vi } from "vitest";
import { accepted, acmeClient, done, ref, request, running } from "../test/acme.ts";
import { handClock } from "../test/hand-clock.ts";
import { turns } from "../test/turns.ts";
import type { Step } from "../testing/stub-fetch.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** Counts from here on, of everything in this process: ky and the runtime's `Request` count, too. */
function counting() {
  const counts = { controllers: 0, urls: 0, listeners: 0, clones: 0 };
  const counted = <C extends new (...given: never[]) => object>(made: C, count: () => void): C =>
    new Proxy(made, { construct: (target, given, as) => (count(), Reflect.construct(target, given, as) as object) });
  vi.stubGlobal(
    "AbortController",
    counted(AbortController, () => counts.controllers++),
  );
  const { canParse } = URL;
  vi.stubGlobal(
    "URL",
    counted(URL, () => counts.urls++),
  );
  vi.spyOn(URL, "canParse").mockImplementation((...given) => (counts.urls++, canParse(...given)));
  const clone = structuredClone;
  vi.stubGlobal("structuredClone", (value: unknown) => (counts.clones++, clone(value)));
  const { addEventListener } = EventTarget.prototype;
  vi.spyOn(EventTarget.prototype, "addEventListener").mockImplementation(function (this: EventTarget, ...given) {
    counts.listeners++;
    addEventListener.apply(this, given);
  });
  return counts;
}

async function lifecycle(signal?: AbortSignal) {
  const steps: Step[] = [accepted, ...Array<Step>(9).fill(running), done];
  const { client, seen } = acmeClient(steps);
  await client.wait(await client.submit(request, { signal }), { signal, poll: { first: 0, interval: 1 } });
  expect(seen).toHaveLength(11);
}

/** The counts of one, after one for what is loaded and tried once. */
async function countsOf(signal?: AbortSignal) {
  await lifecycle(signal);
  const counts = counting();
  await lifecycle(signal);
  return counts;
}

test("a submit and ten questions make a bounded number of things", async () => {
  const { controllers, listeners, urls, clones } = await countsOf();
  expect.soft(controllers).toBeLessThanOrEqual(44);
  expect.soft(listeners).toBeLessThanOrEqual(33);
  expect.soft(urls).toBeLessThanOrEqual(32);
  expect.soft(clones).toBeLessThanOrEqual(25); // one for each event that the listener of `acmeClient` is told
});

test("with a signal of the caller's they are no more than a few above that", async () => {
  const { controllers, listeners } = await countsOf(new AbortController().signal);
  expect.soft(controllers).toBeLessThanOrEqual(45);
  expect.soft(listeners).toBeLessThanOrEqual(37);
});

test("a wait that sleeps holds neither a controller nor a listener", async () => {
  const { client } = acmeClient([running], { clock: handClock() });
  const stop = new AbortController();
  const sleeping = (id: string) => client.wait({ ...ref, id }, { poll: { first: 60_000 }, signal: stop.signal });
  const waits = [sleeping("t0")]; // with what is made once: a timer, the listener of the signal
  await turns();
  const counts = counting();
  for (let n = 1; n <= 100; n++) waits.push(sleeping(`t${n}`));
  await turns();
  expect(counts).toMatchObject({ controllers: 0, listeners: 0 });
  stop.abort();
  await Promise.allSettled(waits);
});

test("a read that ends leaves its signal clean and no timer behind", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const { signal } = new AbortController();
    const { client } = acmeClient([running]);
    for (let round = 0; round < 20; round++) await client.get(ref, { signal });
    await new Promise(setImmediate);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
