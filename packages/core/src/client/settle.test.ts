import { expect, onTestFinished, test, vi } from "vitest";
import { memoryJournal, settleSubmit, type Journal, type JournalState } from "../index.ts";
import { accepted, acmeClient, ref, request, running } from "../test/acme.ts";
import { handClock } from "../test/hand-clock.ts";
import { entry } from "../testing/journal-suite.ts";
import { answer, reset } from "../testing/stub-fetch.ts";
import { errorOf } from "../testing/vendor-suite.ts";

const HOUR = 3_600_000;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

/** A journal with one row under `k`. */
async function holding(state: JournalState, more: Partial<Parameters<Journal["begin"]>[0]> = {}): Promise<Journal> {
  const journal = memoryJournal();
  await journal.begin(entry("k", { state, sentAt: ago(2 * HOUR), updatedAt: ago(2 * HOUR), ...more }));
  return journal;
}

const states: Record<JournalState, { lost: boolean; found: boolean }> = {
  begun: { lost: false, found: false },
  sending: { lost: false, found: true },
  unknown: { lost: true, found: true },
  refused: { lost: false, found: true },
  lost: { lost: false, found: true },
  accepted: { lost: false, found: false },
  succeeded: { lost: false, found: false },
  failed: { lost: false, found: false },
};
for (const [state, may] of Object.entries(states) as [JournalState, (typeof states)[JournalState]][])
  for (const [outcome, isAllowed, becomes] of [
    ["lost", may.lost, "lost"],
    [ref, may.found, "accepted"],
  ] as const)
    test(`a row that is ${state} ${isAllowed ? "becomes" : "never becomes"} ${becomes} by hand`, async () => {
      const journal = await holding(state);
      const settling = settleSubmit(journal, "k", outcome, { force: true });
      if (isAllowed) await settling;
      else
        expect(await errorOf(settling)).toMatchObject({
          code: "invalid_request",
          idempotencyKey: "k",
          billed: "unknown",
          issues: [{ path: "idempotencyKey", message: expect.stringContaining(state) }],
        });
      expect(await journal.get("k")).toMatchObject(
        isAllowed ? { state: becomes, version: 2, ...(outcome === "lost" ? {} : { ref }) } : { state, version: 1 },
      );
    });

test("a young unknown row is not lost yet: the error says when, and force overrides it", async () => {
  const sentAt = ago(HOUR - 10_000);
  const journal = await holding("unknown", { sentAt });
  const error = await errorOf(settleSubmit(journal, "k", "lost"));
  const until = new Date(Date.parse(sentAt) + HOUR).toISOString();
  expect(error).toMatchObject({ issues: [{ path: "outcome", rule: expect.stringContaining(until) }] });
  expect((await journal.get("k"))?.state).toBe("unknown");
  vi.useFakeTimers({ now: Date.parse(sentAt) + HOUR, toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  await settleSubmit(journal, "k", "lost");
  expect((await journal.get("k"))?.state).toBe("lost");

  const forced = await holding("unknown", { sentAt: ago(0) });
  await settleSubmit(forced, "k", "lost", { force: true });
  expect((await forced.get("k"))?.state).toBe("lost");
});

test("with the vendor's client its clock counts, and its vendor's times where they are longer than an hour", async () => {
  const MINUTE = 60_000;
  const lostAfter = async (times: { maxTaskMs?: number; callbackWindowMs?: number }) => {
    const clock = handClock();
    const { client } = acmeClient([], { clock }, times);
    const journal = await holding("unknown", { sentAt: new Date(clock.now()).toISOString() });
    for (let minutes = 0; ; minutes += 10) {
      const error = await settleSubmit(journal, "k", "lost", { client }).catch((thrown: unknown) => thrown);
      if (!error) return minutes;
      expect(error).toMatchObject({ code: "invalid_request", issues: [{ path: "outcome" }] });
      await clock.advance(10 * MINUTE);
    }
  };
  expect(await lostAfter({ maxTaskMs: 20 * MINUTE, callbackWindowMs: 10 * MINUTE })).toBe(60);
  expect(await lostAfter({ maxTaskMs: 60 * MINUTE, callbackWindowMs: 120 * MINUTE })).toBe(180);
  expect(await lostAfter({})).toBe(80);
});

test("a client of another vendor is refused", async () => {
  const journal = await holding("unknown", { vendor: "other" });
  const { client } = acmeClient([]);
  expect(await errorOf(settleSubmit(journal, "k", "lost", { client }))).toMatchObject({
    code: "invalid_request",
    issues: [{ path: "client", rule: "a client of other, whose submit this is" }],
  });
});

test("whatever a journal throws is a JournalError that settled nothing and shows no secret", async () => {
  const fails: Record<string, Partial<Journal>> = {
    get: { get: () => Promise.reject(new Error("Bearer s3cret is refused")) },
    "get, at once": {
      get: () => {
        throw new TypeError("down");
      },
    },
    update: { update: () => Promise.reject(new Error("disk full")) },
  };
  for (const [name, change] of Object.entries(fails)) {
    const journal = await holding("unknown");
    const error = await errorOf(settleSubmit({ ...journal, ...change }, "k", ref));
    expect([name, error]).toEqual([
      name,
      expect.objectContaining({
        name: "JournalError",
        code: "journal",
        idempotencyKey: "k",
        billed: "unknown",
        retryable: true,
      }),
    ]);
    expect(String(error)).toContain("settle k again");
    expect(JSON.stringify(error) + String((error as Error).cause)).not.toContain("s3cret");
    expect((await journal.get("k"))?.state).toBe("unknown");
  }
});

test("a row without a time of sending counts from its last change", async () => {
  const journal = memoryJournal();
  await journal.begin(entry("k", { state: "unknown", updatedAt: ago(0) }));
  expect(await errorOf(settleSubmit(journal, "k", "lost"))).toMatchObject({ issues: [{ path: "outcome" }] });
});

test("an unknown key, a ref of another vendor and a value that is no ref are refused", async () => {
  const journal = await holding("unknown");
  for (const [key, outcome, path] of [
    ["other", "lost", "idempotencyKey"],
    ["other", ref, "idempotencyKey"],
    ["k", { ...ref, vendor: "nobody" }, "outcome.vendor"],
    ["k", { ...ref, id: "" }, "ref.id"],
    ["k", "gone" as "lost", "ref"],
  ] as const)
    expect(await errorOf(settleSubmit(journal, key, outcome))).toMatchObject({
      code: "invalid_request",
      issues: [{ path }],
    });
  expect((await journal.get("k"))?.version).toBe(1);
});

test("a row that moves in between, or a task that another key has, changes nothing and says so", async () => {
  const journal = await holding("unknown");
  const moving: Journal = {
    ...journal,
    get: async (key) => {
      const row = await journal.get(key);
      await journal.update(key, row?.version ?? 0, { owner: "another" });
      return row;
    },
  };
  for (const outcome of ["lost", ref] as const)
    expect(await errorOf(settleSubmit(moving, "k", outcome))).toMatchObject({
      code: "journal",
      idempotencyKey: "k",
      billed: "unknown",
    });
  expect((await journal.get("k"))?.state).toBe("unknown");

  await journal.begin(entry("other", { state: "accepted", ref }));
  expect(await errorOf(settleSubmit(journal, "k", ref))).toMatchObject({ code: "journal" });
  expect((await journal.get("k"))?.ref).toBeUndefined();
});

test("a ref that went through JSON loses what is not its own", async () => {
  const journal = await holding("unknown");
  await settleSubmit(journal, "k", { ...ref, submittedAt: ago(0), state: "failed", junk: 1 } as never);
  expect(Object.keys((await journal.get("k"))?.ref ?? {}).toSorted()).toEqual(["id", "model", "submittedAt", "vendor"]);
});

test("a key settled as lost may be sent again once; one settled with its task never", async () => {
  for (const [outcome, posts] of [
    ["lost", 2],
    [{ ...ref, id: "t9" }, 1],
  ] as const) {
    const journal = memoryJournal();
    const stubbed = acmeClient([reset, outcome === "lost" ? accepted : running, running], { journal });
    expect(await errorOf(stubbed.client.submit(request, { idempotencyKey: "k" }))).toMatchObject({
      code: "submit_unknown",
    });
    await settleSubmit(journal, "k", outcome, { force: true });
    const task = await stubbed.client.submit(request, { idempotencyKey: "k" });
    expect(task.id).toBe(outcome === "lost" ? "t1" : "t9");
    expect(stubbed.posts()).toBe(posts);
    await stubbed.client.submit(request, { idempotencyKey: "k" });
    expect(stubbed.posts()).toBe(posts);
    if (outcome === "lost")
      expect(await journal.get("k")).toMatchObject({ attempt: 2, previousAttempts: [{ state: "lost", attempt: 1 }] });
  }
});

test("a refused key that turns out to have a task is settled with it, and is not sent again", async () => {
  const journal = memoryJournal();
  const { client, posts } = acmeClient([answer(400, {}), running], { journal });
  await errorOf(client.submit(request, { idempotencyKey: "k" }));
  await settleSubmit(journal, "k", ref);
  expect((await client.submit(request, { idempotencyKey: "k" })).id).toBe("t1");
  expect(posts()).toBe(1);
});
