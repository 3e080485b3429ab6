import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { memoryJournal, type Journal, type JournalEntry, type ResumeResult } from "../index.ts";
import { acmeClient, done, failed, ref, running } from "../test/acme.ts";
import { handClock } from "../test/hand-clock.ts";
import { atOnce, turns } from "../test/turns.ts";
import { entry } from "../testing/journal-suite.ts";
import { answer, reset, type Step } from "../testing/stub-fetch.ts";
import { assertNoSecret, errorOf, KEY } from "../testing/vendor-suite.ts";
import type { WaitOptions } from "./wait-options.ts";

const START = Date.UTC(2026, 0, 1); // where the clocks begin
const ago = (ms: number) => new Date(START - ms).toISOString();
const account = "acme https://api.acme.test";

const rowsOf = async (rows: Record<string, Partial<JournalEntry>>, more: Partial<Journal> = {}): Promise<Journal> => {
  const journal = memoryJournal();
  for (const [key, row] of Object.entries(rows)) await journal.begin(entry(key, { account, ...row }));
  return { ...journal, ...more };
};

async function all(items: AsyncIterable<ResumeResult>): Promise<ResumeResult[]> {
  const found: ResumeResult[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** What came of each key, in a word. */
const outcomes = (items: readonly ResumeResult[]): Record<string, string> =>
  Object.fromEntries(
    items.map((item) => [
      item.idempotencyKey,
      "task" in item ? item.task.state : "open" in item ? item.open : item.error.code,
    ]),
  );

const idOf = (url: string) => /tasks\/(\w+)/.exec(url)?.[1] ?? "";
/** Answers by the id that is asked for. */
const byId =
  (answers: Record<string, Step>): Step =>
  (request) =>
    (answers[idOf(request.url)] ?? answer(404))(request);

function resumed(journal: Journal, steps: Step[] = [done], options: WaitOptions = {}, client = {}) {
  const clock = handClock();
  const stubbed = acmeClient(steps, { journal, clock, ...client });
  return { ...stubbed, clock, items: clock.until(all(stubbed.client.resume(options))) };
}

describe("each row", () => {
  const cases: Record<string, [row: Partial<JournalEntry>, steps: Step[], outcome: string | undefined, state: string]> =
    {
      "accepted, and done": [{ state: "accepted", ref }, [running, done], "succeeded", "succeeded"],
      "accepted, and failed": [{ state: "accepted", ref }, [failed], "failed", "failed"],
      "accepted, behind faults": [
        { state: "accepted", ref },
        [reset, answer(502), answer(200, "<p>"), done],
        "succeeded",
        "succeeded",
      ],
      "accepted, with a refused key": [
        { state: "accepted", ref },
        [answer(401, { code: 401 })],
        "unauthorized",
        "accepted",
      ],
      "accepted, and gone": [{ state: "accepted", ref }, [answer(404)], "not_found", "accepted"],
      "accepted, and not done in time": [{ state: "accepted", ref }, [running], "wait_timeout", "accepted"],
      "accepted, without its ref": [{ state: "accepted" }, [done], "unknown", "accepted"],
      "accepted, with a ref that no task has": [
        { state: "accepted", ref: { ...ref, vendor: "x" } },
        [done],
        "invalid_request",
        "accepted",
      ],
      unknown: [{ state: "unknown" }, [done], "unknown", "unknown"],
      "unknown, with a ref that is there": [{ state: "unknown", ref }, [running, done], "succeeded", "succeeded"],
      "unknown, with a ref that has ended": [{ state: "unknown", ref }, [failed], "failed", "failed"],
      "unknown, with a ref that is not there": [{ state: "unknown", ref }, [answer(404)], "unknown", "unknown"],
      "unknown, with a ref that cannot be asked for now": [{ state: "unknown", ref }, [reset], "unknown", "unknown"],
      "unknown, with a candidate that is there": [
        { state: "unknown", unconfirmedTaskId: "t1" },
        [running, done],
        "succeeded",
        "succeeded",
      ],
      "unknown, with a candidate that is not there": [
        { state: "unknown", unconfirmedTaskId: "t1" },
        [answer(404)],
        "unknown",
        "unknown",
      ],
      "unknown, with an odd candidate": [{ state: "unknown", unconfirmedTaskId: "../x" }, [done], "unknown", "unknown"],
      "begun just now": [{ sendBefore: ago(59_000) }, [done], "in-flight", "begun"],
      "begun long ago": [{ sendBefore: ago(60_001) }, [done], "not-sent", "begun"],
      "begun, without a time": [{ updatedAt: ago(60_001) }, [done], "not-sent", "begun"],
      "sending just now": [{ state: "sending", sentAt: ago(179_000) }, [done], "in-flight", "sending"],
      "sending long ago": [{ state: "sending", sentAt: ago(180_001) }, [done], "unknown", "unknown"],
      refused: [{ state: "refused" }, [done], undefined, "refused"],
      lost: [{ state: "lost" }, [done], undefined, "lost"],
      succeeded: [{ state: "succeeded", ref }, [done], undefined, "succeeded"],
      failed: [{ state: "failed", ref }, [done], undefined, "failed"],
      "of another account": [{ state: "accepted", ref, account: "theirs" }, [done], "other-account", "accepted"],
      "sending long ago, of another account": [
        { state: "sending", sentAt: ago(1e9), account: "theirs" },
        [done],
        "other-account",
        "sending",
      ],
      "of another vendor": [{ state: "accepted", vendor: "theirs" }, [done], undefined, "accepted"],
    };
  for (const [name, [row, steps, outcome, state]] of Object.entries(cases))
    test(`${name}: ${outcome ?? "not mentioned"}, and the row is ${state}`, async () => {
      const journal = await rowsOf({ k: row });
      const { items, posts, events } = resumed(journal, steps);
      expect(outcomes(await items)).toEqual(outcome === undefined ? {} : { k: outcome });
      expect((await journal.get("k"))?.state).toBe(state);
      expect(posts()).toBe(0);
      assertNoSecret(await items, events);
    });

  test("an error names the key and the task, and may be tried again", async () => {
    const { items } = resumed(await rowsOf({ k: { state: "accepted", ref } }), [running], { waitTimeout: 60_000 });
    expect(await items).toMatchObject([
      { idempotencyKey: "k", error: { idempotencyKey: "k", ref: { id: "t1" }, retryable: true } },
    ]);
  });

  test("an open one comes with its entry as it is now", async () => {
    const journal = await rowsOf({ k: { state: "sending", sentAt: ago(1e6) } });
    expect(await resumed(journal).items).toEqual([
      { idempotencyKey: "k", open: "unknown", entry: await journal.get("k") },
    ]);
  });

  test("a video of the length that the row says is asked for when it can be done", async () => {
    const at = (duration: number) => ({ model: "acme-1", prompt: "x", duration });
    const fresh = { ...ref, submittedAt: ago(0) };
    const checksUntilDone = async (duration: number) => {
      const journal = await rowsOf({ k: { state: "accepted", ref: fresh, request: at(duration) } });
      const lasting = Array.from({ length: 9 }, () => running);
      const { items, clock } = resumed(journal, [...lasting, done]);
      await items;
      return clock.elapsed();
    };
    expect(await checksUntilDone(5)).toBeLessThan(65_000);
    expect(await checksUntilDone(10)).toBeGreaterThan(65_000);
  });
});

test("items come as tasks end, whatever their order in the journal; no error ends the rest", async () => {
  const task = (id: string): Partial<JournalEntry> => ({ state: "accepted", ref: { ...ref, id } });
  const journal = await rowsOf({ slow: task("s"), broken: task("b"), quick: task("q"), gone: { state: "unknown" } });
  let asked = 0;
  const steps = byId({
    s: (seen) => (asked++ < 3 ? running : done)(seen),
    b: answer(403, { code: 403 }),
    q: done,
  });
  const { items } = resumed(journal, [steps]);
  expect(outcomes(await items)).toEqual({
    gone: "unknown",
    quick: "succeeded",
    broken: "forbidden",
    slow: "succeeded",
  });
  expect((await items).at(-1)?.idempotencyKey).toBe("slow");
});

test("two at once, in one process or two, ask and write twice but come to the same", async () => {
  const rows = {
    a: { state: "accepted", ref },
    b: { state: "sending", sentAt: ago(1e6) },
    c: { state: "unknown", unconfirmedTaskId: "t2" },
    d: { state: "unknown", ref: { ...ref, id: "t3" } },
  } as const;
  const journal = await rowsOf(rows);
  const ends = await Promise.all([
    resumed(journal, [running, running, done]).items,
    resumed(journal, [running, done]).items,
  ]);
  for (const items of ends)
    expect(outcomes(items)).toEqual({ a: "succeeded", b: "unknown", c: "succeeded", d: "succeeded" });
  expect(outcomes(await resumed(journal, [done]).items)).toEqual({ b: "unknown" });
});

test("a row that is moved in between is looked at again", async () => {
  const meanwhile: Record<string, [Partial<JournalEntry>, Record<string, string>]> = {
    accepted: [{ state: "accepted", ref }, { k: "succeeded" }],
    refused: [{ state: "refused" }, {}],
    succeeded: [
      {
        state: "succeeded",
        ref,
        task: { ...ref, state: "failed", failure: { code: "unknown", message: "", billed: "no" } },
      },
      { k: "failed" },
    ],
    unknown: [{ state: "unknown" }, { k: "unknown" }],
  };
  for (const [patch, outcome] of Object.values(meanwhile)) {
    const journal = await rowsOf({ k: { state: "sending", sentAt: ago(1e6) } });
    let isMoved = false;
    const update: Journal["update"] = async (key, version, own) => {
      if (!isMoved) await journal.update(key, version, patch);
      isMoved = true;
      return journal.update(key, version, own);
    };
    expect(outcomes(await resumed({ ...journal, update }, [done]).items)).toEqual(outcome);
  }
});

test("a candidate that is another key's task is not given to this one", async () => {
  const journal = await rowsOf({
    mine: { state: "unknown", unconfirmedTaskId: "t1" },
    theirs: { state: "accepted", ref },
  });
  expect(outcomes(await resumed(journal, [running, running, done]).items)).toEqual({
    mine: "unknown",
    theirs: "succeeded",
  });
  expect((await journal.get("mine"))?.ref).toBeUndefined();
});

test("a thousand rows are each given once, with polls inside the limits", async () => {
  const rows = Array.from({ length: 1_000 }, (_, n) => [`k${n}`, { state: "accepted", ref: { ...ref, id: `t${n}` } }]);
  const journal = await rowsOf(Object.fromEntries(rows) as never);
  const { items, seen, clock } = resumed(journal, [done], {}, { limits: { requestsPerMinute: 100 } });
  expect(new Set((await items).map(({ idempotencyKey: key }) => key)).size).toBe(1_000);
  expect(seen).toHaveLength(1_000);
  expect(clock.elapsed()).toBe(540_000);
  expect(clock.timers).toBe(0);
});

test("of many rows a thousand are held at a time: the listing goes on as they are taken", async () => {
  let listed = 0;
  const list = async function* list() {
    for (; listed < 2_500; listed++) yield entry(`k${listed}`, { account, state: "unknown" });
  };
  const { client } = acmeClient([done], { journal: await rowsOf({}, { list }) });
  let taken = 0;
  for await (const _ of client.resume()) {
    taken++;
    if (taken % 100 === 0) await turns();
    expect(listed - taken).toBeLessThan(1_000);
  }
  expect(taken).toBe(2_500);
});

test("a loop that is left in the middle of the listing ends the listing", async () => {
  let isEnded = false;
  const list = async function* list() {
    try {
      for (let n = 0; ; n++) yield entry(`k${n}`, { account, state: "unknown" });
    } finally {
      isEnded = true;
    }
  };
  const { client } = acmeClient([done], { journal: await rowsOf({}, { list }) });
  for await (const _ of client.resume()) break;
  await turns();
  expect(isEnded).toBe(true);
});

describe("a journal that fails", () => {
  const down = () => Promise.reject(new Error(`disk gone ${KEY}`));

  test("that cannot be read ends the iteration with a JournalError that says so, at once or in the middle", async () => {
    const middle = async function* list() {
      yield entry("k", { account, state: "accepted", ref });
      throw new Error("disk gone");
    };
    const atOnce = () => {
      throw new Error("disk gone");
    };
    for (const list of [middle, atOnce, () => ({ [Symbol.asyncIterator]: () => ({ next: down }) })]) {
      const error = await errorOf(resumed(await rowsOf({}, { list }), [done]).items);
      expect(error).toMatchObject({ code: "journal", retryable: true, message: expect.stringContaining("disk gone") });
      assertNoSecret(error);
    }
  });

  test("that cannot be written costs one row its move, not the others their end", async () => {
    const journal = await rowsOf({ a: { state: "sending", sentAt: ago(1e6) }, b: { state: "accepted", ref } });
    const { items, events } = resumed({ ...journal, update: down }, [done]);
    expect(outcomes(await items)).toEqual({ a: "journal", b: "succeeded" });
    assertNoSecret(await items, events);
    expect(outcomes(await resumed(journal, [done]).items)).toEqual({ a: "unknown", b: "succeeded" });
  });

  test("with rows that are not as written gives errors, no exception", async () => {
    const odd = [
      { ref: { id: 7 } },
      { ref: "t1" },
      { request: null, ref },
      { ref: {} },
      { unconfirmedTaskId: 7, state: "unknown" },
    ];
    for (const row of odd) {
      const journal = await rowsOf({ k: { state: "accepted", ...row } as never });
      const items = await resumed(journal, [done]).items;
      expect(items, `${JSON.stringify(row)}`).toHaveLength(1);
      expect("error" in items[0]! || "open" in items[0]! || "task" in items[0]!, `${JSON.stringify(row)}`).toBe(true);
    }
  });
});

describe("left early or aborted", () => {
  const two = () => rowsOf({ a: { state: "accepted", ref }, b: { state: "accepted", ref: { ...ref, id: "t2" } } });
  const one = byId({ t1: done, t2: running });

  test("a loop that is left stops the other waits: no timer stays, nothing more is asked", async () => {
    const journal = await two();
    const clock = handClock();
    const { signal } = new AbortController();
    const { client, seen } = acmeClient([one], { journal, clock });
    for await (const item of client.resume({ signal })) {
      expect(item.idempotencyKey).toBe("a");
      break;
    }
    await turns();
    expect(clock.timers).toBe(0);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    const asked = seen.length;
    await clock.advance(3_600_000);
    expect(seen.length).toBe(asked);
    expect((await journal.get("b"))?.state).toBe("accepted");
  });

  test("so does one that is left while it waits for the next end", async () => {
    const clock = handClock();
    const { client } = acmeClient([one], { journal: await two(), clock });
    const items = client.resume()[Symbol.asyncIterator]();
    expect((await items.next()).value).toMatchObject({ idempotencyKey: "a" });
    const next = items.next();
    await items.return?.();
    await next.catch(() => {});
    await turns();
    expect(clock.timers).toBe(0);
  });

  test("one that is never begun does nothing and listens to nothing", async () => {
    const { signal } = new AbortController();
    const { client, seen } = acmeClient([done], { journal: await two() });
    const items = client.resume({ signal });
    await items[Symbol.asyncIterator]().return?.();
    expect(seen).toHaveLength(0);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("an abort settles it at once: what was waited for ends as aborted, with its row as it was", async () => {
    const controller = new AbortController();
    const journal = await two();
    const clock = handClock();
    const { client } = acmeClient([() => new Promise(() => {})], { journal, clock });
    const items = all(client.resume({ signal: controller.signal }));
    await turns();
    controller.abort();
    expect(outcomes(await atOnce(items))).toEqual({ a: "aborted", b: "aborted" });
    expect(clock.timers).toBe(0);
    expect((await journal.get("a"))?.state).toBe("accepted");
    expect(await errorOf(all(client.resume({ signal: controller.signal })))).toMatchObject({
      code: "aborted",
      retryable: true,
    });
  });

  test("an abort settles it while the journal hangs", async () => {
    const controller = new AbortController();
    const list = () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) });
    const { client } = acmeClient([], { journal: await rowsOf({}, { list }) });
    const ending = errorOf(all(client.resume({ signal: controller.signal })));
    await turns();
    controller.abort();
    expect(await atOnce(ending)).toMatchObject({ code: "aborted" });
  });
});
