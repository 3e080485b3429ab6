// What a journal can do to each write of a submit, and what becomes of the key: it is paid for once, and its task is found.
import { expect, onTestFinished, test, vi } from "vitest";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { VidtaskError } from "../task/errors.ts";
import { accepted, acmeClient, request, running } from "../test/acme.ts";
import { WAYS } from "../test/around-sending.ts";
import { refusedConnection } from "../testing/stub-fetch.ts";

const key = { idempotencyKey: "k" };
const lost = () => new Error("the connection was lost");

/**
 * `answer lost`: it is made, and its answer is an error. `twice`: it is made, and a proxy that sent it again reports the
 * second. `not made`: it is an error and nothing else. `late`: as an error, and then it is made before the next write.
 * Of the row's first write in one, before the next look: the clock of this test jumps, and a look is over in a moment.
 * `lost, and unreadable`: its answer is an error, and so are the next reads. `silent`: nothing comes, and it is made late.
 */
const FAULTS = ["answer lost", "twice", "not made", "late", "lost, and unreadable"] as const;
type Fault = (typeof FAULTS)[number] | "silent";

/** A durable journal whose n-th write meets the fault. */
function faulty(fault: Fault, n: number): { journal: Journal; inner: Journal; writes: () => number } {
  const inner = memoryJournal();
  let writes = 0;
  let unreadable = 0;
  let late: (() => Promise<unknown>) | undefined;
  async function landLate(): Promise<void> {
    const landing = late;
    late = undefined;
    await landing?.();
  }
  async function write<T>(work: () => Promise<T>, second: () => Promise<T>): Promise<T> {
    await landLate();
    if (++writes !== n) return work();
    if (fault === "late" || fault === "silent") late = work;
    if (fault === "silent") return new Promise(() => {});
    if (fault === "lost, and unreadable") unreadable = 2;
    if (fault !== "not made" && fault !== "late") await work();
    if (fault === "twice") return second();
    throw lost();
  }
  const journal: Journal = {
    ...inner,
    durable: true,
    begin: (entry: JournalEntry) =>
      write(
        () => inner.begin(entry),
        () => inner.get(entry.key),
      ),
    update: (k, version, patch) =>
      write(
        () => inner.update(k, version, patch),
        async () => undefined,
      ),
    async get(k) {
      if (n === 1) await landLate();
      if (unreadable-- > 0) throw lost();
      return inner.get(k);
    },
  };
  return { journal, inner, writes: () => writes };
}

// (begun,) sending, begun again after a POST that never left, sending, accepted.
const ways = WAYS.map(({ writes, ...way }) => ({ ...way, most: writes + 3 }));
const numbers = (most: number) => Array.from({ length: most }, (_, index) => index + 1);
const cases = ways.flatMap((way) => FAULTS.flatMap((fault) => numbers(way.most).map((n) => ({ ...way, fault, n }))));

test.each(cases)("write $n of sending $way, $fault: the key is paid for once, and not left unknown", async (one) => {
  const { fault, n, options, most } = one;
  const { journal, inner, writes } = faulty(fault, n);
  const { client, posts } = acmeClient([refusedConnection, accepted, running], { journal, ...options });
  let task;
  for (let tries = 1; !task; tries++) {
    task = await client.submit(request, key).catch((error: unknown) => {
      if (tries > 3 || !VidtaskError.isInstance(error)) throw error;
      expect(error).toMatchObject({ retryable: true });
    });
  }
  expect(task.id).toBe("t1");
  await client.drain();
  expect(writes()).toBeGreaterThanOrEqual(most);
  expect(await inner.get("k")).toMatchObject({ state: "accepted", ref: { id: "t1" } });
  expect(posts()).toBe(2); // the first never left
});

test.each(["answer lost", "twice"] as const)("a submit does not notice a write whose fault is: %s", async (fault) => {
  for (const { options, n } of ways.flatMap(({ options, most }) => numbers(most).map((n) => ({ options, n })))) {
    const { journal } = faulty(fault, n);
    const { client, posts, events } = acmeClient([refusedConnection, accepted], { journal, ...options });
    expect((await client.submit(request, key)).id, `write ${n}`).toBe("t1");
    expect(posts()).toBe(2);
    expect(events.filter(({ type }) => type === "alarm")).toEqual([]);
  }
});

/** Time runs until the work has ended. */
async function settled<T>(work: Promise<T>): Promise<T> {
  const time = setInterval(() => vi.advanceTimersByTime(1_000), 0);
  return work.finally(() => clearInterval(time));
}

test.each(ways.flatMap((way) => numbers(way.most).map((n) => ({ ...way, n }))))(
  "write $n of sending $way is not answered: the submit ends, and its key is paid for once",
  async ({ options, n, most }) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const { journal, inner, writes } = faulty("silent", n);
    const { client, posts } = acmeClient([refusedConnection, accepted, running], { journal, ...options });
    let task;
    for (let tries = 1; !task; tries++) {
      task = await settled(client.submit(request, key)).catch((error: unknown) => {
        if (tries > 3 || !VidtaskError.isInstance(error)) throw error;
        expect(error).toMatchObject({ retryable: true });
      });
    }
    expect(task.id).toBe("t1");
    await settled(client.drain());
    expect(writes()).toBeGreaterThanOrEqual(most);
    expect(await inner.get("k")).toMatchObject({ state: "accepted", ref: { id: "t1" } });
    expect(posts()).toBe(2);
  },
);

test("a first write that is made minutes after it was given up is withdrawn, and the key is free", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const inner = memoryJournal();
  let wake = () => {};
  const isAwake = new Promise<void>((resolve) => (wake = resolve));
  const journal: Journal = {
    ...inner,
    durable: true,
    begin: async (entry) => (await isAwake, inner.begin(entry)),
  };
  const { client, posts } = acmeClient([accepted], { journal });
  const refused = await settled(client.submit(request, key).catch((error: unknown) => error));
  expect(refused).toMatchObject({ name: "JournalError", billed: "no" });
  vi.useRealTimers();
  for (let n = 0; n < 100; n++) await new Promise((resolve) => setImmediate(resolve)); // its clock jumps: minutes
  wake();
  await client.drain();
  expect(await inner.get("k")).toMatchObject({ state: "refused" });
  expect(posts()).toBe(0);
  const next = acmeClient([accepted, running], { journal });
  expect((await next.client.submit(request, key)).id).toBe("t1");
});
