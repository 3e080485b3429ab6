import { expect, onTestFinished, test, vi } from "vitest";
import { memoryJournal, settleSubmit, type Journal, type JournalState } from "../index.ts";
import { accepted, acmeClient, ref, request, running } from "../test/acme.ts";
import { TWO_WRITES } from "../test/around-sending.ts";
import { handClock } from "../test/hand-clock.ts";
import { until } from "../test/turns.ts";
import { entry } from "../testing/journal-suite.ts";
import { answer, reset, type Step } from "../testing/stub-fetch.ts";
import { errorOf } from "../testing/vendor-suite.ts";

const HOUR = 3_600_000;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

const stateIn = async (journal: Journal) => (await journal.get("k"))?.state;

/** A journal with one row under `k`. */
async function journalWithRow(
  state: JournalState,
  more: Partial<Parameters<Journal["begin"]>[0]> = {},
): Promise<Journal> {
  const journal = memoryJournal();
  await journal.begin(entry("k", { state, sentAt: ago(2 * HOUR), updatedAt: ago(2 * HOUR), ...more }));
  return journal;
}

const states: readonly { state: JournalState; lost: boolean; found: boolean }[] = [
  { state: "begun", lost: true, found: false },
  { state: "sending", lost: true, found: true },
  { state: "unknown", lost: true, found: true },
  { state: "refused", lost: false, found: true },
  { state: "lost", lost: false, found: true },
  { state: "accepted", lost: false, found: false },
  { state: "succeeded", lost: false, found: false },
  { state: "failed", lost: false, found: false },
];
const settlements = states.flatMap(({ state, lost, found }) => [
  { state, outcome: "lost" as const, isAllowed: lost, becomes: "lost", row: {} },
  { state, outcome: ref, isAllowed: found, becomes: "accepted", row: { ref } },
]);

test.each(settlements.filter(({ isAllowed }) => isAllowed))(
  "a row that is $state becomes $becomes by hand",
  async ({ state, outcome, becomes, row }) => {
    const journal = await journalWithRow(state);
    await settleSubmit(journal, "k", outcome, { force: true });
    expect(await journal.get("k")).toMatchObject({ state: becomes, ...row });
  },
);

test.each(settlements.filter(({ isAllowed }) => !isAllowed))(
  "a row that is $state never becomes $becomes by hand",
  async ({ state, outcome }) => {
    const journal = await journalWithRow(state);
    expect(await errorOf(settleSubmit(journal, "k", outcome, { force: true }))).toMatchObject({
      code: "invalid_request",
      idempotencyKey: "k",
      billed: "unknown",
      issues: [{ path: "idempotencyKey", message: expect.stringContaining(state) }],
    });
    expect(await journal.get("k")).toMatchObject({ state, version: 1 });
  },
);

test.each(["begun", "sending"] as const)("a row that is %s is lost by force only, however old it is", async (state) => {
  const journal = await journalWithRow(state);
  expect(await errorOf(settleSubmit(journal, "k", "lost"))).toMatchObject({
    code: "invalid_request",
    issues: [{ path: "idempotencyKey", message: expect.stringContaining(state) }],
  });
  expect(await journal.get("k")).toMatchObject({ state, version: 1 });
});

test("a process that wakes after its submit was given up by force sends nothing", async () => {
  const journal = memoryJournal();
  let wake: (() => void) | undefined;
  const frozen: Journal = {
    ...journal,
    async update(key, version, patch) {
      if (patch.state === "sending") await new Promise<void>((resolve) => (wake = resolve));
      return journal.update(key, version, patch);
    },
  };
  const asleep = acmeClient([running], { journal: frozen, ...TWO_WRITES });
  const submitting = asleep.client.submit(request, { idempotencyKey: "k" });
  await until(() => wake !== undefined);
  await settleSubmit(journal, "k", "lost", { force: true });
  const { client } = acmeClient([accepted], { journal });
  await client.submit(request, { idempotencyKey: "k" });
  wake?.();
  expect(await submitting).toMatchObject({ id: "t1" });
  expect(asleep.posts()).toBe(0);
});

test("a young unknown row is not lost yet, and the error says when it is", async () => {
  const sentAt = ago(HOUR - 10_000);
  const journal = await journalWithRow("unknown", { sentAt });
  const error = await errorOf(settleSubmit(journal, "k", "lost"));
  const until = new Date(Date.parse(sentAt) + HOUR).toISOString();
  expect(error).toMatchObject({ issues: [{ path: "outcome", rule: expect.stringContaining(until) }] });
  expect(await stateIn(journal)).toBe("unknown");
  vi.useFakeTimers({ now: Date.parse(sentAt) + HOUR, toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  await settleSubmit(journal, "k", "lost");
  expect(await stateIn(journal)).toBe("lost");
});

test("force settles a young unknown row as lost", async () => {
  const journal = await journalWithRow("unknown", { sentAt: ago(0) });
  await settleSubmit(journal, "k", "lost", { force: true });
  expect(await stateIn(journal)).toBe("lost");
});

const MINUTE = 60_000;
test.each([
  { times: { maxTaskMs: 20 * MINUTE, callbackWindowMs: 10 * MINUTE }, minutes: 60 },
  { times: { maxTaskMs: 60 * MINUTE, callbackWindowMs: 120 * MINUTE }, minutes: 180 },
  { times: {}, minutes: 80 },
])(
  "with a client of $times, an unknown row is lost after $minutes minutes of its clock",
  async ({ times, minutes }) => {
    const clock = handClock();
    const { client } = acmeClient([], { clock }, times);
    const journal = await journalWithRow("unknown", { sentAt: new Date(clock.now()).toISOString() });
    const settle = () => settleSubmit(journal, "k", "lost", { client });
    for (let passed = 0; passed < minutes; passed += 10) {
      expect(await errorOf(settle()), `${passed}`).toMatchObject({
        code: "invalid_request",
        issues: [{ path: "outcome" }],
      });
      await clock.advance(10 * MINUTE);
    }
    await settle();
    expect(await stateIn(journal)).toBe("lost");
  },
);

test("a client of another vendor is refused", async () => {
  const journal = await journalWithRow("unknown", { vendor: "other" });
  const { client } = acmeClient([]);
  expect(await errorOf(settleSubmit(journal, "k", "lost", { client }))).toMatchObject({
    code: "invalid_request",
    issues: [{ path: "client", rule: "a client of other, whose submit this is" }],
  });
});

test.each<{ fails: string; change: Partial<Journal> }>([
  { fails: "cannot be read", change: { get: () => Promise.reject(new Error("Bearer s3cret is refused")) } },
  {
    fails: "throws when it is read",
    change: {
      get: () => {
        throw new TypeError("down");
      },
    },
  },
  { fails: "cannot be written", change: { update: () => Promise.reject(new Error("disk full")) } },
])("a journal that $fails is a JournalError that settled nothing and shows no secret", async ({ change }) => {
  const journal = await journalWithRow("unknown");
  const error = await errorOf(settleSubmit({ ...journal, ...change }, "k", ref));
  expect(error).toMatchObject({
    name: "JournalError",
    code: "journal",
    idempotencyKey: "k",
    billed: "unknown",
    retryable: true,
  });
  expect(String(error)).toContain("settle k again");
  expect(JSON.stringify(error) + String((error as Error).cause)).not.toContain("s3cret");
  expect(await stateIn(journal)).toBe("unknown");
});

test("a row without a time of sending counts from its last change", async () => {
  const journal = memoryJournal();
  await journal.begin(entry("k", { state: "unknown", updatedAt: ago(0) }));
  expect(await errorOf(settleSubmit(journal, "k", "lost"))).toMatchObject({ issues: [{ path: "outcome" }] });
});

test.each([
  { what: "an unknown key, as lost", key: "other", outcome: "lost" as const, path: "idempotencyKey" },
  { what: "an unknown key, with a task", key: "other", outcome: ref, path: "idempotencyKey" },
  { what: "a ref of another vendor", key: "k", outcome: { ...ref, vendor: "unheard-of" }, path: "outcome.vendor" },
  { what: "a ref without an id", key: "k", outcome: { ...ref, id: "" }, path: "outcome.id" },
  { what: "a value that is no ref", key: "k", outcome: "gone" as "lost", path: "outcome" },
])("$what is refused, and $path named", async ({ key, outcome, path }) => {
  const journal = await journalWithRow("unknown");
  expect(await errorOf(settleSubmit(journal, key, outcome))).toMatchObject({
    code: "invalid_request",
    issues: [{ path }],
  });
  expect((await journal.get("k"))?.version).toBe(1);
});

test.each(["lost" as const, ref])(
  "a row that moves in between is not settled as %o, and it says so",
  async (outcome) => {
    const journal = await journalWithRow("unknown");
    const moving: Journal = {
      ...journal,
      get: async (key) => {
        const row = await journal.get(key);
        await journal.update(key, row?.version ?? 0, { owner: "another" });
        return row;
      },
    };
    expect(await errorOf(settleSubmit(moving, "k", outcome))).toMatchObject({
      code: "journal",
      idempotencyKey: "k",
      billed: "unknown",
    });
    expect(await stateIn(journal)).toBe("unknown");
  },
);

test("a task that another key has is not given to this one", async () => {
  const journal = await journalWithRow("unknown");
  await journal.begin(entry("other", { state: "accepted", ref }));
  expect(await errorOf(settleSubmit(journal, "k", ref))).toMatchObject({ code: "journal" });
  expect((await journal.get("k"))?.ref).toBeUndefined();
});

test("a ref that went through JSON loses what is not its own", async () => {
  const journal = await journalWithRow("unknown");
  await settleSubmit(journal, "k", { ...ref, submittedAt: ago(0), state: "failed", junk: 1 } as never);
  expect(Object.keys((await journal.get("k"))?.ref ?? {}).toSorted()).toEqual(["id", "model", "submittedAt", "vendor"]);
});

/** A client after a submit under `k` that is unknown, and is settled then. */
async function afterSettling(outcome: "lost" | typeof ref, steps: Step[]) {
  const journal = memoryJournal();
  const stubbed = acmeClient([reset, ...steps], { journal });
  expect(await errorOf(stubbed.client.submit(request, { idempotencyKey: "k" }))).toMatchObject({
    code: "submit_unknown",
  });
  await settleSubmit(journal, "k", outcome, { force: true });
  return { ...stubbed, journal, again: () => stubbed.client.submit(request, { idempotencyKey: "k" }) };
}

test("a key settled as lost may be sent again once", async () => {
  const { again, posts, journal } = await afterSettling("lost", [accepted, running]);
  expect((await again()).id).toBe("t1");
  expect(posts()).toBe(2);
  await again();
  expect(posts()).toBe(2);
  expect(await journal.get("k")).toMatchObject({ attempt: 2, previousAttempts: [{ state: "lost", attempt: 1 }] });
});

test("a key settled with its task is never sent again", async () => {
  const { again, posts } = await afterSettling({ ...ref, id: "t9" }, [running]);
  expect((await again()).id).toBe("t9");
  await again();
  expect(posts()).toBe(1);
});

test("a refused key that turns out to have a task is settled with it, and is not sent again", async () => {
  const journal = memoryJournal();
  const { client, posts } = acmeClient([answer(400, {}), running], { journal });
  await errorOf(client.submit(request, { idempotencyKey: "k" }));
  await settleSubmit(journal, "k", ref);
  expect((await client.submit(request, { idempotencyKey: "k" })).id).toBe("t1");
  expect(posts()).toBe(1);
});
